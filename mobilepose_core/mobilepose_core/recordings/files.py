"""The files of a recording in their order, and which are missing."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from mobilepose_core.errors import DataError
from mobilepose_core.recordings import metadata
from mobilepose_core.recordings.storage import (
    MCAP,
    METADATA,
    SQLITE,
    in_order,
    missing_parts,
    parts_of,
    recordings_among,
    stem,
    storage_files,
)


class RecordedFiles(NamedTuple):
    """The files of a recording.

    Attributes:
        paths: in their order.
        notes: what is unusual about them, without a loss.
        losses: what is missing.
    """

    paths: list[Path]
    notes: list[str]
    losses: list[str]


def files_of(path: Path) -> RecordedFiles:
    """The files of a recording.

    Args:
        path: a folder, a file, or several files of a folder, `walk_*.mcap`.

    Raises:
        DataError: there are none.
    """
    if path.is_file():
        return RecordedFiles([path], [], [])
    if parts := parts_of(path):
        return _without_names(parts, path.parent)
    if not path.is_dir():
        raise DataError(f"{path}: no such recording")
    files = storage_files(path)
    if not files:
        raise DataError(
            f"{path}: not a rosbag2; expected a folder with {MCAP} or {SQLITE} files, or such a "
            "file"
        )
    if not (path / METADATA).is_file():
        return _without_names(files, path)
    try:
        return _named(files, metadata.names_of(path))
    except DataError as error:
        found = _without_names(files, path)
        return found._replace(notes=[str(error), *found.notes])


def _named(files: list[Path], names: list[str]) -> RecordedFiles:
    """Those that metadata.yaml lists, and then all others."""
    there = {path.name for path in files}
    order = {name: place for place, name in enumerate(names)}
    return RecordedFiles(
        sorted(files, key=lambda path: (order.get(path.name, len(order)), in_order(path))),
        [f"{p.name} is not listed in {METADATA}: read too" for p in files if p.name not in order],
        [f"{name} is missing" for name in names if name not in there],
    )


def _without_names(files: list[Path], folder: Path) -> RecordedFiles:
    """Those that are there; the numbers of parts tell which are missing between them."""
    notes, losses = [], []
    if not (folder / METADATA).is_file():
        notes.append(f"no {METADATA}: the recording was not ended properly")
    if len(files) > 1 and len(recordings_among(files)) == 1:
        losses = [f"{name} is missing" for name in missing_parts(files)]
        if not stem(files[0]).endswith("_0"):
            notes.append(f"begins with {files[0].name}: earlier parts are missing")
    return RecordedFiles(files, notes, losses)

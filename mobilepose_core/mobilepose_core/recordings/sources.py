"""The recordings in folders, and where their results go."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from mobilepose_core.errors import DataError
from mobilepose_core.recordings.storage import (
    METADATA,
    parts_of,
    recordings_among,
    storage,
    storage_files,
    title,
)


def recordings_in(path: Path, outside: Path) -> list[Path]:
    """The recordings at a path, in the order of their names.

    Args:
        path: a rosbag2, one of its files, `walk_*.mcap` for all of them, or a folder of recordings
            at any depth.
        outside: a folder that is not searched, that of the results.

    Raises:
        DataError: there is none.
    """
    if path.is_file() or parts_of(path):
        return [path]
    if not path.is_dir():
        raise DataError(f"{path}: no such recording; expected a rosbag2, or a folder of them")
    found = list(_found(path.resolve(), outside.resolve()))
    if not found:
        raise DataError(
            f"{path}: no recordings; expected folders with {METADATA}, .mcap or .db3 files"
        )
    return found


def _found(folder: Path, outside: Path) -> Iterator[Path]:
    if folder == outside or folder.name.startswith("."):
        return
    yield from recordings_of(folder)
    for inner in sorted(path for path in folder.iterdir() if path.is_dir()):
        yield from _found(inner, outside)


def recordings_of(folder: Path) -> list[Path]:
    """The recordings whose files lie in a folder: the folder, or those that its files are."""
    files = storage_files(folder)
    if files and (folder / METADATA).is_file():
        return [folder]
    found = recordings_among(files)
    return [folder] if len(found) == 1 else found


def targets(sources: Sequence[Path], out: Path) -> list[Path]:
    """A folder of its own for the result of each recording: of its name, if no two are equal.

    Where they are, results are in folders like those of the recordings; of two files that differ
    in their suffixes alone, each result has it in its name: `walk_mcap`, `walk_db3`.

    Raises:
        DataError: a recording is given twice, or its result would replace it, or two results would
            be at one place.
    """
    whole = [source.resolve() for source in sources]
    twice = [path for path, count in Counter(whole).items() if count > 1]
    if twice:
        raise DataError(f"{twice[0]}: given twice")
    names = [Path(title(path)) for path in whole]
    if len(set(names)) < len(names):
        common = Path(os.path.commonpath([path.parent for path in whole]))
        relative = [path.relative_to(common) for path in whole]
        names = [r.with_name(n.name) for r, n in zip(relative, names, strict=True)]
        counts = Counter(names)
        names = [
            name.with_name(f"{name.name}_{storage(path)[1:]}")
            if counts[name] > 1 and not path.is_dir()
            else name
            for path, name in zip(whole, names, strict=True)
        ]
    found = [out / name for name in names]
    for source, target in zip(whole, found, strict=True):
        if target.resolve() == source or source in target.resolve().parents:
            raise DataError(f"{target}: is where the recording is; give another folder")
    _check_apart(whole, found)
    return found


def _check_apart(sources: Sequence[Path], targets: Sequence[Path]) -> None:
    """Raises DataError where a result would be another one, or in it."""
    places: dict[Path, Path] = {}
    for source, target in zip(sources, targets, strict=True):
        if target in places:
            raise DataError(
                f"{target}: the result of {places[target]} and {source}; run them apart"
            )
        places[target] = source
    for target, source in places.items():
        around = next((parent for parent in target.parents if parent in places), None)
        if around is not None:
            raise DataError(
                f"{target}: the result of {source} would be in that of {places[around]}; "
                "run them apart"
            )

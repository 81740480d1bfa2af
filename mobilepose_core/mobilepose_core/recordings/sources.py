"""The recordings in folders, and where their results go."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from mobilepose_core.errors import DataError
from mobilepose_core.recordings.storage import METADATA, storage_files

_PART = re.compile(r"_\d+$")


def recordings_in(path: Path, outside: Path) -> list[Path]:
    """The recordings at a path, in the order of their names.

    Args:
        path: a rosbag2, one of its files, or a folder of recordings at any depth.
        outside: a folder that is not searched, that of the results.

    Raises:
        DataError: there is none.
    """
    if path.is_file():
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
    files = storage_files(folder)
    stems = {_PART.sub("", path.name.partition(".")[0]) for path in files}
    if files and ((folder / METADATA).is_file() or len(stems) == 1):
        yield folder
    else:
        yield from files
    for inner in sorted(path for path in folder.iterdir() if path.is_dir()):
        yield from _found(inner, outside)


def targets(sources: Sequence[Path], out: Path) -> list[Path]:
    """A folder of its own for the result of each recording: of its name, if no two are equal.

    Raises:
        DataError: a recording is given twice, or its result would replace it.
    """
    whole = [source.resolve() for source in sources]
    twice = [path for path, count in Counter(whole).items() if count > 1]
    if twice:
        raise DataError(f"{twice[0]}: given twice")
    names = [Path(path.name.partition(".")[0] if path.is_file() else path.name) for path in whole]
    if len(set(names)) < len(names):
        common = Path(os.path.commonpath([path.parent for path in whole]))
        relative = [path.relative_to(common) for path in whole]
        names = [r.with_name(n.name) for r, n in zip(relative, names, strict=True)]
    found = [out / name for name in names]
    for source, target in zip(whole, found, strict=True):
        if target.resolve() == source or source in target.resolve().parents:
            raise DataError(f"{target}: is where the recording is; give another folder")
    return found

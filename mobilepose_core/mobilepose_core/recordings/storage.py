"""The files that a rosbag2 consists of, by their names; imports no reader."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

METADATA = "metadata.yaml"
MCAP, SQLITE = ".mcap", ".db3"
PACKED = ".zstd"

_PART = re.compile(r"(.*)_(0|[1-9]\d*)")
"""Name and number of a part, as rosbag2 writes them: from 0 on, without leading zeros."""

_ALL_PARTS = "_*"
"""Stands for the numbers in the name of a recording's files, `walk_*.mcap`."""


def is_recording(path: Path) -> bool:
    """Whether a path is a rosbag2 or one of its files; of a path that is not there, by its name."""
    if path.is_dir():
        return (path / METADATA).exists() or bool(storage_files(path))
    return _is_storage(path)


def storage_files(folder: Path) -> list[Path]:
    """The files of a rosbag2 in a folder, by their names."""
    return sorted(
        (path for path in folder.iterdir() if _is_storage(path) and path.is_file()),
        key=in_order,
    )


def in_order(path: Path) -> list[tuple[int, str]]:
    """Sorts `bag_10` behind `bag_9`."""
    parts = re.split(r"(\d+)", path.name)
    return [(int(part), "") if part.isdigit() else (0, part) for part in parts]


def stem(path: Path) -> str:
    """A storage file's name without `.mcap`, `.db3` and `.zstd`; dots within it stay."""
    return Path(path.name.removesuffix(PACKED)).stem


def storage(path: Path) -> str:
    """`.mcap` or `.db3`, whether compressed as a whole or not."""
    return Path(path.name.removesuffix(PACKED)).suffix


def title(path: Path) -> str:
    """The name of a recording: that of its folder, or of its files without number and suffix."""
    return path.name if path.is_dir() else stem(path).removesuffix(_ALL_PARTS)


def recordings_among(files: Sequence[Path]) -> list[Path]:
    """The recordings that files without metadata are: single files, and `walk_*.mcap` for parts.

    Parts have one name and storage, and numbers from 0 on; of a recording that has the name of its
    folder the first ones may be missing.

    Args:
        files: of one folder, in order.
    """
    groups: dict[tuple[str, str], list[Path]] = {}
    for path in files:
        part = _PART.fullmatch(stem(path))
        key = (part[1], storage(path)) if part else (path.name, "")
        groups.setdefault(key, []).append(path)
    found = []
    for (name, suffix), paths in groups.items():
        numbers = _numbers(paths)
        begins = numbers[:1] == [0] or name == paths[0].parent.name
        if len(numbers) > 1 and begins and len(set(numbers)) == len(numbers):
            found.append(paths[0].with_name(f"{name}{_ALL_PARTS}{suffix}"))
        else:
            found += paths
    return found


def parts_of(path: Path) -> list[Path]:
    """The files that `walk_*.mcap` stands for; none if that is no such name."""
    name = stem(path).removesuffix(_ALL_PARTS)
    if name == stem(path) or not path.parent.is_dir():
        return []
    return [
        file
        for file in storage_files(path.parent)
        if storage(file) == storage(path)
        and (part := _PART.fullmatch(stem(file)))
        and part[1] == name
    ]


def missing_parts(files: Sequence[Path]) -> list[str]:
    """The names of the parts that are missing between others.

    Args:
        files: the parts of one recording, in order.
    """
    name, suffix = stem(files[0]).rpartition("_")[0], storage(files[0])
    missing = []
    for number, following in pairwise(_numbers(files)):
        first, last = (f"{name}_{n}{suffix}" for n in (number + 1, following - 1))
        if following - number > 1:
            missing.append(first if first == last else f"{first} to {last}")
    return missing


def _numbers(files: Sequence[Path]) -> list[int]:
    """Of parts, in ascending order; none of other files."""
    return sorted(int(part[2]) for path in files if (part := _PART.fullmatch(stem(path))))


def _is_storage(path: Path) -> bool:
    return storage(path) in {MCAP, SQLITE}

"""The files that a rosbag2 consists of, by their names; imports no reader."""

from __future__ import annotations

import re
from pathlib import Path

METADATA = "metadata.yaml"
MCAP, SQLITE = ".mcap", ".db3"
PACKED = ".zstd"


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


def _is_storage(path: Path) -> bool:
    return storage(path) in {MCAP, SQLITE}

"""What a process holds: memory, threads, descriptors and shared memory."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from benchmarks.measure.node_process import Process

SHARED_MEMORY = Path("/dev/shm")

_LOCKED = "_el"
_SEGMENT = re.compile(rf"fast(rtps|dds)_[0-9a-f]{{16}}{_LOCKED}")  # of Fast DDS 2 and 3
_LOCK = re.compile(r"FLOCK +ADVISORY +WRITE +(\d+) +[0-9a-f]+:[0-9a-f]+:(\d+)")
_MAPPED = re.compile(rf" {SHARED_MEMORY}/(\S+)")


class Resources(NamedTuple):
    """What a process holds.

    Attributes:
        memory: resident, MB.
        threads: number.
        descriptors: number of open files and sockets.
        segments: number of files in shared memory that are mapped, its own and those of others.
    """

    memory: float
    threads: int
    descriptors: int
    segments: int

    @classmethod
    def of(cls, process: Process) -> Resources:
        """What a running process holds now."""
        return cls(
            round(process.memory(), 1),
            process.threads(),
            process.descriptors(),
            len(mapped(process.pid)),
        )


def mapped(pid: int) -> set[str]:
    """Names of the files in shared memory that a process has mapped."""
    return set(_MAPPED.findall(Path(f"/proc/{pid}/maps").read_text()))


def owned(pid: int) -> set[str]:
    """Names of Fast DDS's segments that a process has made: it holds the lock of each."""
    locks = {
        int(inode)
        for owner, inode in _LOCK.findall(Path("/proc/locks").read_text())
        if int(owner) == pid
    }
    return {
        path.name.removesuffix(_LOCKED)
        for path in SHARED_MEMORY.glob(f"fast*{_LOCKED}")
        if _SEGMENT.fullmatch(path.name) and _inode(path) in locks
    }


def exist(names: set[str]) -> set[str]:
    """Those of files in shared memory that are still there."""
    return {name for name in names if (SHARED_MEMORY / name).exists()}


def remove(names: set[str]) -> None:
    """Removes segments that killed processes have made, as `fastdds shm clean` does."""
    for name in names:
        for suffix in ("", _LOCKED):
            (SHARED_MEMORY / f"{name}{suffix}").unlink(missing_ok=True)


def _inode(path: Path) -> int:
    try:
        return path.stat().st_ino
    except FileNotFoundError:  # its process has just ended
        return -1

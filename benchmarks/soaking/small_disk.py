"""A small disk for a process and its children, which fills up without harm to the machine.

It is a tmpfs in a mount namespace of the process, for which no rights are needed where the kernel
allows user namespaces.
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

SIZE = 1 << 20
"""Of the disk, bytes."""

FILLER = "filler"

_BLOCK = bytes(4096)


class SmallDisk:
    """Gives processes a small disk at a folder.

    Attributes:
        folder: where they find it; elsewhere it is an empty folder.
    """

    def __init__(self, folder: Path, size: int = SIZE) -> None:
        """Takes an existing folder, and the size in bytes."""
        self.folder = folder
        self._size = size

    def command(self, command: Sequence[str]) -> list[str]:
        """The command that runs a command with the disk; its process has one PID."""
        mount = f'mount -t tmpfs -o size={self._size} tmpfs "$0" && exec "$@"'
        unshare = ["unshare", "--user", "--map-root-user", "--mount"]
        return [*unshare, "sh", "-c", mount, str(self.folder), *command]

    def seen_by(self, pid: int) -> Path:
        """The folder as a process with the disk sees it."""
        return Path(f"/proc/{pid}/root") / self.folder.relative_to("/")


def fill(folder: Path) -> int:
    """Writes a file until nothing more fits on a disk; returns the bytes.

    Raises:
        RuntimeError: it is no small disk.
    """
    if shutil.disk_usage(folder).total > 64 * SIZE:
        raise RuntimeError(f"{folder} is on a disk of {shutil.disk_usage(folder).total} bytes")
    with (folder / FILLER).open("wb", buffering=0) as file:
        for block in (_BLOCK, b"\0"):
            try:
                while file.write(block):
                    pass
            except OSError:
                continue
        return file.tell()


def empty(folder: Path) -> None:
    """Removes that file."""
    (folder / FILLER).unlink()


@functools.cache
def is_available() -> bool:
    """Whether this machine lets processes have a small disk."""
    if shutil.which("unshare") is None:
        return False
    with tempfile.TemporaryDirectory() as folder:
        command = SmallDisk(Path(folder).resolve()).command(["true"])
        return subprocess.run(command, capture_output=True, env=os.environ).returncode == 0

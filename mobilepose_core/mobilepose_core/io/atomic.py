"""Files written whole or not at all: under a temporary name, checked, then renamed.

A full disk, a crash or an interruption leaves what was there before, and never a part of a file
under its final name.
"""

from __future__ import annotations

import errno
import itertools
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

from mobilepose_core.errors import MobilePoseError
from mobilepose_core.io import json_text

Check: TypeAlias = Callable[[Path], str | None]
"""Looks at a written file; returns what is wrong with it, or None."""


class WriteError(MobilePoseError):
    """A file could not be written whole; what was there before is as it was."""


class TargetError(MobilePoseError):
    """A name that this cannot be written to, on any disk: of another format, or taken."""


class Replacement:
    """A new file under a temporary name, beside the one that it will replace.

    Devices and pipes, such as `/dev/stdout`, cannot be replaced: they are written to directly.

    Attributes:
        path: the final name.
        is_direct: whether it is a device or a pipe.
        temporary: the name to write to, with the same ending.
    """

    def __init__(self, path: Path) -> None:
        """Chooses the temporary name; nothing is written yet.

        Raises:
            WriteError: the path is a folder, or its folder is missing.
        """
        self.path = path
        self.is_direct = path.exists() and not path.is_file() and not path.is_dir()
        if self.is_direct:
            self._final = self.temporary = path  # a pipe behind a link in /proc has no other name
            return
        final = Path(os.path.realpath(path))  # a link stays, and its target is replaced
        if final.is_dir():
            raise WriteError(f"{path} cannot be written: it is a folder; give the name of a file")
        if not final.parent.is_dir():
            raise WriteError(f"{path} cannot be written: there is no folder {path.parent}")
        self._final = final
        name = f".{final.stem[:_NAME_LENGTH]}.{os.getpid()}-{next(_NUMBERS)}.part{final.suffix}"
        self.temporary = final.with_name(name)

    def commit(self, check: Check | None = None) -> None:
        """Checks the written file and gives it its final name.

        Args:
            check: looks at the file under its temporary name, for instance reads it back.

        Raises:
            WriteError: the file is missing, empty, cannot reach the disk, or fails the check. It is
                removed.
        """
        if self.is_direct:
            return
        try:
            if not self.temporary.is_file():
                raise WriteError(f"{self.path} was not written: no file came{self._space()}")
            self._flush()
            if wrong := self._fault(check):
                raise WriteError(f"{self.path} was not written whole: {wrong}{self._space()}")
            os.replace(self.temporary, self._final)
        except OSError as error:
            raise self.error(error) from error
        finally:
            self.discard()

    def discard(self) -> None:
        """Removes what was written under the temporary name, if anything was."""
        if not self.is_direct:
            self.temporary.unlink(missing_ok=True)

    def error(self, error: OSError) -> WriteError:
        """What a failed write is reported as: the final name, the reason, and what to do."""
        remedy = _REMEDIES.get(error.errno or 0, "")
        space = self._space(always=True) if error.errno in _FULL else ""
        return WriteError(
            f"{self.path} cannot be written: {error.strerror or error}{space}{remedy}"
        )

    def _flush(self) -> None:
        """Waits until the file is on the disk: some file systems say only then that it is full."""
        with self.temporary.open("rb") as file:
            os.fsync(file.fileno())

    def _fault(self, check: Check | None) -> str | None:
        if not self.temporary.stat().st_size:
            return "it is empty"
        return check(self.temporary) if check else None

    def _space(self, always: bool = False) -> str:
        """How much room is left, where it is asked for or there is next to none."""
        try:
            free = _free_bytes(self._final.parent)
        except OSError:
            return ""
        return f" ({free / 1e6:.1f} MB are free there)" if always or free < _LITTLE else ""


@contextmanager
def replacing(path: Path, check: Check | None = None) -> Iterator[Path]:
    """A temporary name to write to; the file gets its final name at the end of the block.

    Args:
        path: the final name. A file that is there stays as it is unless the block succeeds.
        check: looks at the written file; returns what is wrong with it, or None.

    Raises:
        WriteError: the file cannot be written, or is missing, empty or wrong.
    """
    replacement = Replacement(path)
    try:
        yield replacement.temporary
    except OSError as error:
        replacement.discard()
        raise replacement.error(error) from error
    except BaseException:
        replacement.discard()
        raise
    replacement.commit(check)


def write_bytes(path: Path, content: bytes) -> None:
    """Writes a file whole or not at all, and compares what is on the disk.

    Raises:
        WriteError: see `replacing`.
    """

    def compare(written: Path) -> str | None:
        size = written.stat().st_size
        if size != len(content):
            return f"{size} of {len(content)} bytes are there"
        return None if written.read_bytes() == content else "it reads back differently"

    with replacing(path, compare) as temporary:
        temporary.write_bytes(content)


def write_text(path: Path, text: str) -> None:
    """Writes text as UTF-8, whole or not at all.

    Raises:
        WriteError: see `replacing`.
    """
    write_bytes(path, text.encode("utf-8"))


def write_json(path: Path, value: Any, indent: int | None = 2) -> None:
    """Writes a value as JSON, whole or not at all; NaN and infinity as null.

    Raises:
        WriteError: see `replacing`.
    """
    write_text(path, json_text.of(value, indent) + "\n")


_NUMBERS = itertools.count()
_NAME_LENGTH = 40
"""How much of a name its temporary name repeats: file systems end names at 255 bytes."""

_LITTLE = 1_000_000
"""Free bytes below which a disk is as good as full."""

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})

_REMEDIES = {
    errno.ENOSPC: "; free some space, or write to another disk",
    errno.EDQUOT: "; free some of this user's space, or write to another disk",
    errno.EFBIG: "; raise the limit (`ulimit -f`), or write to another disk",
    errno.EACCES: "; is its folder writable for this user?",
    errno.EPERM: "; is its folder writable for this user?",
    errno.EROFS: "; write to another disk",
    errno.ENAMETOOLONG: "; give it a shorter name",
}


def _free_bytes(folder: Path) -> int:
    status = os.statvfs(folder)
    return status.f_bavail * status.f_frsize

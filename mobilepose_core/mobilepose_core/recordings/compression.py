"""Zstandard and LZ4, of damaged data too: as much as can be read."""

from __future__ import annotations

import functools
import os
import sys
import tempfile
from collections.abc import Iterator
from typing import BinaryIO

import lz4.frame
from rosbags.rosbag2 import ReaderError, storage_mcap

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"

MAX_SIZE = 2**30
"""Chunks and messages that are larger once they are unpacked are not read, bytes."""

MAX_RATIO = 1000
"""Files above `MAX_SIZE` that unpack to more than this many times their size are not read on."""

_BLOCK, _UNPACKED = 2**16, 2**20
"""Most that is read at a time, and most that it is unpacked to at a time, bytes."""

FAILURES = (zstd.ZstdError, RuntimeError, EOFError, ValueError)
"""What the libraries raise for damaged data."""


def unpacked(data: bytes, compression: str, most: int | None = None) -> tuple[bytes, bool]:
    """The contents of compressed data, and whether that is all of them.

    Args:
        data: perhaps damaged or cut off.
        compression: `zstd`, `lz4`, or empty for none.
        most: bytes of larger contents are not unpacked; `MAX_SIZE` by default.

    Raises:
        ValueError: another compression.
    """
    if not compression:
        return data, True
    if compression not in ("zstd", "lz4"):
        raise ValueError(f"compression {compression!r} is not known; known: zstd, lz4")
    most = MAX_SIZE if most is None else min(most, MAX_SIZE)
    parts, size = [], 0
    try:
        for part in _blocks(data, compression):
            size += len(part)
            if size > most:
                return b"", False
            parts.append(part)
    except FAILURES:
        return b"".join(parts), False
    return b"".join(parts), True


def _blocks(data: bytes, compression: str) -> Iterator[bytes]:
    """Raises one of `FAILURES` where the data is damaged or ends too soon."""
    start = 0
    while start < len(data):
        one = zstd.ZstdDecompressor() if compression == "zstd" else lz4.frame.LZ4FrameDecompressor()
        while not one.eof:
            block = data[start : start + _BLOCK] if one.needs_input else b""
            if one.needs_input and not block:
                raise EOFError
            yield one.decompress(block, _UNPACKED)
            start += len(block)
        start -= len(one.unused_data or b"")


def bound_rosbags() -> None:
    """Makes rosbags unpack no more of a chunk than its header declares, nor above `MAX_SIZE`.

    It would unpack all that there is, and compare the sizes then.
    """
    for name in ("zstd", "lz4"):
        storage_mcap.DECOMPRESSORS[name] = functools.partial(_chunk, name)


def _chunk(compression: str, data: bytes, size: int) -> bytes:
    if size > MAX_SIZE:
        raise ReaderError(f"a chunk of {size} bytes is too large; at most {MAX_SIZE}")
    chunk, is_whole = unpacked(data, compression, size)
    if not is_whole:
        raise ReaderError(f"a chunk is damaged, or larger than the {size} bytes that it declares")
    return chunk


def message_of(data: bytes) -> bytes:
    """A message, which rosbag2 may have compressed by itself; CDR never begins like that.

    Raises:
        ValueError: it is damaged or too large.
    """
    if data[:4] != ZSTD_MAGIC:
        return data
    message, is_whole = unpacked(data, "zstd")
    if not is_whole:
        raise ValueError("a compressed message is damaged, or too large")
    return message


def copy_unpacked(source: BinaryIO, target: BinaryIO) -> str:
    """Writes the contents of a compressed file, as far as they go.

    Args:
        source: a file.
        target: a file; a tenth of its disk is left free.

    Returns:
        Why they are not whole; empty if they are.
    """
    most = max(MAX_SIZE, MAX_RATIO * os.fstat(source.fileno()).st_size)
    disk = os.fstatvfs(target.fileno())
    room = (disk.f_bavail - disk.f_blocks // 10) * disk.f_frsize
    size = 0
    try:
        with zstd.ZstdFile(source) as file:
            while block := file.read(_UNPACKED):
                size += len(block)
                if size > most:
                    return f"unpacks to more than {most / 1e9:.1f} GB, {MAX_RATIO} times its size"
                if size > room:
                    return f"does not fit into {tempfile.gettempdir()} when unpacked; set TMPDIR"
                try:
                    target.write(block)
                    target.flush()
                except OSError as error:
                    return f"cannot be unpacked to {tempfile.gettempdir()} ({error}); set TMPDIR"
    except FAILURES:
        return "is cut off or damaged"
    return ""

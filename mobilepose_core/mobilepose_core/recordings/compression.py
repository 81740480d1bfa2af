"""Zstandard and LZ4, of damaged data too: as much as can be read."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import BinaryIO

import lz4.frame

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"

MAX_SIZE = 2**30
"""Chunks and messages that are larger once they are unpacked are not read, bytes."""

_BLOCK = 2**16

FAILURES = (zstd.ZstdError, RuntimeError, EOFError, ValueError)
"""What the libraries raise for damaged data."""


def unpacked(data: bytes, compression: str) -> tuple[bytes, bool]:
    """The contents of compressed data, and whether that is all of them.

    Args:
        data: perhaps damaged or cut off.
        compression: `zstd`, `lz4`, or empty for none.

    Raises:
        ValueError: another compression.
    """
    if not compression:
        return data, True
    if compression not in ("zstd", "lz4"):
        raise ValueError(f"compression {compression!r} is not known; known: zstd, lz4")
    parts, size = [], 0
    try:
        for part in _blocks(data, compression):
            parts.append(part)
            size += len(part)
            if size > MAX_SIZE:
                return b"", False
    except FAILURES:
        return b"".join(parts), False
    return b"".join(parts), True


def _blocks(data: bytes, compression: str) -> Iterator[bytes]:
    """Raises one of `FAILURES` where the data is damaged or ends too soon."""
    start = 0
    while start < len(data):
        one = zstd.ZstdDecompressor() if compression == "zstd" else lz4.frame.LZ4FrameDecompressor()
        while start < len(data) and not one.eof:
            block = data[start : start + _BLOCK]
            yield one.decompress(block)
            start += len(block)
        if not one.eof:
            raise EOFError
        start -= len(one.unused_data or b"")


def message_of(data: bytes) -> bytes:
    """A message, which rosbag2 may have compressed by itself; CDR never begins like that.

    Raises:
        ValueError: it is damaged.
    """
    if data[:4] != ZSTD_MAGIC:
        return data
    message, is_whole = unpacked(data, "zstd")
    if not is_whole:
        raise ValueError("a compressed message is damaged")
    return message


def copy_unpacked(source: BinaryIO, target: BinaryIO) -> bool:
    """Writes the contents of a compressed file; returns whether it was whole."""
    try:
        with zstd.ZstdFile(source) as file:
            while block := file.read(2**20):
                target.write(block)
    except FAILURES:
        return False
    return True

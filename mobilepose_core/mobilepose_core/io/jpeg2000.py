"""JPEG 2000: size and end of its codestream (ISO/IEC 15444-1, annexes A and I)."""

from __future__ import annotations

import struct

import numpy as np

from mobilepose_core.typing import ImageArray

FILE_START = b"\0\0\0\x0cjP  "
CODESTREAM_START = b"\xff\x4f\xff\x51"
"""The markers SOC and SIZ."""

_END = b"\xff\xd9"
_BOX, _LONG_BOX = 8, 16
"""Bytes of a box before its content; long ones have their length in 8 bytes more."""


def size(content: ImageArray) -> tuple[int, int] | None:
    """Width and height by the codestream, which decoders follow, not by the file's header.

    Args:
        content: (N,) uint8, a file's bytes.

    Returns:
        None without the start of a codestream.
    """
    found = _codestream(content)
    head = b"" if found is None else found[0][:24].tobytes()
    if len(head) < 24 or not head.startswith(CODESTREAM_START):
        return None
    right, bottom, left, top = struct.unpack(">4I", head[8:24])
    return (right - left, bottom - top) if right > left and bottom > top else None


def is_complete(content: ImageArray) -> bool:
    """Whether the codestream is there up to its end; decoders leave grey what is missing.

    Args:
        content: (N,) uint8, a file's bytes.
    """
    found = _codestream(content)
    if found is None:
        return False
    codestream, is_whole = found
    return is_whole and codestream.tobytes().rstrip(b"\0").endswith(_END)


def _codestream(content: ImageArray) -> tuple[ImageArray, bool] | None:
    """The first codestream, and whether the file reaches its announced end."""
    if content[:4].tobytes() == CODESTREAM_START:
        return content, True
    start = 0
    while start + _BOX <= len(content):
        length, kind = struct.unpack(">I4s", content[start : start + _BOX].tobytes())
        header = _BOX
        if length == 1:
            length, header = _long_length(content, start), _LONG_BOX
        end = start + length if length else len(content)
        if kind == b"jp2c":
            return content[start + header : end], end <= len(content)
        if end < start + header:
            return None
        start = end
    return None


def _long_length(content: ImageArray, start: int) -> int:
    return int.from_bytes(np.asarray(content[start + _BOX : start + _LONG_BOX]).tobytes(), "big")

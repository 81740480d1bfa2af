"""Photographs from files, or from the bytes of one: whole or not at all."""

from __future__ import annotations

import struct
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]

SUFFIXES = frozenset({".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"})
"""What the names of photographs end with, in lower case."""

_JPEG_START, _JPEG_END = b"\xff\xd8\xff", b"\xff\xd9"
_PNG_START = b"\x89PNG\r\n\x1a\n"
_TAIL = 1024
"""Some cameras write padding behind the end of a JPEG."""

_JPEG_SIZES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Markers of the segments that tell a JPEG's size, one for each way of coding."""

_JPEG_SEGMENTS = 1000
"""More than any file has before its size: EXIF, profiles and tables."""


def read(path: Path) -> Bytes | None:
    """A photograph, or None where it is missing, no picture, or cut off.

    Returns:
        (H, W, 3) uint8 BGR, turned upright as its EXIF says.
    """
    try:
        content = path.read_bytes()
    except OSError:
        return None
    return decode(np.frombuffer(content, np.uint8))


def decode(content: Bytes, upright: bool = True) -> Bytes | None:
    """The picture in a file's bytes, or None where they are no picture, or cut off.

    OpenCV fills what is missing of a truncated JPEG with grey and says nothing to its caller.

    Args:
        content: (N,) uint8.
        upright: whether to turn it as its EXIF says; the sensor's own pixels lie as they lie.

    Returns:
        (H, W, 3) uint8 BGR; of 16 bits the upper 8, of grey three equal channels.
    """
    is_jpeg = content[:3].tobytes() == _JPEG_START
    if is_jpeg and _JPEG_END not in content[-_TAIL:].tobytes():
        return None
    flags = cv2.IMREAD_COLOR if upright else cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
    try:
        decoded = cv2.imdecode(content, flags) if len(content) else None
    except cv2.error:
        return None
    return None if decoded is None else np.asarray(decoded, np.uint8)


def claimed_size(content: Bytes) -> tuple[int, int] | None:
    """Width and height that a JPEG or PNG claims to have, pixels; None where it is neither.

    Nothing is decoded: a file of a few kilobytes can claim a picture of gigabytes.

    Args:
        content: (N,) uint8.
    """
    head = content[:24].tobytes()
    if head.startswith(_PNG_START) and head[12:16] == b"IHDR" and len(head) == 24:
        width, height = struct.unpack(">II", head[16:])
        return width, height
    return _jpeg_size(content) if head.startswith(_JPEG_START) else None


def _jpeg_size(content: Bytes) -> tuple[int, int] | None:
    place = 2
    for _ in range(_JPEG_SEGMENTS):
        segment = content[place : place + 9].tobytes()
        if len(segment) < 9 or segment[0] != 0xFF:
            return None
        marker, length, _, height, width = struct.unpack(">BHBHH", segment[1:])
        if marker in _JPEG_SIZES:
            return width, height
        place += 1 if marker == 0xFF else 2 + length  # 0xff before a marker is filling
    return None

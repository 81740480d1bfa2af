"""Which way up a photograph is, by the EXIF in it: OpenCV ignores a WebP's, and tells no JPEG's."""

from __future__ import annotations

import struct
from collections.abc import Iterator

import cv2
import numpy as np

from mobilepose_core.typing import ImageArray

UPRIGHT = 1

_ORIENTATION, _SHORT = 0x112, 3
_ENTRY = 12
_HEADER = b"Exif\0\0"
"""Some programs write it before the EXIF of a WebP too, where it has no place."""


def orientation_of_webp(content: bytes) -> int:
    """EXIF's orientation of a WebP, 1 to 8; 1, upright, where it says nothing that makes sense."""
    for name, chunk in _chunks(content):
        if name == b"EXIF":
            return _orientation(chunk.removeprefix(_HEADER))
    return UPRIGHT


def orientation_of_jpeg(content: bytes) -> int:
    """EXIF's orientation of a JPEG, 1 to 8; 1 where it says nothing that makes sense.

    Args:
        content: the file's bytes, or as many of the first as hold the EXIF.
    """
    place = 2
    while content[place : place + 1] == b"\xff" and len(content) >= place + 4:
        marker, length = struct.unpack(">BH", content[place + 1 : place + 4])
        if marker == 0xFF:  # filling before a marker
            place += 1
            continue
        segment = content[place + 4 : place + 2 + length]
        if marker == 0xE1 and segment.startswith(_HEADER):
            return _orientation(segment.removeprefix(_HEADER))
        if marker == 0xDA:
            break
        place += 2 + length
    return UPRIGHT


def turned_upright(image: ImageArray, orientation: int) -> ImageArray:
    """An image as it was seen, from its pixels as they are stored.

    Args:
        image: (H, W, 3) uint8.
        orientation: EXIF's, 1 to 8; any other is taken for 1.
    """
    operation = _OPERATIONS.get(orientation)
    return image if operation is None else np.ascontiguousarray(operation(image), np.uint8)


_OPERATIONS = {
    2: lambda image: cv2.flip(image, 1),
    3: lambda image: cv2.rotate(image, cv2.ROTATE_180),
    4: lambda image: cv2.flip(image, 0),
    5: lambda image: cv2.transpose(image),
    6: lambda image: cv2.rotate(image, cv2.ROTATE_90_CLOCKWISE),
    7: lambda image: cv2.flip(cv2.transpose(image), -1),
    8: lambda image: cv2.rotate(image, cv2.ROTATE_90_COUNTERCLOCKWISE),
}


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Names and contents of the parts of a RIFF file, as far as they are whole."""
    place = 12
    while place + 8 <= len(content):
        name, size = struct.unpack_from("<4sI", content, place)
        yield name, content[place + 8 : place + 8 + size]
        place += 8 + size + size % 2


def _orientation(exif: bytes) -> int:
    """By the first directory of EXIF's TIFF."""
    order = {b"II": "<", b"MM": ">"}.get(exif[:2])
    if order is None:
        return UPRIGHT
    try:
        (start,) = struct.unpack_from(order + "I", exif, 4)
        (count,) = struct.unpack_from(order + "H", exif, start)
        for place in range(start + 2, start + 2 + count * _ENTRY, _ENTRY):
            tag, kind, _, value = struct.unpack_from(order + "HHIH", exif, place)
            if tag == _ORIENTATION and kind == _SHORT:
                return int(value) if value in range(1, 9) else UPRIGHT
    except struct.error:  # it ends before that
        return UPRIGHT
    return UPRIGHT

"""Which way up a photograph is, by the EXIF in it, for the formats whose EXIF OpenCV ignores."""

from __future__ import annotations

import struct
from collections.abc import Iterator

import cv2
import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]

UPRIGHT = 1

_ORIENTATION = 0x112
_ENTRY = 12
_HEADER = b"Exif\0\0"
"""Some programs write it before the EXIF of a WebP too, where it has no place."""


def orientation_of_webp(content: bytes) -> int:
    """EXIF's orientation of a WebP, 1 to 8; 1, upright, where it says nothing that makes sense."""
    for name, chunk in _chunks(content):
        if name == b"EXIF":
            return _orientation(chunk.removeprefix(_HEADER))
    return UPRIGHT


def turned_upright(image: Bytes, orientation: int) -> Bytes:
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
    order = {b"II": "<", b"MM": ">"}.get(exif[:2])
    if order is None or len(exif) < 8:
        return UPRIGHT
    (start,) = struct.unpack_from(order + "I", exif, 4)
    if start + 2 > len(exif):
        return UPRIGHT
    (count,) = struct.unpack_from(order + "H", exif, start)
    for place in range(start + 2, start + 2 + count * _ENTRY, _ENTRY):
        if place + _ENTRY > len(exif):
            break
        tag, _, _, value = struct.unpack_from(order + "HHIH", exif, place)
        if tag == _ORIENTATION:
            return int(value)
    return UPRIGHT

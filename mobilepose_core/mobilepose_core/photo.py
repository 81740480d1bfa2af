"""Photographs from files, or from the bytes of one: whole or not at all."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from mobilepose_core import image_format, jpeg
from mobilepose_core.bit_depth import BitDepth

Bytes = npt.NDArray[np.uint8]

SUFFIXES = frozenset({".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"})
"""What the names of photographs end with, in lower case."""

claimed_size = image_format.claimed_size


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

    OpenCV fills what is missing of a truncated JPEG with grey and says nothing to its caller. What
    lies behind the end of a picture, as cameras and telephones leave it there, is ignored.

    Args:
        content: (N,) uint8.
        upright: whether to turn it as its EXIF says; the sensor's own pixels lie as they lie.

    Returns:
        (H, W, 3) uint8 BGR; of more bits the upper 8 of those that it uses, of grey three
        equal channels.
    """
    if image_format.identify(content) == image_format.JPEG and not jpeg.is_complete(content):
        return None
    flags = cv2.IMREAD_COLOR | cv2.IMREAD_ANYDEPTH
    if not upright:
        flags |= cv2.IMREAD_IGNORE_ORIENTATION
    try:
        decoded = cv2.imdecode(content, flags) if len(content) else None
        return None if decoded is None else BitDepth().to_8_bits(decoded)
    except (cv2.error, ValueError):
        return None

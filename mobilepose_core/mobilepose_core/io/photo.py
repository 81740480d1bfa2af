"""Photographs from files, or from the bytes of one: whole or not at all."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from mobilepose_core.errors import DataError, FrameError
from mobilepose_core.io import exif, image_format, phone_photos, photo_faults
from mobilepose_core.io.bit_depth import BitDepth
from mobilepose_core.io.pixel_limit import DEFAULT_LIMIT, PixelLimit
from mobilepose_core.typing import ImageArray

SUFFIXES = phone_photos.SUFFIXES | {
    ".bmp",
    ".jfif",
    ".jp2",
    ".jpe",
    ".jpeg",
    ".jpg",
    ".pgm",
    ".png",
    ".ppm",
    ".tif",
    ".tiff",
    ".webp",
}
"""What the names of photographs end with, in lower case."""

claimed_size = image_format.claimed_size


def read(path: Path) -> ImageArray | None:
    """A photograph, or None where it is missing, no picture, or cut off.

    Returns:
        (H, W, 3) uint8 BGR, turned upright as its EXIF says.
    """
    try:
        return load(path)
    except DataError:
        return None


def load(path: Path, limit: PixelLimit = DEFAULT_LIMIT) -> ImageArray:
    """A photograph.

    Args:
        path: of the file.
        limit: larger ones are not decoded.

    Returns:
        (H, W, 3) uint8 BGR, turned upright as its EXIF says.

    Raises:
        DataError: it is missing, forbidden, too large, of an unknown format, or cut off; says
            which, and what to do.
    """
    content = photo_faults.read_bytes(path)
    if phone_photos.format_of(content):
        try:
            return phone_photos.decode(content, limit)
        except DataError as error:
            raise DataError(f"{path}: {error}") from error
    values = np.frombuffer(content, np.uint8)
    picture = decode(values, limit=limit)
    if picture is None:
        raise DataError(f"{path}: {photo_faults.fault_of(content, claimed_size(values), limit)}")
    return picture


def decode(
    content: ImageArray, upright: bool = True, limit: PixelLimit = DEFAULT_LIMIT
) -> ImageArray | None:
    """The picture in a file's bytes, or None if they are not a picture, cut off, or too large.

    Formats that do not tell their size before they are decoded are no pictures here. OpenCV fills
    what is missing of a truncated JPEG with grey and says nothing to its caller. What
    lies behind the end of a picture, as cameras and telephones leave it there, is ignored.

    Args:
        content: (N,) uint8.
        upright: whether to turn it as its EXIF says; the sensor's own pixels lie as they lie.
        limit: larger pictures are not decoded.

    Returns:
        (H, W, 3) uint8 BGR; of more bits the upper 8 of those that it uses, of grey three
        equal channels.
    """
    kind = image_format.identify(content)
    size, complete = claimed_size(content), image_format.complete(content)
    if complete is None or size is None or not limit.allows(*size):
        return None
    flags = cv2.IMREAD_COLOR | cv2.IMREAD_ANYDEPTH
    if not upright or kind == image_format.WEBP:  # some versions of OpenCV turn it, most do not
        flags |= cv2.IMREAD_IGNORE_ORIENTATION
    try:
        decoded = cv2.imdecode(complete, flags) if len(complete) else None
        picture = None if decoded is None else BitDepth().to_8_bits(decoded)
    except (cv2.error, FrameError):
        return None
    if picture is not None and upright and kind == image_format.WEBP:
        return exif.turned_upright(picture, exif.orientation_of_webp(content.tobytes()))
    return picture

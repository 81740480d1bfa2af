"""Images as JPEG, reduced to a size that the format has and the reader wants."""

from __future__ import annotations

import cv2

from mobilepose_core.errors import FrameError
from mobilepose_core.typing import ImageArray

LARGEST_SIDE = 65_500
"""Longest side of a JPEG that libjpeg writes, pixels."""

QUALITY = 95
"""OpenCV's own."""


def scale_of(image: ImageArray, max_side: int = LARGEST_SIDE) -> float:
    """Size of the JPEG relative to that of the image (H, W, 3), at most 1."""
    return float(min(1.0, min(max_side, LARGEST_SIDE) / max(image.shape[:2])))


def encoded(image: ImageArray, quality: int = QUALITY, max_side: int = LARGEST_SIDE) -> bytes:
    """An image as JPEG.

    Args:
        image: (H, W, 3) uint8 BGR.
        quality: from 1 to 100.
        max_side: longest side, pixels; a larger image is reduced, as is one that exceeds
            `LARGEST_SIDE`.

    Raises:
        FrameError: OpenCV cannot encode it.
    """
    height, width = image.shape[:2]
    scale = scale_of(image, max_side)
    if scale < 1:
        size = max(1, round(width * scale)), max(1, round(height * scale))
        image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
    is_encoded, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not is_encoded:
        raise FrameError(
            f"an image of {width}x{height} pixels and type {image.dtype} cannot be encoded as "
            "JPEG; expected 8-bit BGR, and memory for it"
        )
    return data.tobytes()

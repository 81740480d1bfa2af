"""Scaling between an image and another of the same aspect: a calibration's, depth, or boxes."""

from __future__ import annotations

import numpy as np

from mobilepose_core.typing import Float64Array, FloatArray

Size = tuple[int, int]
"""Width and height of an image, pixels."""


def scale_between(size: Size, image_size: Size, name: str) -> Float64Array:
    """Scale factors from something of a given size to an image of the same aspect.

    Args:
        size: of `name`.
        image_size: of the image.
        name: what has that size, for the error message.

    Returns:
        (2,) factors in x and y. They differ by the rounding to whole pixels.

    Raises:
        ValueError: a size is zero, or the aspects differ.
    """
    (width, height), (image_width, image_height) = size, image_size
    has_pixels = min(*size, *image_size) > 0
    if not has_pixels or abs(image_width * height - image_height * width) > max(size):
        raise ValueError(
            f"{name} is for {width}x{height} pixels, but the image has {image_width}x"
            f"{image_height}: expected the same size, or another of the same aspect"
        )
    return np.array([image_width / width, image_height / height])


def scaled(points: FloatArray, scale: Float64Array) -> Float64Array:
    """Points (..., 2) px of an image, in the image scaled by (2,).

    (0, 0) is the centre of the top-left pixel; the image's corner at (-0.5, -0.5) stays fixed.
    """
    return (np.asarray(points, np.float64) + 0.5) * scale - 0.5

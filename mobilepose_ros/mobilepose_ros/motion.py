"""A known motion that turns a photograph into a video: shift, rotation and scale per frame."""

from __future__ import annotations

import cv2
import numpy as np

from mobilepose_core.typing import Float64Array, ImageArray

PERIOD = 120
"""Frames after which the motion repeats."""

SHIFT = 0.06
"""Largest shift at amplitude 1, relative to the picture's width and height."""

ROTATION = np.deg2rad(8.0)
"""Largest rotation at amplitude 1, radians."""

SCALE = 0.08
"""Largest change of scale at amplitude 1."""


def matrix(index: int, width: int, height: int, amplitude: float) -> Float64Array:
    """The affine transform of one frame; that of frame 0 is the identity.

    Args:
        index: number of the frame, from 0.
        width: of the photograph, pixels.
        height: of the photograph, pixels.
        amplitude: 1 for the values above, 0 for no motion.

    Returns:
        (2, 3), from points of the photograph to points of the frame, both in image pixels.
    """
    phase = 2 * np.pi * index / PERIOD
    shift = amplitude * SHIFT * np.array([width * np.sin(phase), height * np.sin(2 * phase)])
    angle = amplitude * ROTATION * np.sin(2 * phase)
    scale = 1 + amplitude * SCALE * np.sin(phase)
    cos, sin = scale * np.cos(angle), scale * np.sin(angle)
    linear = np.array([[cos, -sin], [sin, cos]])
    centre = np.array([(width - 1) / 2, (height - 1) / 2])
    return np.column_stack([linear, centre + shift - linear @ centre])


def move(photo: ImageArray, index: int, amplitude: float) -> ImageArray:
    """Frame number `index` of the video.

    Args:
        photo: (H, W, 3) uint8.
        index: see `matrix`.
        amplitude: see `matrix`.

    Returns:
        (H, W, 3) uint8; the photograph's border pixels are repeated beyond its edges.
    """
    height, width = photo.shape[:2]
    moved = cv2.warpAffine(
        photo,
        matrix(index, width, height, amplitude),
        (width, height),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(moved, dtype=np.uint8)

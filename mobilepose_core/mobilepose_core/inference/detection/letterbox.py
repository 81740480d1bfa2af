"""Letterboxing: a picture fitted into a network's input, padded with grey."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from mobilepose_core.typing import Float32Array, ImageArray

GREY = 114
"""Grey level of the padding, as YOLO detectors are trained with."""


class InputSize(NamedTuple):
    """Size of a network's input, pixels."""

    height: int
    width: int


class Placement(NamedTuple):
    """Scale and position of a picture in a network's input.

    Attributes:
        scale: input pixels per image pixel, in x and y.
        corner: x, y of the picture's upper left corner; that of the input is (0, 0).
    """

    scale: tuple[float, float]
    corner: tuple[int, int]

    def image_from_input(self, boxes: Float32Array) -> Float32Array:
        """Boxes (N, 4) from input to image pixels; there the first pixel's centre is (0, 0)."""
        return ((boxes - self.corner * 2) / (self.scale * 2) - 0.5).astype(np.float32)


def letterbox(frame: ImageArray, size: InputSize, is_centred: bool) -> tuple[ImageArray, Placement]:
    """A frame scaled to a network's input with its aspect ratio kept, and padded.

    Args:
        frame: (H, W, 3) uint8.
        size: of the input.
        is_centred: whether padding surrounds the frame; else it is at the right and bottom.
    """
    height, width = frame.shape[:2]
    scale = min(size.height / height, size.width / width)
    inner_height, inner_width = max(1, round(height * scale)), max(1, round(width * scale))
    left = (size.width - inner_width) // 2 if is_centred else 0
    top = (size.height - inner_height) // 2 if is_centred else 0
    picture = np.full((*size, 3), GREY, np.uint8)
    picture[top : top + inner_height, left : left + inner_width] = cv2.resize(
        frame, (inner_width, inner_height), interpolation=cv2.INTER_LINEAR
    )
    return picture, Placement((inner_width / width, inner_height / height), (left, top))

"""A picture of any shape in a network's input of another, with grey around it."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from mobilepose_core.typing import Float32Array, ImageArray

GREY = 114
"""Around the picture, as detectors of the YOLO family are trained with."""


class InputSize(NamedTuple):
    """Of a network's input, pixels."""

    height: int
    width: int


class Placement(NamedTuple):
    """Where a picture lies in a network's input.

    Attributes:
        scale: input pixels for a pixel of the image, across and down.
        corner: of the picture, x and y in the input, whose own corner is (0, 0).
    """

    scale: tuple[float, float]
    corner: tuple[int, int]

    def image_from_input(self, boxes: Float32Array) -> Float32Array:
        """Boxes (N, 4) from input pixels to image pixels, where the first's centre is (0, 0)."""
        return ((boxes - self.corner * 2) / (self.scale * 2) - 0.5).astype(np.float32)


def letterbox(frame: ImageArray, size: InputSize, is_centred: bool) -> tuple[ImageArray, Placement]:
    """A frame in a grey picture of a network's size, its shape kept.

    Args:
        frame: (H, W, 3) uint8.
        size: of the picture.
        is_centred: whether it lies in the middle; else at the upper left.
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

"""Upright square crops of a frame, cut at whole pixels, and their points back in the frame.

Coordinate frames as in `crop`. Cutting whole pixels takes half the time of a general affine warp.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np

from mobilepose_core.crop import BORDER, Region
from mobilepose_core.typing import Float32Array, ImageArray


class Windows:
    """The windows of one frame to crop: its regions, rounded to whole pixels."""

    def __init__(self, regions: Sequence[Region], size: int) -> None:
        """Rounds the regions.

        Args:
            regions: at least one, upright, image pixels.
            size: side of the crops, pixels.
        """
        self._size = size
        self._squares = [_square_around(region, size) for region in regions]

    def cut(self, frame: ImageArray) -> ImageArray:
        """The crops, (N, size, size, 3) uint8, grey outside the frame.

        Args:
            frame: (H, W, 3) uint8.
        """
        crops = np.empty((len(self._squares), self._size, self._size, 3), np.uint8)
        for square, shown in zip(self._squares, crops, strict=True):
            _show(frame, square, shown)
        return crops

    def borders(self, width: int, height: int) -> Float32Array:
        """(N, 4) x0, y0, x1, y1, the frame's borders in pixels of each crop."""
        places = [square.borders(width, height, self._size) for square in self._squares]
        return np.array(places, np.float32)

    def to_image(self, points: Float32Array) -> Float32Array:
        """Points (N, P, 2) from pixels of each crop to pixels of the frame; NaN stays NaN."""
        scales = np.array([square.side / self._size for square in self._squares], np.float32)
        middles = np.array(
            [square.first_middle(self._size) for square in self._squares], np.float32
        )
        moved: Float32Array = points * scales[:, None, None] + middles[:, None]
        return moved


class _Square(NamedTuple):
    """Upper left corner and side, image pixels, and how often the window is halved.

    Corner and side are multiples of 2 ** halvings.
    """

    left: int
    top: int
    side: int
    halvings: int

    def borders(self, width: int, height: int, size: int) -> tuple[float, float, float, float]:
        """x0, y0, x1, y1, the borders of a frame of that size in pixels of the crop."""
        scale = size / self.side
        return (
            -self.left * scale - 0.5,
            -self.top * scale - 0.5,
            (width - self.left) * scale - 0.5,
            (height - self.top) * scale - 0.5,
        )

    def first_middle(self, size: int) -> tuple[float, float]:
        """x, y of the centre of the crop's top-left pixel, image pixels."""
        half = self.side / size / 2 - 0.5
        return self.left + half, self.top + half


def _square_around(region: Region, size: int) -> _Square:
    halvings = max(0, int(math.log2(region.side / size)))
    factor = 2**halvings
    side = max(1, round(region.side / factor)) * factor
    left, top = (
        round((middle + 0.5 - side / 2) / factor) * factor for middle in (region.x, region.y)
    )
    return _Square(left, top, side, halvings)


def _show(frame: ImageArray, square: _Square, out: ImageArray) -> None:
    """Writes the crop of one window to `out`.

    The part is halved first: bilinear resizing to less than half the size would skip pixels.
    """
    left, top, side, halvings = square
    height, width = frame.shape[:2]
    x0, x1 = max(left, 0), min(left + side, width)
    y0, y1 = max(top, 0), min(top + side, height)
    if x0 >= x1 or y0 >= y1:
        out[:] = BORDER
        return
    part = frame[y0:y1, x0:x1]
    for _ in range(halvings):
        part = _halved(part)
    across, down, factor = *part.shape[1::-1], 2**halvings
    before_x, before_y = (x0 - left) // factor, (y0 - top) // factor
    after_x, after_y = side // factor - before_x - across, side // factor - before_y - down
    if before_x or before_y or after_x or after_y:
        around = before_y, after_y, before_x, after_x
        part = np.asarray(
            cv2.copyMakeBorder(part, *around, cv2.BORDER_CONSTANT, value=BORDER), np.uint8
        )
    cv2.resize(part, out.shape[1::-1], dst=out, interpolation=cv2.INTER_LINEAR)


def _halved(part: ImageArray) -> ImageArray:
    """Half the size, every 2 x 2 pixels averaged; an odd last row or column is repeated."""
    height, width = part.shape[:2]
    if height % 2 or width % 2:
        filled = cv2.copyMakeBorder(part, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE)
        part = np.asarray(filled, np.uint8)
    half = ((width + 1) // 2, (height + 1) // 2)
    return np.asarray(cv2.resize(part, half, interpolation=cv2.INTER_AREA), np.uint8)

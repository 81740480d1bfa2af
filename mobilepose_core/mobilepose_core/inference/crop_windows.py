"""Upright crops of a frame, cut at whole pixels, and their points back in the frame.

Coordinate frames as in `crop`. Cutting whole pixels takes half the time of a general affine warp.
Crops are squares, or their middles without a margin on either side; points are in pixels of the
squares.
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

    def __init__(self, regions: Sequence[Region], size: int, margin: int = 0) -> None:
        """Rounds the regions.

        Args:
            regions: at least one, upright, image pixels.
            size: side of the squares, pixels of the crops.
            margin: columns that are left out on either side of the squares, likewise.
        """
        self._size, self._margin = size, margin
        self._parts = [_part_around(region, size, margin) for region in regions]

    def cut(self, frame: ImageArray) -> ImageArray:
        """The crops, (N, size, size - 2 * margin, 3) uint8, grey outside the frame.

        Args:
            frame: (H, W, 3) uint8.
        """
        width = self._size - 2 * self._margin
        crops = np.empty((len(self._parts), self._size, width, 3), np.uint8)
        for part, shown in zip(self._parts, crops, strict=True):
            _show(frame, part, shown)
        return crops

    def borders(self, width: int, height: int) -> Float32Array:
        """(N, 4) x0, y0, x1, y1, the frame's borders in pixels of each square."""
        return np.array([self._borders(part, width, height) for part in self._parts], np.float32)

    def to_image(self, points: Float32Array) -> Float32Array:
        """Points (N, P, 2) from pixels of each square to pixels of the frame; NaN stays NaN."""
        width, height = self._size - 2 * self._margin, self._size
        steps = [(part.width / width, part.height / height) for part in self._parts]
        middles = [
            (part.left + (x / 2 - 0.5) - self._margin * x, part.top + (y / 2 - 0.5))
            for part, (x, y) in zip(self._parts, steps, strict=True)
        ]
        scales, starts = np.array(steps, np.float32), np.array(middles, np.float32)
        moved: Float32Array = points * scales[:, None] + starts[:, None]
        return moved

    def _borders(self, part: _Part, width: int, height: int) -> tuple[float, float, float, float]:
        across, down = (self._size - 2 * self._margin) / part.width, self._size / part.height
        start = self._margin - 0.5
        return (
            -part.left * across + start,
            -part.top * down - 0.5,
            (width - part.left) * across + start,
            (height - part.top) * down - 0.5,
        )


class _Part(NamedTuple):
    """Upper left corner and size, image pixels, and how often the window is halved.

    Corner and size are multiples of 2 ** halvings.
    """

    left: int
    top: int
    width: int
    height: int
    halvings: int


def _part_around(region: Region, size: int, margin: int) -> _Part:
    halvings = max(0, int(math.log2(region.side / size)))
    factor = 2**halvings
    side = max(1, round(region.side / factor)) * factor
    left, top = (
        round((middle + 0.5 - side / 2) / factor) * factor for middle in (region.x, region.y)
    )
    beside = round(side / factor * margin / size) * factor
    width = max(side - 2 * beside, factor)
    return _Part(left + beside, top, width, side, halvings)


def _show(frame: ImageArray, place: _Part, out: ImageArray) -> None:
    """Writes the crop of one window to `out`.

    The part is halved first: bilinear resizing to less than half the size would skip pixels.
    """
    left, top, wide, high, halvings = place
    height, width = frame.shape[:2]
    x0, x1 = max(left, 0), min(left + wide, width)
    y0, y1 = max(top, 0), min(top + high, height)
    if x0 >= x1 or y0 >= y1:
        out[:] = BORDER
        return
    part = frame[y0:y1, x0:x1]
    for _ in range(halvings):
        part = _halved(part)
    across, down, factor = *part.shape[1::-1], 2**halvings
    before_x, before_y = (x0 - left) // factor, (y0 - top) // factor
    after_x, after_y = wide // factor - before_x - across, high // factor - before_y - down
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

"""What the camera of a long run sees: people who walk through the picture, or none."""

from __future__ import annotations

import cv2
import numpy as np

from benchmarks.picture import astronaut
from mobilepose_core.typing import ImageArray

CROSSING = 6.0
"""Time in which a person walks through the picture, s."""

STARTS = (0.0, 2.0, 5.0)
"""When people enter, s after the start of a cycle."""

CYCLE = 16.0
"""Time after which the scene repeats, s; at its end the picture is empty."""


class DrawnScene:
    """People who come, walk through the picture from left to right, and go."""

    def __init__(self, width: int, height: int) -> None:
        """Takes the size of the pictures, pixels."""
        self._background = _background(width, height)
        side = int(height * 0.9)
        self._person = astronaut(side, side)

    def picture(self, seconds: float) -> ImageArray:
        """(H, W, 3) BGR at a time.

        Args:
            seconds: since the start; negative shows an empty picture.
        """
        picture = self._background.copy()
        height, width = picture.shape[:2]
        side = len(self._person)
        for start in STARTS if seconds >= 0 else ():
            walked = (seconds % CYCLE - start) / CROSSING
            left = round(walked * (width + side)) - side
            first, last = max(0, left), min(width, left + side)
            if first < last:
                person = self._person[:, first - left : last - left]
                picture[height - side :, first:last] = person
        return picture


def _background(width: int, height: int) -> ImageArray:
    """A wall with a soft shadow."""
    shade = np.linspace(90, 170, width, dtype=np.float32)[None].repeat(height, axis=0)
    return np.asarray(cv2.merge([shade, shade * 0.95, shade * 0.9]), np.uint8)

"""The image size at a given stamp: boxes are in pixels of the image that they were detected in."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from mobilepose_core.messages import Size

MAX_CHANGES = 8
"""Number of size changes that are remembered."""


class SizeChange(NamedTuple):
    """A new size, and the stamp of the first image that has it, ns."""

    stamp: int
    size: Size


class ImageSizes:
    """Records the size of every image, in order."""

    def __init__(self) -> None:
        """Starts without an image."""
        self._changes: deque[SizeChange] = deque(maxlen=MAX_CHANGES)

    def put(self, stamp: int, size: Size) -> None:
        """Records the next image: its stamp, ns, and its size."""
        if not self._changes or self._changes[-1].size != size:
            self._changes.append(SizeChange(stamp, size))

    def at(self, stamp: int) -> Size:
        """The size of the image with a stamp, ns; the newest size for older stamps than recorded.

        At least one image must have been recorded.
        """
        for change in reversed(self._changes):
            if change.stamp <= stamp:
                return change.size
        return self._changes[-1].size

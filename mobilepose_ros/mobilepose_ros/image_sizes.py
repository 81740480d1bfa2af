"""Which size the images of a topic had at what time: boxes are in pixels of their own image."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

CHANGES = 8
"""So many changes of the size are remembered."""

Size = tuple[int, int]
"""Width and height of an image, pixels."""


class Change(NamedTuple):
    """The stamp of the first image of a size, ns."""

    stamp: int
    size: Size


class ImageSizes:
    """Told of every image in their order."""

    def __init__(self) -> None:
        """Knows no image yet."""
        self._changes: deque[Change] = deque(maxlen=CHANGES)

    def put(self, stamp: int, size: Size) -> None:
        """The next image: its stamp, ns, and its size."""
        if not self._changes or self._changes[-1].size != size:
            self._changes.append(Change(stamp, size))

    def at(self, stamp: int) -> Size:
        """The size of the image of a stamp, ns; the latest for one from before all that is known.

        One image at least has been told of.
        """
        for change in reversed(self._changes):
            if change.stamp <= stamp:
                return change.size
        return self._changes[-1].size

"""How many pixels a picture may have: a file of a few kilobytes can claim gigabytes."""

from __future__ import annotations

from dataclasses import dataclass

MAX_PIXELS = 2**26
"""Larger pictures are refused by default: 67 million pixels take 200 MB as BGR."""

LONGEST_SIDE = 2**20
"""OpenCV decodes no picture with a longer side."""


@dataclass(frozen=True)
class PixelLimit:
    """The largest picture that is decoded.

    Attributes:
        pixels: that it may have.
        set_by: what the user changes it with, such as `option --max-image-pixels`; empty where
            it cannot be changed.
    """

    pixels: int = MAX_PIXELS
    set_by: str = ""

    def allows(self, width: int, height: int) -> bool:
        """Whether a picture of this size is decoded."""
        return width * height <= self.pixels and max(width, height) <= LONGEST_SIDE

    def fault(self, width: int, height: int) -> str:
        """What is wrong with a file's picture of another size."""
        return f"too large, {width} x {height} pixels; {self}; scale it down"

    def __str__(self) -> str:
        """The limit, in an error: `at most 1000 are allowed (option --max-image-pixels)`."""
        return f"at most {self.pixels} are allowed" + (f" ({self.set_by})" if self.set_by else "")


DEFAULT_LIMIT = PixelLimit()

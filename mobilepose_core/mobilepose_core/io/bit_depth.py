"""Pixels of 16 bits, of which a camera may use fewer: to 8 bits, by what they hold."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mobilepose_core.errors import FrameError
from mobilepose_core.typing import AnyArray, ImageArray

DEPTHS = (8, 10, 12, 14, 16)
"""Bits of sensors."""


class BitDepth:
    """How many bits the images of a camera use: as many as the brightest pixel so far needs.

    Sensors of 10 and 12 bits are common, and drivers leave their values in the lower bits of 16,
    where the upper 8 show next to nothing. The depth never goes down again, so that pictures do
    not flicker with what they show.

    Attributes:
        bits: one of `DEPTHS`; 0 before the first image.
    """

    def __init__(self, report: Callable[[str], None] = lambda _: None) -> None:
        """Knows nothing of the camera yet.

        Args:
            report: called when the depth turns out to be another.
        """
        self.bits = 0
        self._report = report

    def to_8_bits(self, values: AnyArray) -> ImageArray:
        """The upper 8 of the bits that are used.

        Args:
            values: uint16 of any shape and byte order, not empty; uint8 stay as they are.

        Raises:
            FrameError: they are of another type.
        """
        if values.dtype == np.uint8:
            return values
        if values.dtype.kind != "u" or values.dtype.itemsize != 2:
            raise FrameError(f"pixels are of {values.dtype}; expected uint8 or uint16")
        brightest = int(values.max())
        if brightest >> self.bits:
            self.bits = next(bits for bits in DEPTHS if brightest >> bits == 0)
            self._report(
                f"images of 16 bits use the lower {self.bits} of them, of which the upper 8 are "
                "looked at"
            )
        result = np.empty(values.shape, np.uint8)
        np.right_shift(values, max(self.bits - 8, 0), out=result, casting="unsafe")
        return result

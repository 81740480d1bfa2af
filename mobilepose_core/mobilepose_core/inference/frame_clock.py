"""The time of a video: by its frames' stamps, and by their arrival where stamps cannot say it."""

from __future__ import annotations

from collections import Counter
from enum import Enum

TRUSTED_AFTER = 10
"""Stamps that went back count again after so many frames in a row in which they advanced."""

OTHER_CLOCK = 86_400.0
"""A step from which a stamp is of another clock than the one before, s."""


class StampFault(Enum):
    """What is wrong with a frame's stamp."""

    MISSING = "no stamp"
    REPEATED = "the stamp of the frame before"
    BACKWARD = "an earlier stamp than the frame before"


class FrameClock:
    """A time that never goes back, and passes whatever the stamps do.

    Stamps count while they advance. Where they repeat, the time between arrivals passes, and the
    next new stamp adds what is left; whole seconds and stamps that stand still work so. Stamps that
    go back (a recording that starts again, two cameras) count again once they have advanced for
    `TRUSTED_AFTER` frames, and the time between arrivals passes until then.

    Attributes:
        now: s since the first frame.
        faults: how many frames had which fault.
    """

    def __init__(self) -> None:
        self.now = 0.0
        self.faults: Counter[StampFault] = Counter()
        self.restart()

    def restart(self) -> None:
        """No time passes until the next frame, whatever its stamp."""
        self._stamp: float | None = None
        self._arrival: float | None = None
        self._ahead = 0.0
        self._distrust = 0

    def advance(self, stamp: float | None, arrival: float) -> float:
        """The time of the next frame.

        Args:
            stamp: s by the clock that all stamps share; None where the frame has none.
            arrival: when the frame came in, s by a clock that never jumps.
        """
        if self._arrival is not None:
            self.now += self._step(stamp, max(0.0, arrival - self._arrival))
        elif stamp is None:
            self.faults[StampFault.MISSING] += 1
        self._stamp, self._arrival = stamp, arrival
        return self.now

    def _step(self, stamp: float | None, passed: float) -> float:
        """Seconds since the frame before; `passed` between their arrivals."""
        ahead, self._ahead = self._ahead, 0.0
        if stamp is None:
            self.faults[StampFault.MISSING] += 1
            return passed
        if self._stamp is None:
            return passed
        step = stamp - self._stamp
        if step == 0:
            self.faults[StampFault.REPEATED] += 1
            self._ahead = ahead + passed
            return passed
        if step < 0:
            self.faults[StampFault.BACKWARD] += 1
            self._distrust = TRUSTED_AFTER
            return passed
        if self._distrust:
            self._distrust -= 1
            return passed
        return passed if step > OTHER_CLOCK else max(0.0, step - ahead)

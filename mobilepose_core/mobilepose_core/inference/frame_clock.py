"""`FrameClock`: a video's time, made of its frames' timestamps, faulty ones included."""

from __future__ import annotations

from collections import Counter
from enum import Enum

TRUSTED_AFTER = 10
"""Stamps that went back are trusted again after they advanced for so many frames in a row."""

OTHER_CLOCK = 86_400.0
"""Step between two stamps from which they are taken to be of different clocks, s."""


class StampFault(Enum):
    """A fault of a frame's timestamp."""

    MISSING = "no stamp"
    REPEATED = "the stamp of the frame before"
    BACKWARD = "an earlier stamp than the frame before"


class FrameClock:
    """A monotonic video time that survives faulty timestamps.

    The clock follows the stamps while they advance. Where they repeat, it adds the time between
    arrivals, and the next new stamp adds the rest; this covers stamps in whole seconds and stamps
    that stand still. Stamps that go back (a recording that restarts, two cameras) are trusted again
    after they advanced for `TRUSTED_AFTER` frames; until then arrivals count.

    Attributes:
        now: s since the first frame.
        faults: number of frames with each fault.
    """

    def __init__(self) -> None:
        self.now = 0.0
        self.faults: Counter[StampFault] = Counter()
        self.restart()

    def restart(self) -> None:
        """Forgets the last stamp: the next frame adds no time."""
        self._stamp: float | None = None
        self._arrival: float | None = None
        self._ahead = 0.0
        self._distrust = 0

    def advance(self, stamp: float | None, arrival: float) -> float:
        """The video time of the next frame, s.

        Args:
            stamp: s by the clock that all stamps share; None if the frame has none.
            arrival: when the frame arrived, s by a monotonic clock.
        """
        if self._arrival is not None:
            self.now += self._step(stamp, max(0.0, arrival - self._arrival))
        elif stamp is None:
            self.faults[StampFault.MISSING] += 1
        self._stamp, self._arrival = stamp, arrival
        return self.now

    def _step(self, stamp: float | None, passed: float) -> float:
        """Seconds since the last frame, given those that passed between the arrivals."""
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

"""Whether stamps go on from message to message, or one is wrong, or all of them jumped."""

from __future__ import annotations

import time
from collections.abc import Callable
from enum import Enum

from mobilepose_ros.stamps import SECOND, is_ahead

JUMP = 1.0
"""Stamps that go back by more, or ahead by more than time allows, jumped, s."""

FASTEST = 10.0
"""A recording is played so many times as fast as it was made, at most."""


class Step(Enum):
    """How a stamp follows those before it."""

    NEXT = "next"
    """It goes on, or repeats the last one."""
    LATE = "late"
    """It is a little older than the last one."""
    OUTLIER = "outlier"
    """It jumped, and no later one has confirmed it yet."""
    BACK = "back"
    """It and the one before it jumped back: a recording began anew, or a clock was set."""
    AHEAD = "ahead"
    """It and the one before it jumped ahead: a recording was wound on, or a clock was set."""


class StampOrder:
    """Tells a single wrong stamp from stamps that jumped for good.

    A jump counts once a second, later stamp goes on from it. A gap without messages is no jump.

    Attributes:
        last: the newest stamp that was not an outlier, ns; 0 before the first.
        jump: from there to the newest outlier or confirmed jump, s.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Has seen no stamp.

        Args:
            clock: steady, s.
        """
        self._clock = clock
        self._arrived = 0.0
        self._outlier: tuple[int, float] | None = None
        self.last = 0
        self.jump = 0.0

    def take(self, stamp: int, now: int = 0) -> Step:
        """How the stamp of the next message follows.

        Args:
            stamp: ns.
            now: by the clock that stamps, ns: a stamp in the future jumped if the one before was
                not; 0 if unknown.
        """
        arrived = self._clock()
        if not self.last or _goes_on(self.last, self._arrived, stamp, arrived, now):
            self._accept(stamp, arrived)
            return Step.NEXT
        if 0 < self.last - stamp <= JUMP * SECOND:
            self._outlier = None
            return Step.LATE
        self.jump = (stamp - self.last) / SECOND
        before = self._outlier
        if before is not None and stamp == before[0]:
            return Step.OUTLIER
        if before is None or not _goes_on(*before, stamp, arrived, now):
            self._outlier = stamp, arrived
            return Step.OUTLIER
        self._accept(stamp, arrived)
        return Step.BACK if self.jump < 0 else Step.AHEAD

    def _accept(self, stamp: int, arrived: float) -> None:
        self.last, self._arrived, self._outlier = stamp, arrived, None


def _goes_on(last: int, last_arrived: float, stamp: int, arrived: float, now: int) -> bool:
    step = (stamp - last) / SECOND
    leaps_ahead = step > JUMP and is_ahead(stamp, now) and not is_ahead(last, now)
    return not leaps_ahead and 0 <= step <= JUMP + FASTEST * (arrived - last_arrived)

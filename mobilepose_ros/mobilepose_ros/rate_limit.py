"""A limit on a rate that does not beat against the rate of what it limits."""

from __future__ import annotations

import time
from collections.abc import Callable

EARLY = 0.25
"""Share of a period that an event may come early: cameras are not punctual."""

LATE = 1.0
"""Share of a period that the schedule may lag behind: a pause is not made up for."""


class RateLimit:
    """Lets events pass, at most so many per second.

    It keeps a schedule, not a pause after each: what passes late does not put off what follows.
    Of 30 events per second a limit of 20 passes 20, and one of 15 every other.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Takes a clock that never jumps, s."""
        self._clock = clock
        self._due = clock()

    def passes(self, rate: float) -> bool:
        """Whether an event of now passes a limit of `rate` per second; 0 is none."""
        if rate == 0:
            return True
        now, period = self._clock(), 1 / rate
        if now < self._due - EARLY * period:
            # A schedule that was made for a slower rate is shortened at once.
            self._due = min(self._due, now + (1 + EARLY) * period)
            return False
        self._due = max(self._due, now - LATE * period) + period
        return True

"""Limits the rate of events without beating against their own rate."""

from __future__ import annotations

import time
from collections.abc import Callable

EARLY = 0.25
"""Share of a period by which an event may be early: cameras have jitter."""

LATE = 1.0
"""Share of a period by which the schedule may lag: no burst follows a pause."""


class RateLimit:
    """Limits the number of events per second.

    It follows a schedule instead of pausing after each event: a late event does not delay the next.
    Of 30 events per second a limit of 20 passes 20, and one of 15 every other.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Takes a steady clock, s."""
        self._clock = clock
        self._due = clock()

    def passes(self, rate: float) -> bool:
        """Whether an event now passes a limit of `rate` per second; 0 means unlimited."""
        if rate == 0:
            return True
        now, period = self._clock(), 1 / rate
        if now < self._due - EARLY * period:
            # After an increase of the limit the schedule is shortened immediately.
            self._due = min(self._due, now + (1 + EARLY) * period)
            return False
        self._due = max(self._due, now - LATE * period) + period
        return True

"""A clock that stands still while its process does, so that nobody else is blamed for that."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

MOMENT = 0.25
"""What a longer time counts as, in the longest time of a process that is awake: a machine that is
overloaded for good sees time pass, if slowly."""


class AwakeClock:
    """Time during which it was read regularly, s; any thread may read it.

    A process that is suspended, or has no CPU, cannot hear anybody. So time between two readings
    that is longer than `longest` counts as a moment; something has to read it more often.
    """

    def __init__(self, longest: float = 1.0, clock: Callable[[], float] = time.monotonic) -> None:
        """Starts at 0.

        Args:
            longest: between two readings of a process that is awake, s.
            clock: one that never jumps, s.
        """
        self._longest = longest
        self._clock = clock
        self._last = clock()
        self._awake = 0.0
        self._gap = 0.0
        self._lock = threading.Lock()

    def now(self) -> float:
        """Time awake until now, s."""
        with self._lock:
            now = self._clock()
            passed, self._last = now - self._last, now
            if passed > self._longest:
                self._gap = max(self._gap, passed)
                passed = self._longest * MOMENT
            self._awake += passed
            return self._awake

    def gap(self) -> float:
        """The longest time between two readings since this was last asked, s; 0 without any."""
        self.now()
        with self._lock:
            gap, self._gap = self._gap, 0.0
            return gap

"""A steady clock that does not advance while this process is suspended.

A suspended node must not report its inputs as silent.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

SHORT = 0.25
"""What a gap counts as, relative to the longest time between two readings: on an overloaded machine
time passes slowly, but it does pass."""


class AwakeClock:
    """The time during which it was read regularly, s; any thread may read it.

    A process that is suspended, or has no CPU, receives no messages. So a gap between two readings
    that is longer than `longest` counts as a short one. Something has to read the clock more often
    than that.
    """

    def __init__(self, longest: float = 1.0, clock: Callable[[], float] = time.monotonic) -> None:
        """Starts at 0.

        Args:
            longest: time between two readings while the process runs, s.
            clock: steady, s.
        """
        self._longest = longest
        self._clock = clock
        self._last = clock()
        self._awake = 0.0
        self._gap = 0.0
        self._lock = threading.Lock()

    def now(self) -> float:
        """Time awake so far, s."""
        with self._lock:
            now = self._clock()
            passed, self._last = now - self._last, now
            if passed > self._longest:
                self._gap = max(self._gap, passed)
                passed = self._longest * SHORT
            self._awake += passed
            return self._awake

    def take_gap(self) -> float:
        """The longest gap since the last call, s; 0 without any."""
        self.now()
        with self._lock:
            gap, self._gap = self._gap, 0.0
            return gap

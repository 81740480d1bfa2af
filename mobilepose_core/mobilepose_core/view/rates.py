"""How often something happens."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

WINDOW = 3.0
"""Time over which rates and latencies are averaged, s."""


class RateMeter:
    """Events of the last seconds, each with a value; may be used by several threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Takes a steady clock, s."""
        self._clock = clock
        self._begin = clock()
        self._events: deque[tuple[float, float]] = deque()
        self._lock = threading.Lock()

    def add(self, value: float = 0.0) -> None:
        """Records an event now."""
        with self._lock:
            self._events.append((self._clock(), value))
            self._forget()

    @property
    def rate(self) -> float:
        """Events per second."""
        with self._lock:
            self._forget()
            known = min(WINDOW, self._clock() - self._begin)
            return len(self._events) / known if known > 0 else 0.0

    @property
    def mean(self) -> float:
        """Mean of the values; NaN without events."""
        with self._lock:
            self._forget()
            values = [value for _, value in self._events]
        return sum(values) / len(values) if values else float("nan")

    def _forget(self) -> None:
        oldest = self._clock() - WINDOW
        while self._events and self._events[0][0] < oldest:
            self._events.popleft()

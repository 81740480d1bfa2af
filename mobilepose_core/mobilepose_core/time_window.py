"""Events of the last seconds."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

Item = TypeVar("Item")

SECONDS = 10.0
"""Length of a window."""


class TimeWindow(Generic[Item]):
    """Items added during the last seconds; one thread may add while others read."""

    def __init__(
        self, seconds: float = SECONDS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Starts empty.

        Args:
            seconds: length of the window.
            clock: steady, s.
        """
        self._seconds = seconds
        self._clock = clock
        self._start = clock()
        self._items: deque[tuple[float, Item]] = deque()
        self._lock = threading.Lock()

    def add(self, item: Item) -> None:
        """Adds an item with the current time."""
        now = self._clock()
        with self._lock:
            self._items.append((now, item))
            self._drop_old(now)

    def items(self) -> list[Item]:
        """The items in the window, oldest first."""
        with self._lock:
            self._drop_old(self._clock())
            return [item for _, item in self._items]

    def rate(self) -> float:
        """Items per second, over the window or the time since its creation if that is shorter."""
        age = min(self._clock() - self._start, self._seconds)
        return len(self.items()) / age if age > 0 else 0.0

    def _drop_old(self, now: float) -> None:
        while self._items and self._items[0][0] < now - self._seconds:
            self._items.popleft()

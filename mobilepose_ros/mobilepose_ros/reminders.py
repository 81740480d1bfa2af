"""Warnings of what lasts: logged when it begins, and again from time to time."""

from __future__ import annotations

import time
from collections.abc import Callable

from rclpy.impl.rcutils_logger import RcutilsLogger

INTERVAL = 30.0
"""Shortest time between two log lines on the same thing, s."""


class Reminders:
    """Logs each kind of reason now and then."""

    def __init__(self, log: RcutilsLogger, clock: Callable[[], float] = time.monotonic) -> None:
        """Starts with nothing said.

        Args:
            log: of the node.
            clock: a steady one, s.
        """
        self._log = log
        self._clock = clock
        self._last: dict[str, float] = {}

    def warn(self, kind: str, reason: str) -> None:
        """Warns of a reason, unless it is empty or one of its kind was logged lately."""
        now = self._clock()
        if reason and now - self._last.get(kind, -INTERVAL) >= INTERVAL:
            self._last[kind] = now
            self._log.warning(reason)

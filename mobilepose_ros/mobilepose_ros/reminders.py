"""Warnings about lasting problems: logged when they begin, and repeated at intervals."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable

from rclpy.impl.rcutils_logger import RcutilsLogger

LOG_INTERVAL = 5.0
"""Shortest time between two log lines of one kind about single messages, s."""

INTERVAL = 30.0
"""Time after which a lasting problem is logged again, s."""

CHANGE_INTERVAL = 2.0
"""The same if the reason has changed, s."""


class Reminders:
    """Logs a warning of each kind at most once per interval."""

    def __init__(self, log: RcutilsLogger, clock: Callable[[], float] = time.monotonic) -> None:
        """Starts with nothing logged.

        Args:
            log: of the node.
            clock: steady, s.
        """
        self._log = log
        self._clock = clock
        self._last: dict[str, tuple[float, str]] = {}

    def warn(self, kind: str, reason: str) -> None:
        """Logs a reason, unless it is empty or one of the same kind was logged recently.

        Reasons that differ only in numbers, such as a duration, count as the same.
        """
        if not reason:
            return
        now, text = self._clock(), re.sub(r"\d+", "", reason)
        last, last_text = self._last.get(kind, (-math.inf, ""))
        if now - last >= (INTERVAL if text == last_text else CHANGE_INTERVAL):
            self._last[kind] = now, text
            self._log.warning(reason)

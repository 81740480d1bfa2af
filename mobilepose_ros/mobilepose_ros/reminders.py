"""Warnings of what lasts: logged when it begins, and again from time to time."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable

from rclpy.impl.rcutils_logger import RcutilsLogger

INTERVAL = 30.0
"""Shortest time between two log lines on the same thing, s."""

CHANGE_INTERVAL = 2.0
"""The same where the reason is another one now, s."""


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
        self._last: dict[str, tuple[float, str]] = {}

    def warn(self, kind: str, reason: str) -> None:
        """Warns of a reason, unless it is empty or one of its kind was logged lately.

        Reasons that differ in numbers only, such as for how long, are the same.
        """
        if not reason:
            return
        now, text = self._clock(), re.sub(r"\d+", "", reason)
        last, text_before = self._last.get(kind, (-math.inf, ""))
        if now - last >= (INTERVAL if text == text_before else CHANGE_INTERVAL):
            self._last[kind] = now, text
            self._log.warning(reason)

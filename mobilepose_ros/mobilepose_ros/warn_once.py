"""Warnings that are logged once each."""

from __future__ import annotations

from collections.abc import Iterable

from rclpy.impl.rcutils_logger import RcutilsLogger

MAX_TEXTS = 100
"""Most different texts to log: a frame_id that changes with every message would fill the log."""


class WarnOnce:
    """Logs each text once, as a warning."""

    def __init__(self, log: RcutilsLogger) -> None:
        """Starts with nothing logged.

        Args:
            log: of the node.
        """
        self._log = log
        self._logged: set[str] = set()

    def warn(self, texts: Iterable[str]) -> str:
        """Logs those texts that are not empty and were not logged before; returns all, joined."""
        warnings = [text for text in texts if text]
        for text in warnings:
            if text not in self._logged and len(self._logged) < MAX_TEXTS:
                self._logged.add(text)
                self._log.warning(text)
        return "; ".join(warnings)

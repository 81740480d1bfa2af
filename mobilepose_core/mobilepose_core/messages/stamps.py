"""Stamps of headers as numbers."""

from __future__ import annotations

from typing import Any

SECOND = 1_000_000_000


def nanoseconds(stamp: Any) -> int:
    """A builtin_interfaces/Time in ns."""
    return int(stamp.sec) * SECOND + int(stamp.nanosec)

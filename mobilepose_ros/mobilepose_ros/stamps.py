"""Stamps of headers as numbers, and the age of an image by its own."""

from __future__ import annotations

import math

from builtin_interfaces.msg import Time

from mobilepose_core.errors import FrameError

SECOND = 1_000_000_000


def nanoseconds(stamp: Time) -> int:
    """A stamp as ns."""
    return int(stamp.sec) * SECOND + int(stamp.nanosec)


def seconds(stamp: Time) -> float:
    """A stamp as s."""
    return nanoseconds(stamp) / SECOND


def age(stamp: Time, now: int) -> float:
    """Seconds since a stamp; NaN where there is none, or the clock has not started.

    Args:
        stamp: of a header; drivers that have none leave it zero.
        now: by the clock that stamps are of, ns; zero before simulated time has begun.

    Raises:
        FrameError: the stamp is no time.
    """
    if stamp.sec < 0 or stamp.nanosec >= SECOND:
        raise FrameError(
            f"a stamp of {stamp.sec} s and {stamp.nanosec} ns is no time; expected seconds from 0 "
            "and less than 1000000000 ns"
        )
    then = nanoseconds(stamp)
    return (now - then) / SECOND if then and now else math.nan

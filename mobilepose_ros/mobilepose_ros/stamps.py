"""Stamps as numbers, and the age of a message by its stamp."""

from __future__ import annotations

import math

from builtin_interfaces.msg import Time

from mobilepose_core import FrameError
from mobilepose_core.messages import SECOND, nanoseconds

__all__ = ["SECOND", "age", "nanoseconds", "seconds", "stamp_of"]


def seconds(stamp: Time) -> float:
    """A stamp in s."""
    return nanoseconds(stamp) / SECOND


def stamp_of(nanoseconds: int) -> Time:
    """A number of ns from 0 on as a stamp."""
    sec, nanosec = divmod(nanoseconds, SECOND)
    return Time(sec=sec, nanosec=nanosec)


def age(stamp: Time, now: int) -> float:
    """Seconds since a stamp; NaN without a stamp, or before the clock has started.

    Args:
        stamp: of a header; zero if the driver sets none.
        now: current time by the clock of the stamps, ns; zero before simulated time starts.

    Raises:
        FrameError: the stamp is invalid.
    """
    if stamp.sec < 0 or stamp.nanosec >= SECOND:
        raise FrameError(
            f"the stamp {stamp.sec} s, {stamp.nanosec} ns is invalid; expected 0 s or more, and "
            "less than 1000000000 ns"
        )
    then = nanoseconds(stamp)
    return (now - then) / SECOND if then and now else math.nan

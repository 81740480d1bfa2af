"""Stamps as numbers, and the age of a message by its stamp."""

from __future__ import annotations

import math

from builtin_interfaces.msg import Time

from mobilepose_core import FrameError
from mobilepose_core.messages import SECOND, nanoseconds

__all__ = ["AHEAD", "SECOND", "age", "is_ahead", "nanoseconds", "seconds", "stamp_of"]


AHEAD = 0.5
"""Stamps that are ahead of now by more are wrong, s: synchronised clocks differ by milliseconds,
and simulated time comes in steps of some hundredths. TF's listeners take the frame of the latest
stamp for the newest one, so that one in the future would hide all others until then."""


def is_ahead(stamp: int, now: int) -> bool:
    """Whether a stamp is that far ahead, ns; never before the clock has started (0)."""
    return now > 0 and stamp - now > AHEAD * SECOND


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

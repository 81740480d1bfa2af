import math

import pytest
from builtin_interfaces.msg import Time

from mobilepose_ros import stamps

NOW = 1_700_000_000_500_000_000


def test_an_age_is_the_time_since_the_stamp():
    assert stamps.age(Time(sec=1_700_000_000, nanosec=250_000_000), NOW) == pytest.approx(0.25)


def test_a_stamp_ahead_of_the_clock_has_a_negative_age():
    assert stamps.age(Time(sec=1_700_000_001), NOW) == pytest.approx(-0.5)


def test_without_a_stamp_there_is_no_age():
    assert math.isnan(stamps.age(Time(), NOW))


def test_before_simulated_time_begins_there_is_no_age():
    assert math.isnan(stamps.age(Time(sec=7), 0))


@pytest.mark.parametrize("stamp", [Time(sec=-1), Time(sec=1, nanosec=1_000_000_000)])
def test_a_stamp_that_is_no_time_is_refused_with_what_it_was(stamp):
    with pytest.raises(ValueError, match=f"stamp {stamp.sec} s, {stamp.nanosec} ns is invalid"):
        stamps.age(stamp, NOW)

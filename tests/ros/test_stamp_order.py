"""Stamps that go on, single wrong ones, and stamps that jumped for good."""

import pytest

from mobilepose_ros.stamp_order import StampOrder
from mobilepose_ros.stamps import SECOND


def steps(*stamps, apart=0.1, now=0):
    """What becomes of stamps, s, of messages that arrive so far apart."""
    times = (apart * index for index in range(len(stamps)))
    order = StampOrder(lambda: next(times))
    return [order.take(round(stamp * SECOND), now * SECOND).value for stamp in stamps]


@pytest.mark.parametrize("wrong", [95.0, 105.0, 3700.0, 1.0])
def test_a_single_wrong_stamp_is_an_outlier_and_those_after_it_go_on(wrong):
    assert steps(100.0, 100.1, wrong, 100.3, 100.4) == ["next", "next", "outlier", "next", "next"]


@pytest.mark.parametrize(("begins", "way"), [(50.0, "back"), (500.0, "ahead")])
def test_a_jump_counts_once_a_second_stamp_goes_on_from_it(begins, way):
    after = [begins, begins + 0.1, begins + 0.2]

    assert steps(100.0, *after) == ["next", "outlier", way, "next"]


def test_one_wrong_stamp_on_several_topics_is_still_one():
    assert steps(100.0, 95.0, 95.0, 95.0, 100.1) == ["next", *["outlier"] * 3, "next"]


def test_stamps_that_are_all_wrong_confirm_nothing():
    assert steps(100.0, 20.0, 3000.0, 50.0, 7.0) == ["next", *["outlier"] * 4]


def test_two_cameras_on_one_topic_are_not_mixed():
    assert steps(100.0, 20.0, 100.1, 20.1, 100.2) == ["next", "outlier"] * 2 + ["next"]


def test_a_stamp_that_is_a_little_older_is_late():
    assert steps(100.0, 99.5, 100.1) == ["next", "late", "next"]


def test_neither_a_gap_nor_a_recording_that_is_played_fast_is_a_jump():
    assert steps(100.0, 160.0, apart=60.0) == ["next", "next"]
    assert steps(*range(100, 120, 2), apart=0.2) == ["next"] * 10


def test_a_stamp_in_the_future_is_an_outlier_even_after_a_gap():
    assert steps(100.0, 105.0, 101.0, apart=1.0, now=101) == ["next", "outlier", "next"]
    assert steps(100.0, 105.0, 106.0, apart=1.0, now=101) == ["next", "outlier", "ahead"]
    assert steps(100.0, 105.0, 106.0, apart=1.0) == ["next"] * 3


def test_a_clock_that_gains_little_by_little_does_not_jump():
    assert steps(100.0, 100.4, 100.8, 101.2, now=100) == ["next"] * 4

from builtin_interfaces.msg import Time
from sensor_msgs.msg import Image

from mobilepose_ros.recent import RecentMessages


def image(sec, nanosec=0):
    message = Image()
    message.header.stamp = Time(sec=sec, nanosec=nanosec)
    return message


def test_the_message_nearest_in_time_is_found_before_and_after():
    recent = RecentMessages()
    for nanosec in (0, 30_000_000, 60_000_000):
        recent.put(image(5, nanosec))

    assert recent.nearest(Time(sec=5, nanosec=40_000_000), 0.02).header.stamp.nanosec == 30_000_000
    assert recent.nearest(Time(sec=4, nanosec=990_000_000), 0.02).header.stamp.nanosec == 0


def test_what_is_too_far_away_in_time_is_not_found():
    recent = RecentMessages()
    recent.put(image(5))

    assert recent.nearest(Time(sec=5, nanosec=20_000_001), 0.02) is None
    assert recent.nearest(Time(sec=5, nanosec=20_000_000), 0.02) is not None


def test_of_two_with_the_same_stamp_the_later_one_counts():
    recent, second = RecentMessages(), image(5)
    recent.put(image(5))
    recent.put(second)

    assert recent.nearest(Time(sec=5), 0.02) is second


def test_only_the_last_few_are_kept():
    recent = RecentMessages(size=2)
    for sec in (1, 2, 3):
        recent.put(image(sec))

    assert recent.nearest(Time(sec=1), 0.5) is None
    assert recent.nearest(Time(sec=2), 0.5) is not None


def test_there_is_none_before_the_first():
    assert RecentMessages().nearest(Time(sec=1), 100.0) is None


def test_a_clock_that_was_set_back_does_no_harm():
    recent = RecentMessages()
    for sec in (100, 101, 2):
        recent.put(image(sec))

    assert recent.nearest(Time(sec=2), 0.02).header.stamp.sec == 2
    assert recent.nearest(Time(sec=-5), 0.02) is None

from builtin_interfaces.msg import Time
from sensor_msgs.msg import Image

from mobilepose_ros.recent_messages import MOST, OVERHEAD, RecentMessages


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


def test_there_is_no_result_before_the_first():
    assert RecentMessages().nearest(Time(sec=1), 100.0) is None


def test_a_clock_that_was_set_back_does_no_harm():
    recent = RecentMessages()
    for sec in (100, 101, 2):
        recent.put(image(sec))

    assert recent.nearest(Time(sec=2), 0.02).header.stamp.sec == 2
    assert recent.nearest(Time(sec=-5), 0.02) is None


def test_of_two_with_the_same_stamp_the_one_counts_that_came_in_nearest_to_the_image(monkeypatch):
    recent, messages = RecentMessages(), [image(5), image(5), image(5)]
    for arrival, message in zip((10.0, 10.1, 10.2), messages, strict=True):
        monkeypatch.setattr("time.monotonic", lambda now=arrival: now)
        recent.put(message)

    assert recent.nearest(Time(sec=5), 0.02, arrival=10.12) is messages[1]


def test_a_nearer_message_may_come_until_one_of_the_same_stamp_or_a_later_one_is_there():
    recent = RecentMessages()
    assert recent.may_come(Time(sec=5))

    recent.put(image(4, 966_000_000))
    assert recent.may_come(Time(sec=5))

    recent.put(image(4, 999_500_000))  # rounded by a driver
    assert not recent.may_come(Time(sec=5))
    assert not recent.may_come(Time(sec=4, nanosec=980_000_000))


def test_messages_from_before_a_clock_was_set_back_end_no_waiting():
    recent = RecentMessages()
    recent.put(image(100))

    assert recent.may_come(Time(sec=5))


def test_what_is_too_old_for_later_images_is_dropped_but_the_latest():
    recent = RecentMessages(size=10)
    for sec in (1, 2, 3, 4):
        recent.put(image(sec))

    recent.forget_before(Time(sec=4), 1.0)
    assert len(recent) == 2

    recent.forget_before(Time(sec=100), 1.0)
    assert len(recent) == 1


def sized(sec, size):
    """A message that takes so many bytes."""
    message = image(sec)
    message.data.frombytes(bytes(size - OVERHEAD))
    return message


def test_more_are_kept_as_far_as_they_fit_in_the_memory():
    recent = RecentMessages(size=2, memory=7 * OVERHEAD)
    small, large = sized(1, 2 * OVERHEAD), sized(2, 6 * OVERHEAD)

    for _ in range(5):
        recent.put(small)
    assert len(recent) == 3

    recent.put(large)
    assert len(recent) == 2


def test_large_messages_count_though_the_newest_is_small():
    recent = RecentMessages(size=2, memory=7 * OVERHEAD)

    for sec in (1, 2, 3):
        recent.put(sized(sec, 3 * OVERHEAD))
    recent.put(sized(4, OVERHEAD))

    assert len(recent) == 3  # 3 + 3 + 1


def test_messages_without_data_do_not_pile_up():
    recent = RecentMessages(size=2, memory=100 * OVERHEAD)
    for sec in range(101):
        recent.put(image(sec))
    assert len(recent) == 100

    endless = RecentMessages(size=2, memory=10 * MOST * OVERHEAD)
    for sec in range(MOST + 1):
        endless.put(image(sec))
    assert len(endless) == MOST

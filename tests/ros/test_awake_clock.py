import pytest

from mobilepose_ros.awake_clock import AwakeClock


@pytest.fixture
def time():
    """A clock that a test turns."""

    class Time:
        now = 100.0

        def __call__(self):
            return self.now

    return Time()


def test_time_that_is_looked_at_regularly_passes(time):
    clock = AwakeClock(longest=1.0, clock=time)

    for _ in range(20):
        time.now += 0.5
        clock.now()

    assert clock.now() == pytest.approx(10)
    assert clock.take_gap() == 0


def test_a_suspended_process_has_no_time_but_a_moment(time):
    clock = AwakeClock(longest=1.0, clock=time)
    time.now += 0.5
    before = clock.now()

    time.now += 3600

    assert clock.now() == before + 0.25
    time.now += 0.5
    assert clock.now() == before + 0.75


def test_the_longest_gap_is_returned_once(time):
    clock = AwakeClock(longest=1.0, clock=time)
    for gap in (0.5, 12, 7):
        time.now += gap
        clock.now()

    assert clock.take_gap() == 12
    assert clock.take_gap() == 0


def test_a_gap_that_was_not_read_yet_counts(time):
    clock = AwakeClock(longest=1.0, clock=time)
    time.now += 5

    assert clock.take_gap() == 5

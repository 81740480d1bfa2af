import pytest

from mobilepose_core.time_window import TimeWindow


class Clock:
    now = 5.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def window(clock):
    return TimeWindow(10.0, clock)


def test_what_is_older_than_the_window_is_forgotten(window, clock):
    for number in range(30):
        clock.now += 1
        window.add(number)

    assert window.items() == list(range(19, 30))
    clock.now += 10.5
    assert window.items() == []


def test_the_rate_is_that_of_the_window(window, clock):
    for _ in range(300):
        clock.now += 0.1
        window.add(None)

    assert window.rate() == pytest.approx(10, rel=0.02)


def test_the_rate_of_a_young_window_is_over_its_age(window, clock):
    for _ in range(20):
        clock.now += 0.1
        window.add(None)

    assert window.rate() == pytest.approx(10)


def test_a_window_of_no_age_has_no_rate(window):
    window.add(None)

    assert window.rate() == 0

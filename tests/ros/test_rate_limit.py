import random
from itertools import pairwise

import pytest

from mobilepose_ros.rate_limit import RateLimit

SECONDS = 60


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


def passed(camera, limit, jitter=0.0):
    """Times at which images of a camera pass the limit, both in Hz; jitter in s."""
    clock, noise = Clock(), random.Random(1)
    clock.now = -1.0
    rate_limit = RateLimit(clock)
    times = []
    for number in range(round(camera * SECONDS)):
        clock.now = number / camera + noise.uniform(-jitter, jitter)
        if rate_limit.passes(limit):
            times.append(clock.now)
    return times


@pytest.mark.parametrize("jitter", [0.0, 0.001, 0.010])
@pytest.mark.parametrize("limit", [1.0, 5.0, 10.0, 15.0, 20.0, 25.0, 29.0])
@pytest.mark.parametrize("camera", [29.97, 30.0, 60.0])
def test_the_rate_is_the_limit_whatever_the_camera_s_is(camera, limit, jitter):
    assert len(passed(camera, limit, jitter)) / SECONDS == pytest.approx(limit, rel=0.01, abs=0.1)


@pytest.mark.parametrize("jitter", [0.0, 0.010])
@pytest.mark.parametrize("limit", [30.0, 31.0, 1000.0, 0.0])
def test_a_limit_that_the_camera_keeps_drops_nothing(limit, jitter):
    assert len(passed(30.0, limit, jitter)) == 30 * SECONDS


def test_half_of_the_camera_s_rate_is_every_other_image():
    times = passed(30.0, 15.0)

    assert all(later - earlier == pytest.approx(1 / 15) for earlier, later in pairwise(times[2:]))


def test_a_pause_is_not_made_up_for():
    clock = Clock()
    limit = RateLimit(clock)
    assert limit.passes(10.0)
    clock.now += 60

    burst = sum(limit.passes(10.0) for _ in range(100))

    assert burst <= 2


def test_a_higher_limit_holds_at_once():
    clock = Clock()
    limit = RateLimit(clock)
    assert limit.passes(0.01)

    assert not limit.passes(10.0)
    clock.now += 0.11

    assert limit.passes(10.0)

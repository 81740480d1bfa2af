"""What is said of a person in a few words."""

import numpy as np
import pytest

from mobilepose_core.behaviour import Motion
from mobilepose_ros.captions import LEAST_SPEED, clear_speed


def motion(speed, deviation):
    velocity = np.array([speed, 0.0, 0.0])
    return Motion(1.0, np.zeros(3), velocity, np.eye(3), np.diag([deviation**2] * 3), "size")


@pytest.mark.parametrize(
    ("speed", "deviation", "told"),
    [
        (1.0, 0.1, 1.0),
        (1.0, 0.6, None),
        (LEAST_SPEED / 2, 0.0, None),
        (np.nan, 0.1, None),
        (1.0, np.nan, None),
        (1.0, np.inf, None),
    ],
)
def test_a_speed_is_told_where_it_is_clear(speed, deviation, told):
    assert clear_speed(motion(speed, deviation)) == told


def test_nobody_without_a_position_has_a_speed():
    assert clear_speed(None) is None

"""Which way the frames of people lead."""

import numpy as np
import pytest
from geometry_msgs.msg import Vector3
from mobilepose_msgs.msg import PersonArray

from mobilepose_ros.person_axes import axes, up_of

UP = np.array([0.0, -1.0, 0.0])


def test_the_axes_of_a_person_are_forward_left_and_up():
    found = axes(np.array([1.0, 0, 0]), UP)

    assert found.T.tolist() == [[1, 0, 0], [0, 0, 1], [0, -1, 0]]


def test_only_the_horizontal_part_of_a_direction_counts():
    assert axes(np.array([0, -0.3, -2.0]), UP)[:, 0].tolist() == [0, 0, -1]


@pytest.mark.parametrize("facing", [(0, 0, 0), (0, -3, 4), (np.nan,) * 3], ids=str)
@pytest.mark.parametrize("up", [(0, -0.6, 0.8), (0.6, 0, -0.8), (1 / np.sqrt(3),) * 3], ids=str)
def test_the_axes_are_a_rotation_whatever_is_known(facing, up):
    found = axes(np.array(facing, float), np.array(up))

    assert found @ found.T == pytest.approx(np.eye(3))
    assert np.linalg.det(found) == pytest.approx(1)
    assert found[:, 2] == pytest.approx(up)


def test_a_message_that_does_not_tell_up_is_that_of_a_level_camera():
    assert up_of(PersonArray()).tolist() == UP.tolist()
    assert up_of(PersonArray(up=Vector3(x=-1.0))).tolist() == [-1, 0, 0]

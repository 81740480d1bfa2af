import math

import numpy as np
import pytest

from mobilepose_core.evaluation.stick_figure import (
    LYING,
    RAISED,
    SITTING,
    StickFigure,
    optical,
    turned,
    up_of,
    waving,
)
from mobilepose_core.skeleton import COCO_17


def test_a_figure_has_cocos_joints_with_left_on_its_left():
    joints = StickFigure().joints()

    assert set(joints) == set(COCO_17.joints)
    assert all(joints[name][1] > 0 for name in joints if name.startswith("left"))
    assert joints["left_ankle"][2] < joints["left_knee"][2] < joints["left_hip"][2]


def test_limbs_keep_their_lengths_in_all_postures():
    figure = StickFigure(1.8)
    poses = [figure.joints(), figure.joints(SITTING, left=RAISED), figure.joints(LYING, waving(1))]

    for pose in poses:
        assert np.linalg.norm(pose["left_elbow"] - pose["left_shoulder"]) == pytest.approx(0.3168)
        assert np.linalg.norm(pose["right_ankle"] - pose["right_knee"]) == pytest.approx(0.4428)


def test_somebody_who_lies_is_near_the_ground():
    assert max(place[2] for place in StickFigure().joints(LYING).values()) < 0.5


def test_whoever_faces_the_camera_has_their_left_on_the_right_of_the_picture():
    places = optical(turned(StickFigure().joints(), math.pi, 3.0, 0.0), 1.0)

    assert places["left_shoulder"][0] > places["right_shoulder"][0]
    assert places["nose"][2] < 3.0
    assert places["nose"][1] < 0  # above the camera


def test_a_camera_that_looks_down_sees_the_floor_higher_in_the_picture():
    floor = {"left_ankle": np.array([3.0, 0.0, 0.0])}

    level, down = (optical(floor, 1.0, pitch)["left_ankle"] for pitch in (0.0, 0.3))

    assert down[1] / down[2] < level[1] / level[2]
    assert down @ up_of(0.3) == pytest.approx(-1.0)  # a metre below the camera

import numpy as np
import pytest

from mobilepose_core import pose as appearance
from mobilepose_core import skeleton
from mobilepose_core.pose import Pose

RED, BLUE, SHIRT = (20, 20, 200), (200, 20, 20), (60, 120, 90)


def _standing(x, lean=0.0):
    """A person whose torso is 40 by 80 pixels, from x, 100 on."""
    joints = np.full((skeleton.JOINT_COUNT, 2), (x, 100), np.float32)
    for name, place in {
        "right_shoulder": (x, 100),
        "left_shoulder": (x + 40, 100),
        "right_hip": (x + lean, 180),
        "left_hip": (x + 40 + lean, 180),
    }.items():
        joints[skeleton.INDEX[name]] = place
    return Pose(joints, np.ones(skeleton.JOINT_COUNT, np.float32))


@pytest.fixture
def frame():
    """A person in red on the left, one in blue on the right, each over black trousers."""
    frame = np.zeros((300, 400, 3), np.uint8)
    frame[90:190, 40:100] = RED
    frame[90:190, 240:300] = BLUE
    return frame


def test_people_in_other_colours_are_strangers_and_the_same_are_not(frame):
    looks = appearance.appearance_of(frame, [_standing(50), _standing(250), _standing(55, lean=3)])

    strange = appearance.appearance_distance(looks, looks)

    assert looks.shape == (3, len(appearance.DOWN), 3)
    assert strange[0, 1] == strange[1, 0] == 1
    assert strange[0, 2] == 0


def test_a_hand_before_the_torso_changes_little(frame):
    before = appearance.appearance_of(frame, [_standing(50)])
    frame[140:160, 40:100] = SHIRT

    assert (
        appearance.appearance_distance(
            before, appearance.appearance_of(frame, [_standing(50)])
        ).item()
        == 0
    )


def test_a_shadow_changes_less_than_another_shirt():
    light = np.full((300, 400, 3), (120, 120, 120), np.uint8)
    shadow = np.full((300, 400, 3), (85, 85, 85), np.uint8)
    green = np.full((300, 400, 3), (85, 155, 120), np.uint8)
    lit, shaded, other = (
        appearance.appearance_of(picture, [_standing(50)]) for picture in (light, shadow, green)
    )

    assert appearance.appearance_distance(lit, shaded) < appearance.appearance_distance(lit, other)


def test_points_outside_the_frame_have_the_colours_of_its_edge(frame):
    frame[:, 0] = RED

    looks = appearance.appearance_of(frame, [_standing(-300), _standing(50)])

    assert np.isfinite(looks).all()
    assert appearance.appearance_distance(looks[:1], looks[1:]).item() == 0


def test_no_poses_have_no_appearance(frame):
    assert appearance.appearance_of(frame, []).shape == (0, len(appearance.DOWN), 3)


def test_people_without_a_torso_have_no_appearance(frame):
    wrists = skeleton.of_joints(["left_wrist", "right_wrist"])
    pose = Pose(np.zeros((2, 2), np.float32), np.ones(2, np.float32), skeleton=wrists)

    assert appearance.appearance_of(frame, [pose]) is None

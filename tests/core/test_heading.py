import numpy as np
import pytest

from mobilepose_core import heading, skeleton


def _person(**places):
    joints = np.full((19, 2), np.nan, np.float32)
    for name, place in places.items():
        joints[skeleton.ALL_19.index[name]] = place
    return joints


UPRIGHT = {"left_hip": (110, 100), "right_hip": (90, 100)}
FRONT = _person(left_shoulder=(115, 50), right_shoulder=(85, 50), nose=(100, 30), **UPRIGHT)
BACK = _person(left_shoulder=(85, 50), right_shoulder=(115, 50), nose=(100, 30), **UPRIGHT)
TO_THE_RIGHT = _person(left_shoulder=(100, 50), right_shoulder=(100, 50), nose=(110, 30), **UPRIGHT)


@pytest.mark.parametrize(
    ("person", "expected"), [(FRONT, (1, 0)), (BACK, (-1, 0)), (TO_THE_RIGHT, (0, 1))]
)
def test_a_heading_is_the_cosine_and_sine_of_the_turn_from_facing_the_camera(person, expected):
    assert heading.headings(person[None])[0] == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("person", [FRONT, BACK, TO_THE_RIGHT])
@pytest.mark.parametrize("turn", [0.5, np.pi / 2, np.pi])
def test_a_heading_is_relative_to_the_torso_in_every_orientation(person, turn):
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    turned = person @ rotation.T

    assert np.allclose(heading.headings(turned[None]), heading.headings(person[None]), atol=1e-5)


def test_a_mirrored_person_faces_the_other_side():
    mirrored = (TO_THE_RIGHT * [-1, 1])[list(skeleton.ALL_19.mirror)]

    assert heading.headings(mirrored[None])[0] == pytest.approx((0, -1), abs=1e-6)


def test_only_people_seen_from_behind_are_backs():
    assert heading.are_backs(np.stack([FRONT, BACK, TO_THE_RIGHT])).tolist() == [False, True, False]


def test_without_hips_nothing_is_said_and_without_a_nose_no_side():
    without_hips, without_nose = BACK.copy(), TO_THE_RIGHT.copy()
    without_hips[[skeleton.ALL_19.index[name] for name in UPRIGHT]] = np.nan
    without_nose[skeleton.ALL_19.index["nose"]] = np.nan

    unknown, sideways = heading.headings(np.stack([without_hips, without_nose]))

    assert np.isnan(unknown).all()
    assert sideways[0] == pytest.approx(0, abs=1e-6)
    assert np.isnan(sideways[1])
    assert not heading.are_backs(without_hips[None])[0]


def test_flics_hips_tell_as_well():
    flic = BACK.copy()
    for side in ("left", "right"):
        hip = skeleton.ALL_19.index[f"{side}_hip"]
        flic[skeleton.ALL_19.index[f"flic_{side}_hip"]] = flic[hip]
        flic[hip] = np.nan

    assert heading.are_backs(flic[None])[0]

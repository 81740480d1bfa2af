import math

import numpy as np
import pytest

from mobilepose_core.behaviour import posture
from mobilepose_core.behaviour.body import Body


def told(body, hip_height=None):
    stance = posture.stance(body)
    if stance is None:
        return posture.UNKNOWN
    return posture.best(posture.scores(stance, hip_height))[0]


@pytest.mark.parametrize("yaw", [math.pi, math.pi / 2, 2.5])
@pytest.mark.parametrize("name", ["standing", "sitting"])
def test_legs_tell_standing_from_sitting_from_all_sides(person, name, yaw):
    assert told(person(posture=name, yaw=yaw, away=4.0)) == name


@pytest.mark.parametrize("name", ["lying", "bent"])
def test_lying_and_bent_people_are_told_from_the_side(person, name):
    assert told(person(posture=name, yaw=math.pi / 2, away=4.0)) == name


@pytest.mark.parametrize(
    ("name", "expected"),
    [("standing", "upright"), ("sitting", "upright"), ("lying", "lying"), ("bent", "bent")],
)
def test_without_legs_the_torso_tells_what_it_can(world, person, name, expected):
    assert told(person(posture=name, yaw=math.pi / 2, names=world.upper)) == expected


@pytest.mark.parametrize("name", ["standing", "sitting"])
def test_the_height_of_the_hips_tells_standing_from_sitting_without_legs(world, person, name):
    body = person(posture=name, names=world.upper, depth=True)
    hips = (body.places["left_hip"] + body.places["right_hip"]) / 2

    assert told(body, world.level.height_of(hips)) == name


def test_a_torso_that_points_at_the_camera_is_unknown_in_the_picture(person):
    assert told(person(posture="lying", away=4.0, height=0.6)) == posture.UNKNOWN


def test_places_tell_who_lies_with_their_feet_towards_the_camera(person):
    body = person(posture="lying", away=4.0, height=0.6, depth=True)

    assert posture.best(posture.scores(posture.stance_in_space(body)))[0] == "lying"


def test_somebody_upside_down_is_in_no_posture(person):
    body = person(away=4.0)
    flipped = Body({n: np.array([1, -1]) * p for n, p in body.points.items()}, body.scores)

    assert told(flipped) == posture.UNKNOWN


def test_somebody_who_kneels_does_not_stand(person):
    body = person(yaw=math.pi / 2, away=4.0)
    behind = {
        f"{side}_ankle": body.points[f"{side}_knee"] + np.array([60.0, 3.0])
        for side in ("left", "right")
    }

    assert told(Body(body.points | behind, body.scores)) == posture.UNKNOWN


def test_without_hips_no_posture_is_told(person):
    assert posture.stance(person(names=["left_shoulder", "right_shoulder"])) is None
    assert posture.stance_in_space(person()) is None

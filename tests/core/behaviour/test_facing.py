import math

import numpy as np
import pytest

from mobilepose_core.behaviour import facing
from mobilepose_core.behaviour.body import Body
from mobilepose_core.behaviour.facing import TorsoHeading
from mobilepose_core.evaluation.stick_figure import up_of


def turned(person, degrees, **kinds):
    """Somebody whose heading is that: 0 faces the camera, 90 the picture's right."""
    return person(yaw=math.pi + math.radians(degrees), **kinds)


@pytest.mark.parametrize("degrees", [-150, -90, -60, 0, 40, 90, 135, 180])
def test_places_tell_the_heading_all_round(person, degrees):
    found = facing.in_space(turned(person, degrees, depth=True))

    assert abs(facing.wrapped(found.angle - math.radians(degrees))) < 0.02
    assert found.deviation < 0.25


def test_somebody_straight_below_the_camera_has_no_heading_by_their_places():
    up, aside = np.array([0.0, 0.0, -1.0]), np.array([0.2, 0.0, 0.0])
    middle = np.array([0.0, 0.0, 2.0])  # the camera looks down
    places = {
        f"{side}_{part}": middle + sign * aside
        for side, sign in (("left", 1), ("right", -1))
        for part in ("shoulder", "hip")
    }

    assert facing.in_space(Body({}, {}, places), up) is None
    assert np.isnan(TorsoHeading(0.0, 0.1).direction(middle, up)).all()


@pytest.mark.parametrize("degrees", [-80, -50, 0, 30, 70])
def test_the_picture_tells_the_heading_of_those_whose_face_is_seen(person, degrees):
    found = facing.in_picture(turned(person, degrees, away=4.0))

    assert abs(facing.wrapped(found.angle - math.radians(degrees))) < max(0.15, found.deviation)


def test_a_back_is_known_by_the_shoulders_where_no_face_is_seen(person):
    body = turned(person, 180, names=["left_shoulder", "right_shoulder", "left_hip", "right_hip"])

    found = facing.in_picture(body)

    assert found.cosine < -0.9
    assert found.facing_score() < 0.05


def test_shoulders_as_of_a_front_without_a_face_say_nothing(person):
    front = turned(person, 0)
    scores = front.scores | dict.fromkeys(("nose", "left_eye", "right_eye"), 0.05)

    assert facing.in_picture(Body(front.points, scores)) is None


def test_a_face_between_the_shoulders_of_a_back_says_nothing(person):
    assert facing.in_picture(turned(person, 180)) is None  # all joints are said to be seen


def test_a_heading_is_less_sure_from_the_front_than_from_the_side(person):
    front, side = (facing.in_picture(turned(person, degrees)) for degrees in (0, 85))

    assert front.deviation > 1.5 * side.deviation


def test_a_side_that_the_nose_does_not_tell_is_in_the_deviation(person):
    names = ["left_shoulder", "right_shoulder", "left_hip", "right_hip"]

    found = facing.in_picture(turned(person, 50, names=names))

    assert found.angle == 0.0
    assert found.deviation > math.radians(45)


def test_two_shoulders_at_one_depth_and_place_are_one_seen_twice(person):
    side = turned(person, 90, depth=True)
    near = side.places["right_shoulder"]
    places = {"left_shoulder": near + np.array([0.05, 0, 0]), "right_shoulder": near}

    assert facing.in_space(Body(side.points, side.scores, places)) is None


def test_the_networks_heading_is_as_sure_as_it_is_long():
    sure, unsure = (
        facing.of_network(Body({}, {}, heading=length * np.array([0.0, 1.0])))
        for length in (0.98, 0.6)
    )

    assert sure.angle == pytest.approx(math.pi / 2)
    assert sure.deviation == pytest.approx(math.sqrt(-2 * math.log(0.98)))
    assert unsure.deviation > 4 * sure.deviation
    assert facing.of_network(Body({}, {}, heading=np.zeros(2))) is None


def test_headings_are_averaged_across_the_back():
    found = facing.combined([TorsoHeading(math.pi - 0.1, 0.2), TorsoHeading(-math.pi + 0.1, 0.2)])

    assert abs(facing.wrapped(found.angle - math.pi)) < 1e-9
    assert found.deviation == pytest.approx(0.2 / math.sqrt(2))


def test_a_contradiction_is_left_to_the_surer_one():
    found = facing.combined([TorsoHeading(3.0, 0.3), TorsoHeading(0.0, 0.1)])

    assert found == TorsoHeading(0.0, pytest.approx(0.1))


def test_facing_is_a_probability():
    assert TorsoHeading(0.0, 0.1).facing_score() == pytest.approx(1.0)
    assert TorsoHeading(facing.FACING, 0.1).facing_score() == pytest.approx(0.5, abs=0.01)
    assert TorsoHeading(math.pi, 0.3).facing_score() == pytest.approx(0.0, abs=1e-6)


def test_the_direction_in_space_is_horizontal_for_a_tilted_camera():
    up = up_of(0.3)
    ray = np.array([0.0, 0.0, 1.0])

    towards, right = (TorsoHeading(angle, 0.1).direction(ray, up) for angle in (0.0, math.pi / 2))

    assert towards @ up == pytest.approx(0.0, abs=1e-9)
    assert towards @ ray < -0.9
    np.testing.assert_allclose(right, [1, 0, 0], atol=1e-9)

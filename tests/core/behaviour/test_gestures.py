import math

import numpy as np
import pytest

from mobilepose_core.behaviour import gestures
from mobilepose_core.behaviour.body import Body
from mobilepose_core.evaluation import stick_figure as figure


def test_a_raised_hand_is_its_owners_left_or_right(person):
    body = person(left=figure.RAISED)

    assert gestures.raised(body, "left") > 0.9
    assert gestures.raised(body, "right") == 0.0


@pytest.mark.parametrize(
    "arm", [figure.ON_PHONE, figure.EATING, figure.ON_HIP, figure.TYPING, figure.HANGING]
)
@pytest.mark.parametrize("yaw", [math.pi, math.pi + 1.0, math.pi - 1.0])
def test_other_uses_of_a_hand_are_no_gesture(person, arm, yaw):
    body = person(left=arm, right=figure.HANGING, yaw=yaw)

    assert gestures.raised(body, "left") < 0.4
    assert max(score for score in gestures.pointing_arms(body).values()) < 0.4
    assert (gestures.arms_crossed(body) or 0.0) < 0.4


def test_a_hand_whose_wrist_is_not_seen_is_unknown_not_down(person):
    body = person(left=figure.RAISED)
    unsure = Body(body.points, body.scores | {"left_wrist": 0.1, "left_elbow": 0.1})

    assert gestures.raised(unsure, "left") is None
    assert gestures.pointing(unsure, "left") is None
    assert gestures.arms_crossed(unsure) is None
    assert gestures.hand(unsure, "left") is None


def test_a_raised_hand_needs_no_face(person):
    body = person(left=figure.RAISED, yaw=0.0)
    names = [name for name in body.points if name not in ("nose", "left_eye", "right_eye")]
    back = Body({name: body.points[name] for name in names}, body.scores)

    assert gestures.raised(back, "left") > 0.9


def test_arms_crossed_before_the_chest(person):
    assert gestures.arms_crossed(person(left=figure.CROSSED, right=figure.CROSSED)) > 0.8


def test_from_the_side_crossed_arms_are_unknown(person):
    body = person(left=figure.CROSSED, right=figure.CROSSED, yaw=math.pi / 2)

    assert gestures.arms_crossed(body) is None


def test_hands_clasped_before_the_belly_are_no_crossed_arms(person):
    clasped = ((0.2, 0.1, -1.0), (0.5, -0.45, -0.7))

    assert gestures.arms_crossed(person(left=clasped, right=clasped)) < 0.4


def test_an_arm_stretched_aside_points_there(person):
    body = person(right=figure.POINTING_ASIDE)

    assert gestures.pointing_arms(body)["right"] > 0.9
    assert gestures.pointing_direction(body, "right")[0] < -0.95  # their right is our left


def test_both_arms_stretched_out_point_at_nothing(person):
    body = person(left=figure.POINTING_ASIDE, right=figure.POINTING_ASIDE)

    assert max(gestures.pointing_arms(body).values()) < 0.1


def test_an_arm_that_points_at_the_camera_is_told_by_depth_alone(person):
    flat = person(right=figure.POINTING_FORWARD)
    deep = person(right=figure.POINTING_FORWARD, depth=True)

    assert gestures.pointing(flat, "right") < 0.4
    assert gestures.pointing(deep, "right") > 0.9


def test_the_ray_goes_from_the_head_through_the_hand(person):
    body = person(right=figure.POINTING_FORWARD, depth=True)

    origin, ray = gestures.pointing_ray(body, "right")

    np.testing.assert_allclose(origin, body.places["right_wrist"])
    assert ray[2] < -0.8  # towards the camera
    assert ray[1] > 0.1  # the eyes are above the hand: downwards
    assert gestures.pointing_ray(person(), "right") is None


def test_somebody_who_lies_leans_on_an_arm_rather_than_pointing(person):
    body = person(posture="lying", left=figure.POINTING_ASIDE, yaw=math.pi / 2)

    assert gestures.pointing_arms(body)["left"] < 0.3


def hands_of(person, times, arm_at, **pose):
    hands = [gestures.hand(person(right=arm_at(time), **pose), "right") for time in times]
    return np.array(times), np.array(hands)


TIMES = np.arange(0, 2.01, 1 / 15)


def test_a_hand_that_goes_to_and_fro_waves(person):
    times, hands = hands_of(person, TIMES, lambda t: figure.waving(2 * math.pi * 1.5 * t))

    assert gestures.waving(times, hands) > 0.9


def test_a_still_raised_hand_does_not_wave_even_if_its_joint_jitters(person):
    draw = np.random.default_rng(0)
    times, hands = hands_of(person, TIMES, lambda t: figure.RAISED)

    assert gestures.waving(times, hands + draw.normal(0, 0.03, hands.shape)) < 0.4


def test_arms_that_swing_in_walking_do_not_wave(person):
    def swinging(time):
        swing = 0.6 * math.sin(2 * math.pi * 0.9 * time)
        return ((swing, 0.1, -1.0), (swing + 0.2, 0.0, -1.0))

    times, hands = hands_of(person, TIMES, swinging, yaw=math.pi / 2)

    assert gestures.waving(times, hands) == 0.0


def test_a_hand_that_goes_to_and_fro_below_the_shoulder_does_not_wave(person):
    def beckoning(time):
        return ((0.0, 0.3, -1.0), (0.3, 0.6 * math.sin(2 * math.pi * 1.5 * time), 1.0))

    times, hands = hands_of(person, TIMES, beckoning)

    assert gestures.swings(hands[:, 0]) >= 4
    assert gestures.waving(times, hands) < 0.2


def test_a_still_hand_beside_a_shoulder_that_sways_does_not_wave(person):
    body = person(right=figure.RAISED)
    swaying = []
    for time in TIMES:
        aside = np.array([0.3 * body.torso_length * math.sin(10 * time), 0.0])
        points = body.points | {"right_shoulder": body.points["right_shoulder"] + aside}
        swaying.append(gestures.hand(Body(points, body.scores), "right"))

    assert gestures.waving(TIMES, np.array(swaying)) < 0.4


def test_a_hand_that_scratches_the_head_does_not_wave(person):
    def scratching(time):
        upper, (forward, outwards, above) = figure.ON_PHONE
        return upper, (forward, outwards + 0.2 * math.sin(14 * time), above)

    times, hands = hands_of(person, TIMES, scratching)

    assert gestures.waving(times, hands) < 0.4


def test_waving_is_unknown_until_a_second_was_seen(person):
    times, hands = hands_of(person, TIMES[:10], lambda t: figure.waving(10 * t))

    assert gestures.waving(times, hands) is None
    assert gestures.waving(np.zeros(0), np.zeros((0, 3))) is None


def test_swings_are_counted_from_turn_to_turn():
    assert gestures.swings(np.array([0.0, 0.3, 0.0, 0.3, 0.25, 0.0])) == 4
    assert gestures.swings(np.array([0.0, 0.1, 0.0, 0.1])) == 0
    assert gestures.swings(np.array([0.0, 0.1, 0.2, 0.3, 0.4])) == 1


def test_up_may_be_aside_where_the_camera_is(person):
    body = person(right=figure.RAISED)
    turn = np.array([[0.0, 1.0], [-1.0, 0.0]])  # the picture turned: its up is (-1, 0)
    turned = Body({name: turn @ point for name, point in body.points.items()}, body.scores)

    assert gestures.raised(turned, "right", np.array([-1.0, 0.0])) > 0.9
    assert gestures.raised(turned, "right") < 0.4

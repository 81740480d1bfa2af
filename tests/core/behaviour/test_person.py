import math

import numpy as np
import pytest

from mobilepose_core.behaviour.body import Body
from mobilepose_core.behaviour.camera import Ground
from mobilepose_core.behaviour.person import FORGET_AFTER, GESTURES, Behaviour, Person
from mobilepose_core.evaluation import stick_figure as figure

RATE = 15.0


def named(body, track_id):
    return Body(body.points, body.scores, body.places, track_id=track_id)


def run(person, world, pose_at, seconds=2.0, **kinds):
    """The last state of somebody who is filmed for some seconds."""
    watched = Person()
    for step in range(int(seconds * RATE)):
        body = person(**pose_at(step / RATE), **kinds)
        state = watched.update(step / RATE, body, world.camera, world.level)
    return state


def test_somebody_who_walks_towards_the_camera_has_place_velocity_and_heading(person, world):
    state = run(person, world, lambda t: {"away": 5 - 0.8 * t}, depth=True)

    assert state.motion.velocity[2] == pytest.approx(-0.8, abs=0.1)
    assert state.motion.place[2] == pytest.approx(5 - 0.8 * state.time, abs=0.15)
    assert state.heading.cosine > 0.97
    assert state.does("facing")
    assert state.posture == "standing"
    assert not any(state.does(name) for name in GESTURES if name != "facing")


def test_somebody_seen_without_their_torso_has_no_position_after_a_moment(person, world):
    watched, face = Person(), ["nose", "left_eye", "right_eye"]
    for step in range(int(4 * RATE)):
        walks = step < 2 * RATE
        body = person(None if walks else face, aside=-1 + min(step / RATE, 2.0), depth=walks)
        state = watched.update(step / RATE, body, world.camera, world.level)

    assert state.motion is None
    assert watched.motion_at(state.time + 0.2) is None


def test_a_raised_hand_is_reported_with_its_score_and_since_when(person, world):
    state = run(person, world, lambda t: {"left": figure.RAISED if t >= 1 else figure.HANGING})

    gesture = state.gestures["left_hand_raised"]
    assert (gesture.state, gesture.score) == ("yes", 1.0)
    assert gesture.since == pytest.approx(1.2, abs=0.1)
    assert state.gestures["right_hand_raised"].state == "no"
    assert state.gestures["both_hands_raised"].state == "no"


def test_waving_is_seen_over_time(person, world):
    state = run(person, world, lambda t: {"right": figure.waving(9 * t)})

    assert state.does("waving")


def test_pointing_comes_with_a_direction_and_with_depth_a_ray(person, world):
    flat = run(person, world, lambda t: {"left": figure.POINTING_ASIDE})
    deep = run(person, world, lambda t: {"left": figure.POINTING_ASIDE}, depth=True)

    assert flat.pointing.side == "left"
    assert flat.pointing.direction[0] > 0.95
    assert flat.pointing.ray is None
    assert deep.pointing.ray[0] > 0.7


def test_without_a_calibrated_camera_gestures_are_known_and_places_are_not(person):
    watched = Person()
    for step in range(10):
        state = watched.update(step / RATE, person(left=figure.RAISED))

    assert state.does("left_hand_raised")
    assert state.motion is None


def test_a_single_hand_that_is_seen_does_not_say_both(person, world):
    names = [name for name in person().points if name != "right_wrist"]

    state = run(person, world, lambda t: {"left": figure.RAISED}, names=names)

    assert state.does("left_hand_raised")
    assert state.gestures["both_hands_raised"].state == "unknown"
    assert state.gestures["right_hand_raised"].state == "unknown"


def test_a_gesture_that_does_not_exist_is_an_error(person, world):
    state = run(person, world, lambda t: {}, seconds=0.2)

    with pytest.raises(KeyError):
        state.does("dancing")


def test_everybody_is_followed_by_their_track_id(person, world):
    people = Behaviour()
    for step in range(10):
        bodies = [
            named(person(away=2.0), 3),
            named(person(away=4.0, left=figure.RAISED, yaw=math.pi), 8),
        ]
        states = people.update(step / RATE, bodies, world.camera, world.level)

    assert [state.track_id for state in states] == [3, 8]
    assert [state.does("left_hand_raised") for state in states] == [False, True]
    assert people.motion_at(8, 1.0).place[2] > people.motion_at(3, 1.0).place[2] + 1
    assert people.motion_at(5, 1.0) is None


def test_who_was_not_seen_for_a_while_is_forgotten(person, world):
    people = Behaviour()
    people.update(0.0, [named(person(), 1)], world.camera)

    people.update(FORGET_AFTER + 0.1, [], world.camera)

    assert people.motion_at(1, 4.0) is None


def test_a_clock_that_goes_back_begins_anew(person, world):
    people = Behaviour()
    people.update(100.0, [named(person(away=2.0), 1)], world.camera)

    states = people.update(5.0, [named(person(away=4.0), 1)], world.camera)

    assert states[0].motion.time == 5.0
    np.testing.assert_array_equal(states[0].motion.velocity, 0.0)


@pytest.mark.parametrize("ids", [[1, 1], [-1]])
def test_people_without_ids_of_their_own_are_refused(person, ids):
    with pytest.raises(ValueError, match="track ID"):
        Behaviour().update(0.0, [named(person(), one) for one in ids])


def test_hips_that_are_hidden_for_a_moment_make_nobody_smaller(person, world):
    watched = Person()
    without_hips = [name for name in person().points if "hip" not in name]
    for step in range(20):
        names = None if step < 10 else without_hips
        body = person(yaw=math.pi + 1.1, right=figure.EATING, names=names)
        state = watched.update(step / RATE, body, world.camera)

    assert state.gestures["right_hand_raised"].score < 0.3
    assert state.gestures["right_arm_pointing"].score < 0.3


@pytest.mark.parametrize("is_calibrated", [True, False])
def test_where_only_up_is_known_a_camera_that_lies_on_its_side_sees_people_upright(
    person, world, is_calibrated
):
    upright = person(world.upper, away=3.0, left=figure.RAISED)
    x, y = np.array(list(upright.points.values())).T - [[319.5], [239.5]]
    points = np.column_stack([319.5 - y, 239.5 + x])  # up in the picture is to its right
    side = Body(dict(zip(upright.points, points, strict=True)), upright.scores)
    right = Ground(np.array([1.0, 0.0, 0.0]), None)
    camera = world.camera if is_calibrated else None

    watched = Person()
    for step in range(20):
        state = watched.update(step / RATE, side, camera, right)

    assert state.posture == "upright"
    assert state.does("left_hand_raised")
    assert not state.does("right_hand_raised")
    assert (state.motion is not None) == is_calibrated
    if is_calibrated:
        assert state.motion.source == "size"
        assert state.motion.place[2] == pytest.approx(3.0, abs=0.3)


def test_somebody_who_stands_before_a_camera_that_turns_has_no_velocity(person, world):
    """By 1 radian a second, to where a place at 3 m goes by at 3 m/s."""
    behaviour, unaware = Behaviour(), Behaviour()
    turn = turn_about_y(-1 / RATE)
    places = world.placed(away=3.0)
    start = turn_about_y(0.4)
    for step in range(12):
        now = {name: np.linalg.matrix_power(turn, step) @ start @ p for name, p in places.items()}
        body = named(world.seen(now, depth=True), 1)
        behaviour.move(turn, np.zeros(3))
        (still,) = behaviour.update(step / RATE, [body], world.camera, world.level)
        (fast,) = unaware.update(step / RATE, [body], world.camera, world.level)

    assert np.linalg.norm(still.motion.velocity) < 0.15
    assert still.motion.place == pytest.approx(world.middle_of(now), abs=0.15)
    assert np.linalg.norm(fast.motion.velocity) > 1.5


def test_a_camera_that_comes_nearer_makes_nobody_walk(person, world):
    behaviour = Behaviour()
    for step in range(15):
        if step:
            behaviour.move(np.eye(3), np.array([0.0, 0.0, -0.05]))
        body = named(person(away=4.0 - 0.05 * step, depth=True), 1)
        (state,) = behaviour.update(step / RATE, [body], world.camera, world.level)

    assert np.linalg.norm(state.motion.velocity) < 0.1
    assert state.motion.place[2] == pytest.approx(3.3, abs=0.15)


def turn_about_y(angle):
    cos, sin = math.cos(angle), math.sin(angle)
    return np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]])

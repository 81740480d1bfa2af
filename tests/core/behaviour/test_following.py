import math

import numpy as np
import pytest

from mobilepose_core.behaviour import CameraPose, Candidate, Follower, LockSettings, Sighting

RED, BLUE = np.full((5, 3), 0.0), np.full((5, 3), 80.0)
FORWARD = np.array([[0, 0, 1], [-1, 0, 0], [0, -1, 0]], np.float64)
"""From an optical frame that looks along x to REP-103's axes."""


def camera_at(x=0.0, y=0.0, yaw=0.0):
    turn = [[math.cos(yaw), -math.sin(yaw), 0], [math.sin(yaw), math.cos(yaw), 0], [0, 0, 1]]
    return CameraPose(np.array(turn) @ FORWARD, np.array([x, y, 1.0]))


def seen(track_id, place, camera, look=RED, velocity=None, facing=None, **kinds):
    """Somebody at a place of the fixed frame."""
    spot = None if place is None else camera.rotation.T @ (np.array(place) - camera.place)
    return Sighting(Candidate(track_id, look, spot, **kinds), velocity, facing)


def test_the_place_of_a_target_at_rest_stays_while_the_camera_moves_and_turns():
    follower = Follower()
    follower.select("id", 1)

    for step in range(10):
        camera = camera_at(0.05 * step, 0.02 * step, 0.1 * step)
        follower.update(step / 10, [seen(1, (3.0, 0.5, 1.0), camera)], camera)
        pose = follower.pose_at(step / 10 + 0.2)

        assert pose.place == pytest.approx((3.0, 0.5, 1.0))
        assert pose.is_seen


def test_places_tell_how_the_target_moves_over_the_ground():
    follower = Follower()
    follower.select("id", 1)

    for step in range(10):
        camera = camera_at(0.1 * step, 0.0, 0.1 * step)
        follower.update(step / 10, [seen(1, (3.0 + 0.08 * step, 0.5, 1.0), camera)], camera)

    assert follower.pose_at(1.2).place == pytest.approx((3.0 + 0.8 * 1.2, 0.5, 1.0))


def test_a_walking_target_is_predicted_to_now():
    follower, camera = Follower(), CameraPose.still()
    follower.select("nearest")

    velocity = np.array([1.0, 0.0, 0.5])
    follower.update(5.0, [seen(1, (0.0, 0.0, 3.0), camera, velocity=velocity)], camera)

    assert follower.pose_at(5.2).place == pytest.approx([0.2, 0.0, 3.1])
    assert follower.pose_at(4.0).place == pytest.approx([0.0, 0.0, 3.0])


def test_a_target_that_is_lost_is_predicted_for_a_moment_and_then_nowhere():
    follower, camera = Follower(predict_time=0.5), CameraPose.still()
    follower.select("id", 1)
    follower.update(0.0, [seen(1, (0.0, 0.0, 3.0), camera)], camera)

    target = follower.update(0.1, [seen(2, (0.5, 0.0, 3.0), camera, BLUE)], camera)

    assert target.state == "lost"
    assert not follower.pose_at(0.4).is_seen
    assert follower.pose_at(0.4).place == pytest.approx([0.0, 0.0, 3.0])
    assert follower.pose_at(0.6) is None


def test_the_place_of_another_person_is_never_the_targets():
    follower, camera = Follower(), CameraPose.still()
    follower.select("id", 1)
    follower.update(0.0, [seen(1, (0.0, 0.0, 3.0), camera)], camera)

    for step in range(1, 50):
        other = seen(1 if step > 30 else 2, (1.0, 0.0, 3.0), camera, BLUE)
        follower.update(step / 10, [other], camera)

    assert follower.pose_at(4.9) is None


def test_the_target_faces_where_its_torso_does_or_else_the_camera():
    follower, camera = Follower(), camera_at()
    follower.select("id", 1)

    follower.update(0.0, [seen(1, (2.0, 0.0, 1.0), camera, facing=np.array([1, 0, 0]))], camera)
    assert follower.pose_at(0.0).facing == pytest.approx([0, -1, 0])

    follower.update(0.1, [seen(1, (2.0, 0.0, 1.0), camera)], camera)
    assert follower.pose_at(0.1).facing == pytest.approx([-1, 0, 0])


def test_the_nearest_is_nearest_to_the_camera_wherever_that_is():
    follower, camera = Follower(), camera_at(100.0)
    follower.update(
        0.0, [seen(1, (104.0, 0.0, 1.0), camera), seen(2, (102.0, 0.0, 1.0), camera)], camera
    )

    assert follower.select("nearest").track_id == 2


def test_a_choice_takes_effect_at_once_and_the_former_target_has_no_place_any_more():
    follower, camera = Follower(), CameraPose.still()
    follower.update(0.0, [seen(1, (0.0, 0.0, 2.0), camera)], camera)

    assert follower.select("nearest").track_id == 1
    follower.update(0.1, [seen(1, (0.0, 0.0, 2.0), camera)], camera)
    assert follower.select("id", 7).state == "none"
    assert follower.pose_at(0.1) is None
    assert follower.release().state == "none"


def test_who_was_seen_long_ago_is_not_chosen():
    follower, camera = Follower(predict_time=0.5), CameraPose.still()
    follower.update(0.0, [seen(1, (0.0, 0.0, 2.0), camera)], camera)

    assert follower.select("nearest", now=3.0).state == "none"
    assert follower.select("nearest", now=0.4).track_id == 1


def test_without_the_cameras_pose_the_target_is_kept_but_its_place_is_not_known():
    follower, camera = Follower(), camera_at()
    follower.select("id", 1)
    follower.update(0.0, [seen(1, (2.0, 0.0, 1.0), camera)], camera)

    target = follower.update(0.1, [seen(1, (2.0, 0.0, 1.0), camera)], None)

    assert (target.state, target.track_id) == ("locked", 1)
    assert not follower.pose_at(0.1).is_seen
    assert follower.pose_at(1.0) is None


def test_who_wears_the_same_but_cannot_be_there_is_not_taken_for_the_target():
    follower = Follower(LockSettings(speed=2.0, reach=1.0))
    follower.select("id", 1)
    follower.update(0.0, [seen(1, (3.0, 0.0, 1.0), camera_at())], camera_at())

    for step in range(1, 20):  # the robot turns round, and sees another behind itself
        camera = camera_at(yaw=math.pi)
        target = follower.update(step / 10, [seen(2, (-3.0, 0.0, 1.0), camera)], camera)

    assert target.state == "searching"

"""What people do as markers and captions: pure functions."""

from types import SimpleNamespace

import numpy as np
import pytest
from figure_scene import camera_above
from std_msgs.msg import Header
from visualization_msgs.msg import Marker

from mobilepose_core import Pose
from mobilepose_core.behaviour import GESTURES, Motion, Pointing, TorsoHeading
from mobilepose_core.io import drawing
from mobilepose_core.messages import CameraModel
from mobilepose_ros import ground
from mobilepose_ros.behaviour_markers import behaviour_markers, joints_at_people
from mobilepose_ros.captions import annotation, caption
from mobilepose_ros.markers import MarkerStyle
from mobilepose_ros.people_behaviour import ObservedPerson

HEADER = Header(frame_id="camera")
STYLE = MarkerStyle(depth=2.0, lifetime=0.5, min_score=0.3)
PLACE = np.array([0.5, 0.1, 3.0])
LEVEL = ground.level()


def motion(velocity=(0.0, 0.0, 0.0)):
    return Motion(0.0, PLACE, np.array(velocity), 0.01 * np.eye(3), 0.0025 * np.eye(3), "size")


def state(posture="standing", pointing=None, velocity=(0.0, 0.0, 0.0), place=True, made=()):
    return SimpleNamespace(
        track_id=3,
        motion=motion(velocity) if place else None,
        heading=TorsoHeading(np.pi / 2, 0.1),
        posture=posture,
        pointing=pointing,
        gestures=dict.fromkeys(GESTURES),
        does=lambda name: name in made,
    )


def observed(index=0, **does):
    points = np.stack([np.arange(11) * 10.0, np.arange(11) * 20.0], axis=-1).astype(np.float32)
    pose = Pose(points, np.ones(11, np.float32), 3)
    return ObservedPerson(index, pose, state(**does), np.array([1.0, 0.0, 0.0]))


def by_namespace(people):
    return {one.ns: one for one in behaviour_markers(people, HEADER, LEVEL, STYLE)}


def ends(marker):
    return np.array([(p.x, p.y, p.z) for p in marker.points])


def bgr_of(color):
    return tuple(round(255 * value) for value in (color.b, color.g, color.r))


def test_the_heading_is_an_arrow_from_the_person_in_the_colour_of_the_track():
    heading = by_namespace([observed()])["heading"]

    assert (heading.type, heading.id) == (Marker.ARROW, 3)
    assert ends(heading) == pytest.approx(np.array([PLACE, PLACE + np.array([0.5, 0, 0])]))
    assert bgr_of(heading.color) == drawing.track_colour(3)


def test_a_velocity_reaches_to_where_the_person_is_in_a_second():
    velocity = by_namespace([observed(velocity=(0.0, 0.0, -0.8))])["velocity"]

    assert ends(velocity)[1] == pytest.approx(PLACE - [0, 0, 0.8])


def test_a_velocity_that_may_be_none_is_not_shown():
    assert "velocity" not in by_namespace([observed(velocity=(0.0, 0.14, 0.0))])


def test_a_ray_has_the_colour_of_the_arm_that_points():
    pointing = Pointing("left", np.array([1.0, 0]), PLACE - [0.3, 0, 0], np.array([0, 0, -1.0]))

    ray = by_namespace([observed(pointing=pointing)])["pointing"]

    assert ends(ray) == pytest.approx(np.array([[0.2, 0.1, 3.0], [0.2, 0.1, 1.0]]))
    assert bgr_of(ray.color) == drawing.LEFT_COLOUR


def test_without_depth_an_arm_that_points_has_no_ray():
    pointing = Pointing("left", np.array([1.0, 0.0]))

    assert set(by_namespace([observed(pointing=pointing)])) == {"heading", "behaviour"}


def test_posture_and_gestures_are_written_above_the_person():
    label = by_namespace([observed(made={"waving"})])["behaviour"]

    assert label.text == "standing, waving"
    assert label.pose.position.y < PLACE[1] - 0.5


def test_a_person_without_a_position_has_no_markers():
    assert by_namespace([observed(place=False)]) == {}


@pytest.mark.parametrize(
    ("posture", "made", "text"),
    [
        ("unknown", (), ""),
        ("sitting", {"facing"}, "sitting"),
        ("upright", {"left_hand_raised"}, "upright, left hand raised"),
        (
            "unknown",
            {"left_hand_raised", "right_hand_raised", "both_hands_raised", "waving"},
            "both hands raised, waving",
        ),
    ],
)
def test_a_caption_is_short(posture, made, text):
    assert caption(state(posture, made=made)) == text


def test_an_annotation_has_heading_arm_and_up_of_the_picture():
    pointing = Pointing("right", np.array([0.6, 0.8]))

    one = annotation(observed(pointing=pointing), ground.level(90))

    assert one.heading == pytest.approx(np.pi / 2)
    assert (one.pointing, one.direction) == ("right", (0.6, 0.8))
    assert one.up == (-1.0, 0.0)
    assert annotation(observed(), ground.ground_of(camera_above("map"))).up == (
        pytest.approx((0.0, -1.0))
    )


def test_the_overlay_says_how_fast_somebody_walks_if_that_is_clear():
    walks, rests = observed(velocity=(0.9, 0.0, 1.2)), observed(velocity=(0.1, 0.0, 0.0))

    assert annotation(walks, ground.level(0)).caption == "standing, 1.5 m/s"
    assert annotation(rests, ground.level(0)).caption == "standing"
    assert annotation(observed(place=False), ground.level(0)).caption == "standing"


def test_joints_without_depth_are_at_the_distance_of_their_person():
    camera = CameraModel.of_image(320, 240)
    one, other = observed(0), observed(1)
    poses = [one.pose, other.pose, one.pose]
    depth = [np.full((11, 3), np.nan), np.ones((11, 3)), np.full((11, 3), np.nan)]

    flat, deep, unknown = joints_at_people([one, other], poses, camera, depth)

    assert flat == pytest.approx(camera.back_project(one.pose.joints, 3.0))
    assert deep == pytest.approx(np.ones((11, 3)))
    assert np.isnan(unknown).all()

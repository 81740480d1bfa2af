import numpy as np
import pytest
from std_msgs.msg import Header
from visualization_msgs.msg import Marker

from mobilepose_core import Pose, skeleton
from mobilepose_core.inference import drawing
from mobilepose_ros import markers

HEADER = Header(frame_id="camera")
CAMERA = markers.Pinhole.of_image(641, 481)
LOOK = markers.Look(depth=2.0, lifetime=0.5, min_score=0.3)


def person(track_id=1, **low_scores):
    scores = np.full(11, 0.9, np.float32)
    for name, score in low_scores.items():
        scores[skeleton.INDEX[name]] = score
    points = np.stack([np.arange(11) * 10.0, np.arange(11) * 20.0], axis=-1)
    return Pose(points.astype(np.float32), scores, track_id)


def test_the_middle_of_the_image_lies_straight_ahead():
    (point,) = CAMERA.back_project(np.array([[320.0, 240.0]]), 2.0)

    assert point == pytest.approx([0, 0, 2])


def test_right_and_down_in_the_image_are_x_and_y_of_the_optical_frame():
    # One focal length (641 pixels) beside the axis is 45 degrees: as far beside as ahead.
    (point,) = CAMERA.back_project(np.array([[320.0 + 641, 240.0 + 641 / 2]]), 2.0)

    assert point == pytest.approx([2, 1, 2])


def test_a_person_is_one_list_of_joints_and_one_of_limbs():
    joints, limbs = markers.pose_markers([person(7)], HEADER, CAMERA, LOOK)

    assert (joints.ns, joints.id, joints.type) == ("joints", 7, Marker.SPHERE_LIST)
    assert (limbs.ns, limbs.id, limbs.type) == ("limbs", 7, Marker.LINE_LIST)
    assert len(joints.points) == len(joints.colors) == 11
    assert len(limbs.points) == len(limbs.colors) == 2 * len(skeleton.EDGES)
    for marker in (joints, limbs):
        assert marker.header is HEADER
        assert marker.action == Marker.ADD
        assert (marker.lifetime.sec, marker.lifetime.nanosec) == (0, 500_000_000)
        assert marker.pose.orientation.w == 1
        assert marker.scale.x > 0
        assert all(colour.a == 1 for colour in marker.colors)


def test_limbs_join_the_joints_of_the_skeleton():
    joints, limbs = markers.pose_markers([person()], HEADER, CAMERA, LOOK)

    ends = [joints.points.index(point) for point in limbs.points]
    assert list(zip(ends[::2], ends[1::2], strict=True)) == list(skeleton.EDGE_INDICES)


def test_left_and_right_have_the_colours_of_the_drawing():
    joints, _ = markers.pose_markers([person()], HEADER, CAMERA, LOOK)

    def bgr(name):
        colour = joints.colors[skeleton.INDEX[name]]
        return tuple(round(255 * value) for value in (colour.b, colour.g, colour.r))

    assert bgr("left_wrist") == drawing.LEFT_COLOUR
    assert bgr("right_wrist") == drawing.RIGHT_COLOUR
    assert bgr("nose") == drawing.MIDDLE_COLOUR


def test_a_joint_of_low_score_is_not_drawn_nor_are_its_limbs():
    joints, limbs = markers.pose_markers([person(left_elbow=0.29)], HEADER, CAMERA, LOOK)

    assert len(joints.points) == 10
    assert len(limbs.points) == 2 * (len(skeleton.EDGES) - 2)


def test_a_person_without_a_joint_to_draw_has_no_marker():
    unseen = Pose(np.zeros((11, 2), np.float32), np.zeros(11, np.float32), 1)

    assert markers.pose_markers([unseen], HEADER, CAMERA, LOOK) == []


def test_people_who_are_not_tracked_do_not_share_a_marker():
    shown = markers.keys_of(markers.pose_markers([person(-1), person(-1)], HEADER, CAMERA, LOOK))

    assert len(shown) == 4


def test_only_those_who_left_are_deleted():
    first, shown = markers.marker_array(frozenset(), [person(1), person(2)], HEADER, CAMERA, LOOK)
    second, still_shown = markers.marker_array(shown, [person(2)], HEADER, CAMERA, LOOK)
    third, nothing_shown = markers.marker_array(still_shown, [], HEADER, CAMERA, LOOK)

    def deleted(message):
        return {(m.ns, m.id) for m in message.markers if m.action == Marker.DELETE}

    assert deleted(first) == set()
    assert deleted(second) == {("joints", 1), ("limbs", 1)}
    assert deleted(third) == {("joints", 2), ("limbs", 2)}
    assert nothing_shown == frozenset()
    every = [*first.markers, *second.markers, *third.markers]
    assert all(marker.action != Marker.DELETEALL for marker in every)
    assert all(marker.header is HEADER for marker in every)

from dataclasses import replace

import numpy as np
import pytest
from std_msgs.msg import Header
from visualization_msgs.msg import Marker

from mobilepose_core import Pose, skeleton
from mobilepose_core.io import drawing
from mobilepose_core.messages import CameraModel
from mobilepose_ros import markers

HEADER = Header(frame_id="camera")
CAMERA = CameraModel.of_image(641, 481)
STYLE = markers.MarkerStyle(depth=2.0, lifetime=0.5, min_score=0.3)


def person(track_id=1, **low_scores):
    scores = np.full(11, 0.9, np.float32)
    for name, score in low_scores.items():
        scores[skeleton.INDEX[name]] = score
    points = np.stack([np.arange(11) * 10.0, np.arange(11) * 20.0], axis=-1)
    return Pose(points.astype(np.float32), scores, track_id)


def places_of(marker):
    return [(point.x, point.y, point.z) for point in marker.points]


def bgr_of(colour):
    return tuple(round(255 * value) for value in (colour.b, colour.g, colour.r))


def test_a_person_is_one_list_of_joints_and_one_of_limbs():
    joints, limbs = markers.pose_markers([person(7)], HEADER, CAMERA, STYLE)

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
    joints, limbs = markers.pose_markers([person()], HEADER, CAMERA, STYLE)

    ends = [joints.points.index(point) for point in limbs.points]
    assert list(zip(ends[::2], ends[1::2], strict=True)) == list(skeleton.EDGE_INDICES)


@pytest.mark.parametrize("track_id", [-1, 1, 2, 3])
def test_left_and_right_have_the_colours_of_the_drawing_for_every_track(track_id):
    joints, limbs = markers.pose_markers([person(track_id)], HEADER, CAMERA, STYLE)

    own = drawing.track_colour(track_id)
    joint_colours = dict(zip(skeleton.JOINTS, map(bgr_of, joints.colors), strict=True))
    assert joint_colours["left_wrist"] == drawing.LEFT_COLOUR
    assert joint_colours["right_wrist"] == drawing.RIGHT_COLOUR
    assert joint_colours["nose"] == own
    limb_colours = dict(zip(skeleton.EDGES, map(bgr_of, limbs.colors[::2]), strict=True))
    assert limb_colours["left_shoulder", "left_elbow"] == drawing.LEFT_COLOUR
    assert limb_colours["right_shoulder", "right_hip"] == drawing.RIGHT_COLOUR
    assert limb_colours["left_shoulder", "right_shoulder"] == own


def test_joints_lie_on_the_plane_at_marker_depth():
    joints, _ = markers.pose_markers([person()], HEADER, CAMERA, STYLE)

    assert places_of(joints) == pytest.approx(CAMERA.back_project(person().joints, 2.0))


def test_joints_that_are_known_in_metres_lie_where_they_are():
    places = np.arange(33.0).reshape(11, 3) + 1

    joints, limbs = markers.pose_markers([person()], HEADER, CAMERA, STYLE, [places])

    assert places_of(joints) == pytest.approx(places)
    first, second = places[list(skeleton.EDGE_INDICES[0])]
    assert places_of(limbs)[:2] == pytest.approx(np.stack([first, second]))


def test_a_joint_of_unknown_place_is_not_drawn_nor_are_its_limbs():
    places = np.ones((11, 3), np.float32)
    places[skeleton.INDEX["left_elbow"]] = np.nan

    joints, limbs = markers.pose_markers([person()], HEADER, CAMERA, STYLE, [places])

    assert len(joints.points) == 10
    assert len(limbs.points) == 2 * (len(skeleton.EDGES) - 2)


def test_a_person_without_known_positions_is_drawn_at_marker_depth_next_to_one_with():
    places = [np.full((11, 3), np.nan), np.ones((11, 3))]

    unknown, _, known, _ = markers.pose_markers(
        [person(1), person(2)], HEADER, CAMERA, STYLE, places
    )

    assert places_of(unknown) == pytest.approx(CAMERA.back_project(person().joints, 2.0))
    assert places_of(known) == pytest.approx(np.ones((11, 3)))


def test_markers_look_the_same_at_every_depth():
    far = CAMERA.back_project(person().joints, 8.0)

    joints, limbs = markers.pose_markers([person()], HEADER, CAMERA, STYLE)
    far_joints, far_limbs = markers.pose_markers([person()], HEADER, CAMERA, STYLE, [far])

    assert far_joints.scale.x == pytest.approx(4 * joints.scale.x)
    assert far_limbs.scale.x == pytest.approx(4 * limbs.scale.x)


def test_a_label_names_the_person_above_the_head_in_their_colour():
    look = replace(STYLE, labels=True)

    *_, label = markers.pose_markers([person(3)], HEADER, CAMERA, look)

    assert (label.ns, label.id, label.type) == ("labels", 3, Marker.TEXT_VIEW_FACING)
    assert label.text == "person 3: 0.90"
    assert bgr_of(label.color) == drawing.track_colour(3)
    assert label.color.a == 1
    top = CAMERA.back_project(person().joints[:1], 2.0)[0]  # of the joints, the highest
    assert label.pose.position.x == pytest.approx(top[0])
    assert top[1] - 0.5 < label.pose.position.y < top[1] - label.scale.z / 2
    assert label.pose.position.z == pytest.approx(2)


def test_there_are_no_labels_by_default():
    namespaces = {m.ns for m in markers.pose_markers([person()], HEADER, CAMERA, STYLE)}

    assert namespaces == {"joints", "limbs"}


def test_a_label_goes_with_its_person():
    look = replace(STYLE, labels=True)
    _, shown = markers.marker_array(frozenset(), [person(3)], HEADER, CAMERA, look)
    message, _ = markers.marker_array(shown, [], HEADER, CAMERA, look)

    assert [(m.ns, m.action) for m in message.markers] == [
        ("joints", Marker.DELETE),
        ("labels", Marker.DELETE),
        ("limbs", Marker.DELETE),
    ]


def test_a_joint_of_low_score_is_not_drawn_nor_are_its_limbs():
    joints, limbs = markers.pose_markers([person(left_elbow=0.29)], HEADER, CAMERA, STYLE)

    assert len(joints.points) == 10
    assert len(limbs.points) == 2 * (len(skeleton.EDGES) - 2)


def test_a_person_without_a_joint_to_draw_has_no_marker():
    unseen = Pose(np.zeros((11, 2), np.float32), np.zeros(11, np.float32), 1)

    assert markers.pose_markers([unseen], HEADER, CAMERA, STYLE) == []


def test_people_who_are_not_tracked_do_not_share_a_marker():
    shown = markers.keys_of(markers.pose_markers([person(-1), person(-1)], HEADER, CAMERA, STYLE))

    assert len(shown) == 4


def test_only_markers_of_people_who_left_are_deleted():
    first, shown = markers.marker_array(frozenset(), [person(1), person(2)], HEADER, CAMERA, STYLE)
    second, still_shown = markers.marker_array(shown, [person(2)], HEADER, CAMERA, STYLE)
    third, nothing_shown = markers.marker_array(still_shown, [], HEADER, CAMERA, STYLE)

    def deleted(message):
        return {(m.ns, m.id) for m in message.markers if m.action == Marker.DELETE}

    assert deleted(first) == set()
    assert deleted(second) == {("joints", 1), ("limbs", 1)}
    assert deleted(third) == {("joints", 2), ("limbs", 2)}
    assert nothing_shown == frozenset()
    every = [*first.markers, *second.markers, *third.markers]
    assert all(marker.action != Marker.DELETEALL for marker in every)
    assert all(marker.header is HEADER for marker in every)

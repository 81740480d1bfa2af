import numpy as np
import pytest
from mobilepose_msgs.msg import Joint2D, Joint3D, Pose2D, Pose2DArray, Pose3D, Pose3DArray
from std_msgs.msg import Header

from mobilepose_core import Pose, skeleton
from mobilepose_ros import messages


@pytest.fixture
def pose():
    places = np.arange(22, dtype=np.float32).reshape(11, 2) * 10
    return Pose(places, np.linspace(0, 1, 11).astype(np.float32), track_id=4)


def test_all_joints_are_there_in_canonical_order_low_scores_included(pose):
    message = messages.pose_array([pose], Header(), 640, 480)

    joints = message.poses[0].joints
    assert [joint.name for joint in joints] == list(skeleton.JOINTS)
    assert [(joint.x, joint.y) for joint in joints] == [(20 * i, 20 * i + 10) for i in range(11)]
    assert [joint.score for joint in joints] == pytest.approx(np.linspace(0, 1, 11))


def test_person_and_image_are_described(pose):
    header = Header(frame_id="front_camera")
    header.stamp.sec, header.stamp.nanosec = 12, 34

    message = messages.pose_array([pose], header, 640, 480)

    assert message.header is header
    assert (message.image_width, message.image_height) == (640, 480)
    assert message.skeleton == "flic11"
    assert message.poses[0].track_id == 4
    assert message.poses[0].score == pytest.approx(0.5)


def test_no_people_are_an_empty_array():
    assert messages.pose_array([], Header(), 640, 480).poses == []


def test_joints_in_space_have_the_layout_of_those_in_the_image(pose):
    header, places = Header(frame_id="front_camera"), np.arange(33, dtype=np.float32).reshape(11, 3)

    flat = messages.pose_array([pose], header, 640, 480)
    message = messages.pose_3d_array([pose], [places], header, 640, 480)

    assert message.header is header
    assert (message.image_width, message.image_height) == (640, 480)
    assert message.skeleton == flat.skeleton
    person, flat_person = message.poses[0], flat.poses[0]
    assert (person.track_id, person.score) == (flat_person.track_id, flat_person.score)
    assert person.roi == flat_person.roi
    assert [joint.name for joint in person.joints] == list(skeleton.JOINTS)
    assert [[joint.x, joint.y, joint.z] for joint in person.joints] == places.tolist()
    assert [joint.score for joint in person.joints] == [j.score for j in flat_person.joints]


def test_a_joint_of_unknown_place_is_nan_and_keeps_its_score(pose):
    places = np.ones((11, 3), np.float32)
    places[5] = np.nan

    joint = messages.pose_3d_array([pose], [places], Header(), 640, 480).poses[0].joints[5]

    assert np.isnan([joint.x, joint.y, joint.z]).all()
    assert joint.score == pytest.approx(0.5)


def test_no_people_in_metres_are_an_empty_array():
    assert messages.pose_3d_array([], [], Header(), 640, 480).poses == []


def test_poses_and_places_that_do_not_belong_together_are_refused(pose):
    with pytest.raises(ValueError, match="shorter"):
        messages.pose_3d_array([pose], [], Header(), 640, 480)


def test_the_messages_fields_are_those_of_the_flat_ones():
    pairs = [(Pose3DArray, Pose2DArray), (Pose3D, Pose2D), (Joint3D, Joint2D)]

    for solid, flat in pairs:
        fields = {name: kind.replace("2D", "3D") for name, kind in flat_fields(flat)}
        assert dict(flat_fields(solid)) == {**fields, **({"z": "float"} if flat is Joint2D else {})}


def flat_fields(kind):
    return list(kind.get_fields_and_field_types().items())


def test_edges_join_the_joints_that_the_skeleton_names():
    message = messages.skeleton_message()

    pairs = zip(message.edges[::2], message.edges[1::2], strict=True)
    assert [(message.joints[a], message.joints[b]) for a, b in pairs] == list(skeleton.EDGES)


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        ((10, 20, 30, 50), (10, 20, 21, 31)),  # pixels 10 to 30 and 20 to 50, both included
        ((10.6, 20.4, 29.2, 49.9), (10, 20, 21, 31)),
        ((-15, -3, 1000, 7), (0, 0, 640, 8)),
        ((-50, 10, -20, 20), (0, 10, 0, 11)),
        ((700, 500, 800, 600), (640, 480, 0, 0)),
    ],
)
def test_the_region_is_the_box_in_whole_pixels_clipped_to_the_image(box, expected):
    region = messages.region_of_interest(box, 640, 480)

    assert (region.x_offset, region.y_offset, region.width, region.height) == expected


def test_the_region_of_a_person_holds_the_joints_that_were_seen(pose):
    region = messages.pose_array([pose], Header(), 640, 480).poses[0].roi

    # Scores 0, 0.1, 0.2, ...: the first joint is not seen.
    assert (region.x_offset, region.y_offset) == (20, 30)
    assert (region.width, region.height) == (181, 181)

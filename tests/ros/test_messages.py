import numpy as np
import pytest
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


def test_nobody_is_an_empty_array():
    assert messages.pose_array([], Header(), 640, 480).poses == []


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

    # Scores 0, 0.1, 0.2, ...: the first two joints are not seen.
    assert (region.x_offset, region.y_offset) == (40, 50)
    assert (region.width, region.height) == (161, 161)

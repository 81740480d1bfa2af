"""Models of whole bodies and of two joints in the node, over real DDS topics."""

import numpy as np
import pytest
from mobilepose_msgs.msg import Skeleton
from rclpy.qos import DurabilityPolicy, QoSProfile
from sensor_msgs.msg import Image
from std_msgs.msg import Header
from visualization_msgs.msg import MarkerArray

from mobilepose_core import Pose, skeleton
from mobilepose_core.messages import joints_from_depth
from mobilepose_ros import images, markers, messages

NAMES = skeleton.COCO_17.joints
PLACES = np.float32([
    [160, 75], [180, 40], [140, 40], [215, 50], [105, 50], [200, 95], [120, 95], [230, 140],
    [90, 140], [240, 190], [80, 190], [185, 200], [135, 200], [190, 290], [130, 290],
    [195, 380], [125, 380],
])  # fmt: skip
LATCHED = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)


def test_a_whole_body_goes_with_its_legs_to_joints_skeleton_markers_and_overlay(
    ros, body_network, paint, message, answers
):
    node, camera = ros.pose_node(body_network), ros.publisher()
    skeletons = ros.heard(Skeleton, "mobilepose/skeleton", LATCHED)
    shown = ros.heard(MarkerArray, "mobilepose/markers")
    overlays = ros.heard(Image, "mobilepose/overlay")
    ros.connect(node, camera)
    picture = paint(PLACES, 420, 18)

    ros.publish_until(
        camera, message(picture), lambda: answers and skeletons and shown and overlays
    )

    (person,) = answers[-1].poses
    assert [joint.name for joint in person.joints] == skeletons[0].joints == list(NAMES)
    assert answers[-1].skeleton == skeletons[0].name == "coco_17"
    found = np.array([(joint.x, joint.y) for joint in person.joints])
    assert np.abs(found - PLACES).max() < 8
    edges = np.array(skeletons[0].edges).reshape(-1, 2)
    assert len(edges) == len(skeleton.COCO_17.edges)
    limbs = next(marker for marker in shown[-1].markers if marker.ns == markers.LIMBS)
    assert len(limbs.points) == 2 * len(edges)
    changed = images.bgr_from_image(overlays[-1]) != picture
    assert changed[300:370].any()


def test_two_wrists_are_a_message_of_two_joints():
    wrists = skeleton.of_joints(["left_wrist", "right_wrist"])
    pose = Pose(np.float32([[1, 2], [3, 4]]), np.float32([0.5, 1]), 3, skeleton=wrists)
    header = Header()

    array = messages.pose_array([pose], header, 10, 10, wrists)
    message = messages.skeleton_message(wrists)

    assert [joint.name for joint in array.poses[0].joints] == message.joints
    assert message.joints == ["left_wrist", "right_wrist"]
    assert array.skeleton == message.name == "custom"
    assert list(message.edges) == []


def test_a_leg_that_would_be_longer_than_an_adults_loses_its_end():
    places = np.zeros((17, 3))
    places[:, 2] = 2.0
    index = skeleton.COCO_17.index
    places[[index["left_knee"], index["right_knee"]], 1] = 0.5
    places[[index["left_ankle"], index["right_ankle"]], 1] = (1.0, 0.9)
    places[index["left_ankle"], 2] = 3.0

    left = joints_from_depth.without_impossible_limbs(places, 2.0, skeleton.COCO_17)

    unknown = np.flatnonzero(np.isnan(left).any(axis=1))
    assert unknown.tolist() == [index["left_ankle"]]


@pytest.mark.parametrize("joints", skeleton.SKELETONS.values(), ids=lambda joints: joints.name)
def test_every_limb_has_a_length(joints):
    places = np.zeros((len(joints.joints), 3))

    assert joints_from_depth.limb_sizes(places, joints).tolist() == [0.0] * len(joints.edges)


def test_joints_without_limbs_have_no_impossible_ones():
    wrists = skeleton.of_joints(["left_wrist", "right_wrist"])
    places = np.array([[0, 0, 1.0], [5, 0, 1.0]])

    assert np.array_equal(joints_from_depth.without_impossible_limbs(places, 1.0, wrists), places)

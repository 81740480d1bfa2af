"""Joints in metres from depth images and a calibration, over real DDS topics."""

import numpy as np
import pytest
from calibrated_camera import DISTANCE, FOCAL, in_metres, marker_points
from diagnostic_msgs.msg import DiagnosticStatus
from mobilepose_msgs.msg import Pose3DArray
from rclpy.parameter import Parameter
from rclpy.qos import ReliabilityPolicy
from sensor_msgs.msg import CameraInfo
from visualization_msgs.msg import MarkerArray

from mobilepose_core import skeleton


def publishers(ros):
    """Of calibrations, depth images and images."""
    return ros.publisher("camera_info", kind=CameraInfo), ros.publisher("depth"), ros.publisher()


def test_a_depth_image_gives_joints_in_metres_with_the_images_header(
    ros, network, picture, joints, message, camera_info, depth_of
):
    node = ros.pose_node(network, use_depth=True)
    info, depth, camera = publishers(ros)
    found = ros.heard(Pose3DArray, "mobilepose/joints_3d")
    ros.connect(node, info, depth, camera)
    image = message(picture, number=12)

    def is_known():
        return found and np.isfinite(found[-1].poses[0].joints[0].z)

    ros.publish_together([(info, camera_info), (depth, depth_of(image)), (camera, image)], is_known)

    (person,) = found[-1].poses
    assert found[-1].header == image.header
    assert [joint.name for joint in person.joints] == list(skeleton.JOINTS)
    places = np.array([(joint.x, joint.y, joint.z) for joint in person.joints])
    assert np.allclose(places[:, 2], DISTANCE)
    # 5 pixels at this distance and focal length.
    assert np.abs(places - in_metres(joints, DISTANCE)).max() < 5 * DISTANCE / FOCAL


def test_joints_do_not_wait_for_depth_and_joints_in_metres_have_that_of_their_image(
    ros, network, picture, message, camera_info, depth_of, answers, diagnostics
):
    """Depth comes once the joints are there; each image's is 0.1 m farther than the one before."""
    node = ros.pose_node(network, use_depth=True, depth_wait=10.0)
    infos, depths, camera = (
        ros.publisher("camera_info", kind=CameraInfo),
        ros.publisher("depth"),
        ros.publisher(),
    )
    found = ros.heard(Pose3DArray, "mobilepose/joints_3d")
    ros.connect(node, infos, depths, camera)
    ros.wait(lambda: infos.publish(camera_info) or node.processing.locator._cameras.get(320, 240))

    for number in range(1, 5):
        image = message(picture, number)
        ros.publish_until(
            camera, image, lambda n=number: answers and answers[-1].header.stamp.sec == n
        )
        assert len([one for one in found if one.header.stamp.sec == number]) == 0
        ros.wait(
            lambda i=image, n=number: (
                depths.publish(depth_of(i, 1 + n / 10))
                or (found and found[-1].header.stamp.sec == n)
            )
        )

    for one in found:
        expected = 1 + one.header.stamp.sec / 10
        assert [joint.z for joint in one.poses[0].joints] == pytest.approx([expected] * 11)
    ros.wait(lambda: int(diagnostics.value("depth: of the same stamp")) >= 4)
    assert diagnostics.value("depth: none") == "0"


def test_without_depth_for_an_image_joints_in_metres_are_unknown_and_a_warning_says_why(
    ros, network, picture, message, camera_info, logged
):
    node = ros.pose_node(network, use_depth=True)
    info, camera = ros.publisher("camera_info", kind=CameraInfo), ros.publisher()
    found = ros.heard(Pose3DArray, "mobilepose/joints_3d")
    ros.connect(node, info, camera)

    ros.publish_together([(info, camera_info), (camera, message(picture))], lambda: found)

    assert np.isnan([joint.z for joint in found[0].poses[0].joints]).all()
    assert any("no joints in metres" in text for text in logged("WARN"))


def test_a_bad_depth_image_costs_no_answer_and_shows_in_diagnostics(
    ros, network, picture, message, camera_info, depth_of, answers, diagnostics
):
    node = ros.pose_node(network, use_depth=True)
    info, depth, camera = publishers(ros)
    found = ros.heard(Pose3DArray, "mobilepose/joints_3d")
    ros.connect(node, info, depth, camera)
    image = message(picture)
    bad = depth_of(image)
    bad.encoding = "bgr8"

    ros.publish_together(
        [(info, camera_info), (depth, bad), (camera, image)],
        lambda: diagnostics.says(DiagnosticStatus.WARN, "depth encoding 'bgr8'"),
    )

    assert answers
    assert node.counters.dropped.total() == node.counters.received - node.counters.answered
    assert np.isnan([joint.z for joint in found[-1].poses[0].joints]).all()


def test_markers_lie_in_space_where_depth_is_known(
    ros, network, picture, message, camera_info, depth_of
):
    node = ros.pose_node(network, use_depth=True)
    info, depth, camera = publishers(ros)
    shown = ros.heard(MarkerArray, "mobilepose/markers")
    ros.connect(node, info, depth, camera)
    image = message(picture)

    ros.publish_together(
        [(info, camera_info), (depth, depth_of(image)), (camera, image)],
        lambda: shown and np.allclose(marker_points(shown[-1].markers[0])[:, 2], DISTANCE),
    )


def test_an_unusable_calibration_is_why_there_are_no_joints_in_metres(
    ros, network, picture, message, depth_of, logged
):
    node = ros.pose_node(network, use_depth=True)
    info, depth, camera = publishers(ros)
    found = ros.heard(Pose3DArray, "mobilepose/joints_3d")
    ros.connect(node, info, depth, camera)
    image = message(picture)

    ros.publish_together(
        [(info, CameraInfo(width=320, height=240)), (depth, depth_of(image)), (camera, image)],
        lambda: found and "K is all zeros" in node.processing.locator.trouble,
    )

    assert node.processing.locator.trouble.startswith(
        "no joints in metres: CameraInfo's K is all zeros"
    )


def test_disabling_unsubscribes_from_calibration_and_depth_too(ros, network):
    node = ros.pose_node(network, use_depth=True)
    topics = ("/image", "/camera_info", "/depth")
    assert [node.count_subscribers(topic) for topic in topics] == [1, 1, 1]

    node.set_parameters([Parameter("enabled", value=False)])

    ros.wait(lambda: not any(node.count_subscribers(topic) for topic in topics))


@pytest.mark.parametrize("topic", ["camera_info", "depth"])
def test_the_quality_of_service_of_calibration_and_depth_can_be_overridden(ros, network, topic):
    name = f"qos_overrides./{topic}.subscription.reliability"

    node = ros.pose_node(network, use_depth=True, **{name: "reliable"})

    (subscription,) = node.get_subscriptions_info_by_topic(f"/{topic}")
    assert subscription.qos_profile.reliability == ReliabilityPolicy.RELIABLE


@pytest.mark.parametrize("topic", ["image", "depth"])
def test_a_wrong_quality_of_service_leaves_no_subscription_behind(ros, network, topic):
    name = f"qos_overrides./{topic}.subscription.reliability"
    node = ros.pose_node(network, start=False, use_depth=True, **{name: "perhaps"})

    assert not node.start()

    assert [s.topic_name for s in node.subscriptions if "parameter" not in s.topic_name] == []


def test_depth_is_subscribed_to_on_demand_only(ros, network):
    assert ros.pose_node(network).count_subscribers("/depth") == 0

"""Calibration and depth on their way through the pose node, over real DDS topics."""

import array

import numpy as np
import pytest
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from mobilepose_msgs.msg import Pose3DArray
from rclpy.parameter import Parameter
from rclpy.qos import ReliabilityPolicy
from sensor_msgs.msg import CameraInfo, Image
from visualization_msgs.msg import MarkerArray

from mobilepose_core import skeleton
from mobilepose_ros import pose_node

FOCAL, CENTRE = 300.0, (150.0, 130.0)
DISTANCE = 1.7


@pytest.fixture
def camera_info():
    """A calibration for the picture's 320x240 pixels."""
    fx, (cx, cy) = FOCAL, CENTRE
    return CameraInfo(
        width=320,
        height=240,
        distortion_model="plumb_bob",
        d=[0.0] * 5,
        k=[fx, 0.0, cx, 0.0, fx, cy, 0.0, 0.0, 1.0],
        r=[1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0],
        p=[fx, 0.0, cx, 0.0, 0.0, fx, cy, 0.0, 0.0, 0.0, 1.0, 0.0],
    )


@pytest.fixture
def depth_of():
    """A depth image that goes with an image: the same distance everywhere."""

    def make(image, metres=DISTANCE):
        data = np.full((240, 320), round(1000 * metres), "<u2")
        depth = Image(header=image.header, height=240, width=320, encoding="16UC1", step=640)
        depth.data = array.array("B", data.tobytes())
        return depth

    return make


def _publishers(ros):
    """Of calibrations, depth images and images."""
    return ros.publisher("camera_info", kind=CameraInfo), ros.publisher("depth"), ros.publisher()


def _publish_together(ros, publishers_and_messages, condition):
    """Sends all, the image last, until the condition holds."""
    *others, (camera, image) = publishers_and_messages

    def send_others_and_look():
        for publisher, message in others:
            publisher.publish(message)
        return condition()

    ros.publish_until(camera, image, send_others_and_look)


def _points(marker):
    return np.array([(p.x, p.y, p.z) for p in marker.points])


def _expected(joints, distance):
    plane = (joints - CENTRE) / FOCAL
    return np.column_stack([plane, np.ones(len(joints))]) * distance


def test_a_depth_image_gives_joints_in_metres_with_the_images_header(
    ros, network, picture, joints, message, camera_info, depth_of
):
    node = ros.pose_node(network, use_depth=True)
    info, depth, camera = _publishers(ros)
    found = ros.heard(Pose3DArray, "mobilepose/joints_3d")
    ros.connect(node, info, depth, camera)
    image = message(picture, number=12)

    def is_known():
        return found and np.isfinite(found[-1].poses[0].joints[0].z)

    _publish_together(
        ros, [(info, camera_info), (depth, depth_of(image)), (camera, image)], is_known
    )

    (person,) = found[-1].poses
    assert found[-1].header == image.header
    assert [joint.name for joint in person.joints] == list(skeleton.JOINTS)
    places = np.array([(joint.x, joint.y, joint.z) for joint in person.joints])
    assert np.allclose(places[:, 2], DISTANCE)
    # 5 pixels at this distance and focal length.
    assert np.abs(places - _expected(joints, DISTANCE)).max() < 5 * DISTANCE / FOCAL


def test_without_depth_for_an_image_joints_in_metres_are_unknown_and_a_warning_says_why(
    ros, network, picture, message, camera_info, logged
):
    node = ros.pose_node(network, use_depth=True)
    info, camera = ros.publisher("camera_info", kind=CameraInfo), ros.publisher()
    found = ros.heard(Pose3DArray, "mobilepose/joints_3d")
    ros.connect(node, info, camera)

    _publish_together(ros, [(info, camera_info), (camera, message(picture))], lambda: found)

    assert np.isnan([joint.z for joint in found[0].poses[0].joints]).all()
    assert any("no joints in metres" in text for text in logged("WARN"))


def test_a_bad_depth_image_costs_no_answer_and_shows_in_diagnostics(
    ros, network, picture, message, camera_info, depth_of, answers
):
    node = ros.pose_node(network, use_depth=True)
    info, depth, camera = _publishers(ros)
    found = ros.heard(Pose3DArray, "mobilepose/joints_3d")
    statuses = ros.heard(DiagnosticArray, "/diagnostics")
    ros.connect(node, info, depth, camera)
    image = message(picture)
    bad = depth_of(image)
    bad.encoding = "bgr8"

    _publish_together(
        ros,
        [(info, camera_info), (depth, bad), (camera, image)],
        lambda: any("depth encoding 'bgr8'" in s.status[0].message for s in statuses),
    )

    assert answers
    assert node.counters.dropped.total() == node.counters.received - node.counters.answered
    assert np.isnan([joint.z for joint in found[-1].poses[0].joints]).all()


def test_markers_lie_where_the_calibration_has_them_at_the_depth_asked_for(
    ros, network, picture, joints, message, camera_info
):
    node = ros.pose_node(network, marker_depth=3.0)
    info, camera = ros.publisher("camera_info", kind=CameraInfo), ros.publisher()
    shown = ros.heard(MarkerArray, "mobilepose/markers")
    ros.connect(node, info, camera)
    expected = _expected(joints, 3.0)

    def is_calibrated():
        return shown and np.abs(_points(shown[-1].markers[0]) - expected).max() < 15 / FOCAL

    _publish_together(ros, [(info, camera_info), (camera, message(picture))], is_calibrated)

    assert is_calibrated()


def test_markers_lie_in_space_where_depth_is_known(
    ros, network, picture, message, camera_info, depth_of
):
    node = ros.pose_node(network, use_depth=True)
    info, depth, camera = _publishers(ros)
    shown = ros.heard(MarkerArray, "mobilepose/markers")
    ros.connect(node, info, depth, camera)
    image = message(picture)

    _publish_together(
        ros,
        [(info, camera_info), (depth, depth_of(image)), (camera, image)],
        lambda: shown and np.allclose(_points(shown[-1].markers[0])[:, 2], DISTANCE),
    )


def test_a_calibration_of_zeros_is_reported_once_and_not_used(
    ros, network, picture, message, logged
):
    node = ros.pose_node(network)
    info, camera = ros.publisher("camera_info", kind=CameraInfo), ros.publisher()
    shown = ros.heard(MarkerArray, "mobilepose/markers")
    ros.connect(node, info, camera)

    _publish_together(
        ros,
        [(info, CameraInfo(width=320, height=240)), (camera, message(picture))],
        lambda: len(shown) >= 4,
    )

    (line,) = [text for text in logged("WARN") if "calibration" in text]
    assert "all zeros" in line


def _status(statuses):
    """Level and message of the newest diagnostics."""
    return (statuses[-1].status[0].level, statuses[-1].status[0].message) if statuses else None


@pytest.mark.parametrize("ending", ["a good calibration", "nobody listens"])
def test_a_bad_calibration_is_a_warning_for_as_long_as_it_is_in_the_way(
    ros, network, picture, message, camera_info, monkeypatch, ending
):
    monkeypatch.setattr(pose_node, "DIAGNOSTICS_INTERVAL", 0.1)
    node = ros.pose_node(network)
    info, camera = ros.publisher("camera_info", kind=CameraInfo), ros.publisher()
    statuses = ros.heard(DiagnosticArray, "/diagnostics")
    ros.heard(MarkerArray, "mobilepose/markers")
    ros.connect(node, info, camera)
    image = message(picture, number=0)

    def says(level, text):
        status = _status(statuses)
        return status is not None and status[0] == level and text in status[1]

    bad = CameraInfo(width=320, height=240)
    _publish_together(
        ros,
        [(info, bad), (camera, image)],
        lambda: says(DiagnosticStatus.WARN, "calibration not used: CameraInfo's K is all zeros"),
    )
    if ending == "nobody listens":
        markers = [s for s in ros.probe.subscriptions if s.topic_name == "/mobilepose/markers"]
        ros.probe.destroy_subscription(*markers)
    else:
        bad = camera_info

    _publish_together(
        ros, [(info, bad), (camera, image)], lambda: says(DiagnosticStatus.OK, "works")
    )


def test_an_unusable_calibration_is_why_there_are_no_joints_in_metres(
    ros, network, picture, message, depth_of, logged
):
    node = ros.pose_node(network, use_depth=True)
    info, depth, camera = _publishers(ros)
    found = ros.heard(Pose3DArray, "mobilepose/joints_3d")
    ros.connect(node, info, depth, camera)
    image = message(picture)

    _publish_together(
        ros,
        [(info, CameraInfo(width=320, height=240)), (depth, depth_of(image)), (camera, image)],
        lambda: found and "K is all zeros" in node._space.trouble,
    )

    assert node._space.trouble.startswith("no joints in metres: CameraInfo's K is all zeros")


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


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("-r", "image:=/front/image_raw"),
        ("-r", "image:=/front/image_raw/compressed"),
    ],
)
def test_the_calibration_is_looked_for_beside_the_images(ros, network, arguments):
    node = ros.pose_node(network, arguments=arguments)
    topic = "/front/camera_info" if arguments else "/camera_info"

    assert node.count_subscribers(topic) == 1


def test_the_calibration_may_be_remapped_by_itself(ros, network):
    arguments = ("-r", "image:=/front/image_raw", "-r", "camera_info:=/there")

    assert ros.pose_node(network, arguments=arguments).count_subscribers("/there") == 1


def test_depth_is_subscribed_to_on_demand_only(ros, network):
    assert ros.pose_node(network).count_subscribers("/depth") == 0

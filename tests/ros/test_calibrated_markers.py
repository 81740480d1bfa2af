"""Markers and the calibration that they need, over real DDS topics."""

import math

import numpy as np
import pytest
from calibrated_camera import FOCAL, in_metres, marker_points
from diagnostic_msgs.msg import DiagnosticStatus
from rclpy.qos import DurabilityPolicy, QoSProfile
from sensor_msgs.msg import CameraInfo
from visualization_msgs.msg import MarkerArray

from mobilepose_ros import joint_locator


def test_markers_lie_where_the_calibration_has_them_at_the_depth_asked_for(
    ros, network, picture, joints, message, camera_info
):
    node = ros.pose_node(network, marker_depth=3.0)
    info, camera = ros.publisher("camera_info", kind=CameraInfo), ros.publisher()
    shown = ros.heard(MarkerArray, "mobilepose/markers")
    ros.connect(node, info, camera)
    expected = in_metres(joints, 3.0)

    def is_calibrated():
        return shown and np.abs(marker_points(shown[-1].markers[0]) - expected).max() < 15 / FOCAL

    ros.publish_together([(info, camera_info), (camera, message(picture))], is_calibrated)

    assert is_calibrated()


def test_a_calibration_that_was_latched_before_the_node_started_is_used(
    ros, network, picture, joints, message, camera_info
):
    qos = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
    ros.probe.create_publisher(CameraInfo, "camera_info", qos).publish(camera_info)
    node, camera = ros.pose_node(network), ros.publisher()
    shown = ros.heard(MarkerArray, "mobilepose/markers")
    ros.connect(node, camera)
    image = message(picture)

    ros.publish_until(camera, image, lambda: node.processing.locator._cameras.get(320, 240))
    shown.clear()
    ros.publish_until(camera, image, lambda: shown)

    xs = [point.x for point in shown[-1].markers[0].points]
    assert max(xs) - min(xs) == pytest.approx(2.0 * np.ptp(joints[:, 0]) / FOCAL, rel=0.1)


def test_a_calibration_of_zeros_is_reported_once_and_not_used(
    ros, network, picture, message, logged
):
    node = ros.pose_node(network)
    info, camera = ros.publisher("camera_info", kind=CameraInfo), ros.publisher()
    shown = ros.heard(MarkerArray, "mobilepose/markers")
    ros.connect(node, info, camera)

    ros.publish_together(
        [(info, CameraInfo(width=320, height=240)), (camera, message(picture))],
        lambda: len(shown) >= 4,
    )

    (line,) = [text for text in logged("WARN") if "calibration" in text]
    assert "all zeros" in line


@pytest.mark.parametrize("ending", ["a good calibration", "no subscriber"])
def test_a_bad_calibration_is_a_warning_for_as_long_as_it_is_in_the_way(
    ros, network, picture, message, camera_info, diagnostics, ending
):
    node = ros.pose_node(network)
    info, camera = ros.publisher("camera_info", kind=CameraInfo), ros.publisher()
    ros.heard(MarkerArray, "mobilepose/markers")
    ros.connect(node, info, camera)
    image = message(picture, number=0)

    bad = CameraInfo(width=320, height=240)
    ros.publish_together(
        [(info, bad), (camera, image)],
        lambda: diagnostics.says(
            DiagnosticStatus.WARN, "calibration not used: CameraInfo's K is all zeros"
        ),
    )
    if ending == "no subscriber":
        markers = [s for s in ros.probe.subscriptions if s.topic_name == "/mobilepose/markers"]
        ros.probe.destroy_subscription(*markers)
    else:
        bad = camera_info

    ros.publish_together(
        [(info, bad), (camera, image)], lambda: diagnostics.says(DiagnosticStatus.OK, "works")
    )


def test_a_distortion_that_no_lens_has_is_a_warning_and_not_used(
    ros, network, picture, message, camera_info, diagnostics
):
    node = ros.pose_node(network)
    info, camera = ros.publisher("camera_info", kind=CameraInfo), ros.publisher()
    shown = ros.heard(MarkerArray, "mobilepose/markers")
    ros.connect(node, info, camera)
    camera_info.distortion_model, camera_info.d = "plumb_bob", [1e30, 0.0, 0.0, 0.0, 0.0]

    ros.publish_together(
        [(info, camera_info), (camera, message(picture, number=0))],
        lambda: diagnostics.says(DiagnosticStatus.WARN, "coefficient (k1) is 1e+30") and shown,
    )

    places = [point for marker in shown[-1].markers for point in marker.points]
    assert places
    assert all(math.isfinite(point.x) for point in places)


def test_an_assumed_camera_is_logged_once_and_in_diagnostics_while_it_lasts(
    ros, network, picture, message, camera_info, monkeypatch, diagnostics, logged
):
    monkeypatch.setattr(joint_locator, "GRACE", 0.2)
    node = ros.pose_node(network)
    infos, camera = ros.publisher("camera_info", kind=CameraInfo), ros.publisher()
    ros.heard(MarkerArray, "mobilepose/markers")
    ros.connect(node, infos, camera)
    image = message(picture, number=0)

    expected = "markers assume a camera with a field of view of 53 degrees: no usable CameraInfo"
    ros.publish_until(camera, image, lambda: diagnostics.says(DiagnosticStatus.WARN, expected))
    assert len([text for text in logged("WARN") if expected in text]) == 1

    def calibrated():
        infos.publish(camera_info)
        return diagnostics.says(DiagnosticStatus.OK, "works")

    ros.publish_until(camera, image, calibrated)


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

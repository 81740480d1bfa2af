"""The pose node's lifecycle, parameters and watchdog, over real DDS topics."""

import functools
import gc
import threading

import cv2
import pytest
import rclpy
from mobilepose_msgs.msg import Skeleton
from rclpy.context import Context
from rclpy.node import Node
from rclpy.parameter import Parameter
from rclpy.qos import ReliabilityPolicy
from visualization_msgs.msg import Marker, MarkerArray

from mobilepose_core.inference.runtime import cuda_graphs, providers
from mobilepose_core.inference.runtime import session as networks


def test_deactivate_deletes_the_markers_it_has_shown(ros, network, picture, message):
    shown = ros.heard(MarkerArray, "mobilepose/markers")
    node, camera = ros.pose_node(network), ros.publisher()
    ros.connect(node, camera)
    ros.publish_until(camera, message(picture), lambda: shown)

    node.trigger_deactivate()

    ros.wait(lambda: shown[-1].markers and shown[-1].markers[0].action == Marker.DELETE)
    assert {(m.ns, m.id) for m in shown[-1].markers} == {("joints", 1), ("limbs", 1)}


def test_a_node_answers_again_after_it_was_cleaned_up_and_configured_again(
    ros, network, picture, message, answers
):
    node, camera = ros.pose_node(network), ros.publisher()

    for _ in range(3):
        node.trigger_deactivate()
        node.trigger_cleanup()
        assert node.start()
    ros.connect(node, camera)
    ros.publish_until(camera, message(picture), lambda: answers)

    assert answers[0].poses
    assert sum(thread.name == "inference" for thread in threading.enumerate()) == 1


@pytest.mark.usefixtures("own_opencv_threads")
def test_a_node_with_one_thread_scales_images_with_one_too(ros, network):
    cv2.setNumThreads(3)

    ros.pose_node(network, threads=1)

    assert cv2.getNumThreads() == 1


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"model": "nobody"}, "model 'nobody' not found; known: "),
        ({"model": __file__}, "cannot be loaded as an ONNX model"),
        (
            {"device": "tpu"},
            "parameter device is one of auto, cpu, cuda, tensorrt, openvino",
        ),
        ({"threads": -1}, "parameter threads is an integer from 0 to 256: "),
        (
            {"person_finder": "detector", "find_size": 100},
            "find_size is a multiple of 32 from 96 to 1280, or 0 for the default, 256; got 100",
        ),
        (
            {"person_finder": "full_frame", "find_size": 320},
            "person detector 'full_frame' has none, leave find_size at 0 with it",
        ),
        ({"marker_depth": "far"}, "parameter marker_depth is a number with a point"),
        ({"joint_threshold": 1.5}, "joint_threshold is a number with a point from 0.0 to 1.0: "),
        ({"joint_threshold": float("nan")}, "joint_threshold is a number with a point from 0.0"),
        (
            {"qos_overrides./image.subscription.reliability": "perhaps"},
            "Unexpected QoS override for policy `reliability`: `perhaps`",
        ),
    ],
)
def test_configuring_fails_with_the_reason(ros, network, logged, values, complaint):
    node = ros.pose_node(**{"model": network, **values}, start=False)

    assert not node.start()

    (error,) = logged("ERROR")
    assert complaint in error
    assert "\n" not in error.strip()
    assert node.state == "unconfigured"
    assert node.failure in error


def test_a_wrong_parameter_can_be_put_right_and_the_node_configured(ros, network):
    node = ros.pose_node(network, start=False, joint_threshold=7.0)
    assert not node.start()

    (result,) = node.set_parameters([Parameter("joint_threshold", value=0.4)])

    assert result.successful
    assert node.start()
    assert node.settings.joint_threshold == 0.4


def test_thresholds_change_while_the_node_runs(ros, network):
    node = ros.pose_node(network)

    result = node.set_parameters_atomically(
        [Parameter("joint_threshold", value=0.9), Parameter("marker_depth", value=3.0)]
    )

    assert result.successful
    assert (node.settings.joint_threshold, node.settings.marker_depth) == (0.9, 3.0)


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("joint_threshold", -0.1, "joint_threshold"),
        ("marker_lifetime", float("nan"), "marker_lifetime out of range"),
        (
            "device",
            "tpu",
            "parameter device is one of auto, cpu, cuda, tensorrt, openvino",
        ),
        ("model", "other.onnx", "only be set while the node is unconfigured"),
        ("autostart", False, "read-only"),
    ],
)
def test_a_set_with_one_wrong_value_is_refused_whole(ros, network, name, value, reason):
    node = ros.pose_node(network)
    before = node.settings

    result = node.set_parameters_atomically(
        [Parameter("marker_depth", value=9.0), Parameter(name, value=value)]
    )

    assert not result.successful
    assert reason in result.reason
    assert node.settings == before
    assert node.get_parameter("marker_depth").value == before.marker_depth


def test_silence_is_reported_with_the_topic_and_its_publishers(ros, network, logged):
    ros.pose_node(network, silence_timeout=0.2)

    ros.wait(lambda: logged("WARN"), what="a warning")

    (warning,) = logged("WARN")
    assert "no image on /image" in warning
    assert "0 publisher(s)" in warning


def test_silence_names_a_publisher_of_another_type(ros, network, logged):
    elsewhere = Context()
    rclpy.init(args=[], context=elsewhere)
    other = Node("depth_camera", namespace="front", context=elsewhere)
    other.create_publisher(Skeleton, "/image", 1)
    ros.pose_node(network, silence_timeout=0.2)

    hint = (
        "/front/depth_camera publishes mobilepose_msgs/msg/Skeleton, expected sensor_msgs/msg/Image"
    )
    ros.wait(lambda: any(hint in text for _, text in logged()), what=hint)

    other.destroy_node()
    elsewhere.shutdown()


def test_the_quality_of_service_can_be_overridden(ros, network, logged):
    override = {"qos_overrides./image.subscription.reliability": "reliable"}
    node = ros.pose_node(network, silence_timeout=0.2, **override)
    camera = ros.publisher(reliability=ReliabilityPolicy.BEST_EFFORT)

    ros.wait(lambda: any("QoS of /probe is incompatible" in line[1] for line in logged()))

    assert (
        node.processing.images._subscription.qos_profile.reliability == ReliabilityPolicy.RELIABLE
    )
    assert camera.get_subscription_count() == 0


def test_the_provider_is_logged_once_and_a_fallback_is_a_warning(ros, network, logged):
    ros.pose_node(network, device="cuda")

    lines = logged()
    providers = [line for line in lines if "runs on" in line[1]]
    assert len(providers) == 1
    if "CPUExecutionProvider" in providers[0][1]:
        (warning,) = logged("WARN")
        assert "device cuda: " in warning


@pytest.mark.parametrize(("given", "used"), [(320, 320), (0, 256)])
def test_the_detector_looks_at_the_canvas_that_find_size_says(ros, network, logged, given, used):
    ros.pose_node(network, person_finder="detector", find_size=given)

    assert any(f"detector size {used}" in line[1] for line in logged())


def test_a_gpu_is_warmed_up_while_the_node_is_configured(ros, network, logged, monkeypatch):
    monkeypatch.setattr(providers, "GPU_PROVIDERS", (providers.CPU,))
    monkeypatch.setattr(providers, "with_graphs", lambda session: True)
    on_cpu = functools.partial(cuda_graphs.GraphRunner, device="cpu")
    monkeypatch.setattr(networks, "GraphRunner", on_cpu)

    node = ros.pose_node(network, max_people=3)

    assert any("warms up the GPU for up to 3 people" in text for text in logged("INFO"))
    met = node._estimator.model._bound._places
    assert [shape[0] for shape, _ in met] == [1, 2, 4, 8]

    node.trigger_deactivate()
    node.trigger_cleanup()

    def is_ended():
        gc.collect()  # an estimator and its detector may refer to each other
        return not any(thread.name.startswith("network") for thread in threading.enumerate())

    ros.wait(is_ended, what="the end of the network's thread")

"""The pose node's controls at runtime: ~/enable, parameters, and diagnostics."""

import threading
import time

import pytest
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from mobilepose_msgs.msg import Pose2DArray
from rcl_interfaces.srv import SetParametersAtomically
from rclpy.parameter import Parameter
from std_srvs.srv import SetBool
from visualization_msgs.msg import Marker, MarkerArray

from mobilepose_ros import pose_node
from mobilepose_ros.counters import Drop


@pytest.fixture
def enable(ros):
    """Calls ~/enable; its answer."""

    def call(wanted):
        client = ros.probe.create_client(SetBool, "mobilepose/enable")
        assert client.wait_for_service(30)
        return ros.answer(client, SetBool.Request(data=wanted))

    return call


@pytest.fixture
def diagnosed(ros, monkeypatch):
    """Waits for the next status on /diagnostics: (level, message, figures)."""
    monkeypatch.setattr(pose_node, "DIAGNOSTICS_INTERVAL", 0.1)  # a second is a long time here
    messages = ros.heard(DiagnosticArray, "/diagnostics")

    def next_one():
        count = len(messages)
        ros.wait(lambda: len(messages) > count, what="diagnostics")
        (status,) = messages[-1].status
        return status.level, status.message, {entry.key: entry.value for entry in status.values}

    return next_one


def test_disabling_unsubscribes_and_clears_the_markers(
    ros, network, picture, message, enable, answers
):
    shown = ros.heard(MarkerArray, "mobilepose/markers")
    node, camera = ros.pose_node(network), ros.publisher()
    ros.connect(node, camera)
    ros.publish_until(camera, message(picture), lambda: shown)

    answer = enable(False)

    assert (answer.success, answer.message) == (True, "disabled")
    ros.wait(lambda: shown[-1].markers and shown[-1].markers[0].action == Marker.DELETE)
    ros.wait(lambda: camera.get_subscription_count() == 0, what="the end of the subscription")
    assert not any(thread.name == "inference" for thread in threading.enumerate())
    count = len(answers)
    camera.publish(message(picture))
    time.sleep(0.3)
    assert len(answers) == count


def test_enabling_takes_up_the_work_again(ros, network, picture, message, enable, answers):
    node, camera = ros.pose_node(network, enabled=False), ros.publisher()
    time.sleep(0.2)
    assert camera.get_subscription_count() == 0

    answer = enable(True)

    assert (answer.success, answer.message) == (True, "enabled")
    ros.connect(node, camera)
    ros.publish_until(camera, message(picture), lambda: answers)


def test_enabling_what_is_enabled_changes_nothing(ros, network, enable):
    node = ros.pose_node(network)
    inference = node.processing.inference

    answer = enable(True)

    assert (answer.success, answer.message) == (True, "already enabled")
    assert node.processing.inference is inference


@pytest.mark.parametrize("wanted", [True, False])
def test_a_node_that_is_not_active_refuses_with_the_reason(ros, network, enable, wanted):
    node = ros.pose_node(network, start=False)

    answer = enable(wanted)

    assert not answer.success
    assert answer.message == "the node is unconfigured: activate it first"
    assert node.settings.enabled


def test_what_was_disabled_stays_so_until_it_is_enabled(ros, network, enable):
    node, camera = ros.pose_node(network), ros.publisher()
    assert enable(False).success

    node.trigger_deactivate()
    node.trigger_activate()

    assert camera.get_subscription_count() == 0
    assert not node.settings.enabled
    assert enable(True).success
    ros.connect(node, camera)


def test_changes_in_several_threads_leave_one_that_answers(ros, network, picture, message, answers):
    node, camera = ros.pose_node(network), ros.publisher()

    def storm():
        for number in range(40):
            node.set_parameters([Parameter("enabled", value=bool(number % 2))])

    storms = [threading.Thread(target=storm) for _ in range(3)]
    for thread in storms:
        thread.start()
    for thread in storms:
        thread.join(60)

    assert node.settings.enabled
    assert sum(thread.name == "inference" for thread in threading.enumerate()) == 1
    ros.connect(node, camera)
    assert camera.get_subscription_count() == 1
    ros.publish_until(camera, message(picture), lambda: answers)


def test_parameters_change_together_for_the_next_image(ros, network, picture, message, answers):
    node, camera = ros.pose_node(network), ros.publisher()
    ros.connect(node, camera)
    ros.publish_until(camera, message(picture), lambda: answers and answers[-1].poses)
    client = ros.probe.create_client(
        SetParametersAtomically, "mobilepose/set_parameters_atomically"
    )
    assert client.wait_for_service(30)

    def change(**values):
        parameters = [Parameter(name, value=v).to_parameter_msg() for name, v in values.items()]
        request = SetParametersAtomically.Request(parameters=parameters)
        return ros.answer(client, request).result

    assert change(person_threshold=1.0, joint_threshold=0.9).successful
    ros.publish_until(camera, message(picture, 2), lambda: answers[-1].header.stamp.sec == 2)
    assert answers[-1].poses == []

    refused = change(person_threshold=0.3, joint_threshold=1.1)
    assert not refused.successful
    assert "joint_threshold" in refused.reason
    assert (node.settings.person_threshold, node.settings.joint_threshold) == (1.0, 0.9)

    assert change(person_threshold=0.3).successful
    ros.publish_until(camera, message(picture, 3), lambda: answers[-1].header.stamp.sec == 3)
    assert len(answers[-1].poses) == 1


def test_images_over_the_limit_are_dropped_and_counted(ros, network, picture, message, answers):
    node, camera = ros.pose_node(network, max_rate=0.001), ros.publisher()
    ros.connect(node, camera)
    ros.publish_until(camera, message(picture), lambda: node.counters.dropped[Drop.LIMITED])
    assert len(answers) <= 1

    assert node.set_parameters([Parameter("max_rate", value=0.0)])[0].successful

    ros.publish_until(
        camera, message(picture, 2), lambda: answers and answers[-1].header.stamp.sec == 2
    )


@pytest.mark.alone
def test_half_the_camera_s_rate_is_half_the_images(ros, network, picture, message, answers):
    node, camera = ros.pose_node(network, max_rate=20.0), ros.publisher()
    ros.connect(node, camera)

    start = time.monotonic()
    for number in range(60):
        time.sleep(max(0.0, start + number / 40 - time.monotonic()))
        camera.publish(message(picture, 1 + number))
    ros.wait(lambda: node.counters.received > 50, what="the images")

    limited = node.counters.dropped[Drop.LIMITED]
    assert limited == pytest.approx(node.counters.received / 2, abs=6)


def test_diagnostics_tell_what_the_node_does(ros, network, picture, message, answers, diagnosed):
    node, camera = ros.pose_node(network), ros.publisher()
    ros.connect(node, camera)
    image = message(picture)

    def answered():
        image.header.stamp = ros.probe.get_clock().now().to_msg()
        return answers

    ros.publish_until(camera, image, answered)
    level, text, figures = diagnosed()

    assert level == DiagnosticStatus.OK, text
    assert figures["state"] == "active"
    assert figures["image topic"] == "/image"
    assert figures["model"] == "markers"
    assert len(figures["model SHA-256"]) == 64
    assert figures["provider"] == "CPUExecutionProvider"
    assert figures["provider chosen because"] == "device is cpu"
    assert float(figures["latency p99 (ms)"]) >= float(figures["latency p50 (ms)"]) > 0
    assert float(figures["inference p50 (ms)"]) > 0
    assert int(figures["answered"]) >= 1


def test_diagnostics_follow_the_state(ros, network, diagnosed, enable):
    node = ros.pose_node(network, silence_timeout=0.5)

    ros.wait(lambda: diagnosed()[0] == DiagnosticStatus.ERROR, what="an error")
    assert "no image on /image" in diagnosed()[1]
    enable(False)
    ros.wait(lambda: diagnosed()[1] == "disabled", what="disabled")
    node.trigger_deactivate()
    ros.wait(lambda: diagnosed()[1] == "not active, inactive", what="inactive")
    node.trigger_cleanup()
    assert node.set_parameters([Parameter("model", value="nobody")])[0].successful
    assert not node.start()
    ros.wait(lambda: diagnosed()[0] == DiagnosticStatus.ERROR, what="an error")
    assert "model 'nobody' not found" in diagnosed()[1]


@pytest.mark.alone
def test_diagnostics_come_once_a_second(ros, network):
    messages = ros.heard(DiagnosticArray, "/diagnostics")
    ros.pose_node(network)

    ros.wait(lambda: len(messages) == 3, what="diagnostics")

    first, _, third = (m.header.stamp.sec + m.header.stamp.nanosec / 1e9 for m in messages)
    assert third - first == pytest.approx(2.0, abs=0.5)


def test_diagnostics_name_the_node_with_its_namespace(ros, network):
    messages = ros.heard(DiagnosticArray, "/diagnostics")
    for namespace in ("front", "rear"):
        ros.pose_node(network, namespace=namespace)

    names = {"front/mobilepose: pose estimation", "rear/mobilepose: pose estimation"}
    ros.wait(lambda: names <= {m.status[0].name for m in messages}, what="both nodes")


def test_namespaces_move_all_topics_and_services_of_the_node(ros, network, picture, message):
    answers = ros.heard(Pose2DArray, "front/mobilepose/joints")
    node, camera = ros.pose_node(network, namespace="front"), ros.publisher("front/image")
    ros.connect(node, camera)

    ros.publish_until(camera, message(picture), lambda: answers)

    topics = {name for name, _ in ros.probe.get_topic_names_and_types()}
    ours = [name for name in topics if "mobilepose" in name or name.endswith("image")]
    assert all(name.startswith("/front/") for name in ours)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("joint_treshold", "did you mean joint_threshold?"),
        ("max_hz", "known: model, device, "),
    ],
)
def test_an_unknown_override_is_a_warning_that_names_the_nearest(ros, network, logged, name, hint):
    ros.pose_node(network, **{name: 0.5, "qos_overrides./other.publisher.depth": 2})

    (warning,) = logged("WARN")
    assert f"parameter {name} is unknown and ignored; {hint}" in warning


def test_an_unknown_parameter_in_a_file_is_reported_too(ros, network, logged, tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text("/**:\n  ros__parameters:\n    marker_life_time: 2.0\n    marker_depth: 3.0\n")

    node = ros.pose_node(network, arguments=["--params-file", str(file)])

    (warning,) = logged("WARN")
    assert "marker_life_time is unknown and ignored; did you mean marker_lifetime?" in warning
    assert node.settings.marker_depth == 3.0


def test_parameters_of_ros_itself_are_no_unknown_ones(ros, network, logged):
    ros.pose_node(network, use_sim_time=False, start_type_description_service=True)

    assert logged("WARN") == []


def test_every_image_that_came_in_is_accounted_for(ros, slow_network, picture, message):
    """Images in progress, or waiting, when the node stops are counted too."""
    node, camera = ros.pose_node(slow_network), ros.publisher()
    ros.connect(node, camera)

    for number in range(3):
        for stamp in range(5):
            camera.publish(message(picture, 1 + 10 * number + stamp))
            time.sleep(0.01)
        node.set_parameters([Parameter("enabled", value=False)])
        node.set_parameters([Parameter("enabled", value=True)])
        ros.connect(node, camera)
    node.set_parameters([Parameter("enabled", value=False)])

    counters = node.counters
    assert counters.received > 3
    assert counters.dropped[Drop.STOPPED] > 0
    assert counters.received == counters.answered + counters.dropped.total()

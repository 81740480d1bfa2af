"""Two cameras on one topic, and the node started twice, over real DDS topics."""

import pytest
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from rclpy.node import Node
from sensor_msgs.msg import CameraInfo, Image

from mobilepose_ros import pose_node
from mobilepose_ros.publisher_watch import PublisherWatch


@pytest.fixture
def quick(monkeypatch):
    """The node looks around more often."""
    monkeypatch.setattr(pose_node, "WATCH_INTERVAL", 0.05)
    monkeypatch.setattr(pose_node, "DIAGNOSTICS_INTERVAL", 0.1)


def concerns(statuses):
    return [s.status[0].message for s in statuses if s.status[0].level == DiagnosticStatus.WARN]


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(("topic", "kind"), [("image", Image), ("camera_info", CameraInfo)])
def test_two_cameras_on_one_topic_are_a_warning_with_both_names(ros, network, logged, topic, kind):
    node = ros.pose_node(network)
    statuses = ros.heard(DiagnosticArray, "/diagnostics")
    cameras = [ros.add(Node(name, namespace="/car")) for name in ("front", "rear")]
    for camera in cameras:
        camera.create_publisher(kind, f"/{topic}", 10)

    expected = f"2 publishers on /{topic}: /car/front, /car/rear"
    ros.wait(lambda: any(expected in text for text in concerns(statuses)))
    assert len([text for text in logged("WARN") if expected in text]) == 1

    ros.executor.remove_node(cameras[1])
    ros.nodes.remove(cameras[1])
    cameras[1].destroy_node()
    ros.wait(lambda: not node._watchdog._publishers.trouble)


@pytest.mark.usefixtures("quick")
def test_a_node_that_is_started_twice_is_a_warning(ros, network, logged):
    ros.pose_node(network)
    statuses = ros.heard(DiagnosticArray, "/diagnostics")

    ros.pose_node(network)

    expected = "2 publishers on this node's topic /mobilepose/joints: /mobilepose, /mobilepose"
    ros.wait(lambda: any(expected in text for text in concerns(statuses)))
    assert any("was it started twice?" in text for text in logged("WARN"))


def test_a_publisher_that_is_there_at_one_look_only_is_no_matter(ros):
    """One that ends as the next begins, as on a restart of the camera."""
    node = ros.add(Node("receiver"))
    watch = PublisherWatch(node)
    publishers = [ros.publisher("image"), ros.publisher("image")]
    ros.wait(lambda: node.count_publishers("image") == 2)

    watch.check(["/image"], [])
    assert watch.trouble == ""

    ros.probe.destroy_publisher(publishers[1])
    ros.wait(lambda: node.count_publishers("image") == 1)
    watch.check(["/image"], [])
    assert watch.trouble == ""


def test_one_node_with_a_camera_and_no_other_is_no_trouble(ros, network):
    node = ros.pose_node(network)
    camera = ros.publisher()
    ros.connect(node, camera)

    for _ in range(3):
        node._watchdog.check_publishers(node.processing, node.outputs.topics)

    assert node._watchdog._publishers.trouble == ""

"""What the launch files start, as processes over DDS."""

import re
import time

import pytest

from mobilepose_ros.launch_arguments import DEMO, FOLLOW, MULTI_CAMERA, POSE
from mobilepose_ros.parameters import CameraParameters

FILES = {"pose": POSE, "demo": DEMO, "multi_camera": MULTI_CAMERA, "follow": FOLLOW}

XML = """
<launch>
  <include file="$(find-pkg-share mobilepose_ros)/launch/pose.launch.py">
    <arg name="image" value="/camera/image_raw"/>
    <arg name="namespace" value="robot"/>
    <arg name="device" value="cpu"/>
  </include>
</launch>
"""

YAML = """
launch:
  - include:
      file: $(find-pkg-share mobilepose_ros)/launch/pose.launch.py
      arg:
        - {name: image, value: /camera/image_raw}
        - {name: namespace, value: robot}
        - {name: device, value: cpu}
"""


def spin_until(probe, condition, seconds=60):
    import rclpy

    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        rclpy.spin_once(probe, timeout_sec=0.1)


def answer(probe, client, request):
    """Asks again every second: a service loses its answer to a client that it does not know yet."""
    asked = []

    def is_answered():
        if not asked or time.monotonic() > asked[-1][0] + 1:
            asked.append((time.monotonic(), client.call_async(request)))
        return any(future.done() for _, future in asked)

    spin_until(probe, is_answered)
    return next(future.result() for _, future in asked if future.done())


def names(probe):
    return {f"{ns.rstrip('/')}/{name}" for name, ns in probe.get_node_names_and_namespaces()}


@pytest.mark.parametrize("name", FILES)
def test_every_file_declares_its_arguments(description, name):
    declared = {argument.name: argument for argument in description(name).get_launch_arguments()}

    assert set(FILES[name]) <= set(declared)
    for key, argument in FILES[name].items():
        assert declared[key].description.startswith(argument.description)


def test_the_pose_launch_file_starts_a_node_on_the_topics_of_a_camera(launched, probe):
    launched("pose", image="/camera/image_raw", depth="/camera/depth", device="cpu")

    spin_until(probe, lambda: "/mobilepose" in names(probe))
    for topic in ("/camera/image_raw", "/camera/camera_info", "/camera/depth"):
        spin_until(probe, lambda t=topic: probe.count_subscribers(t) == 1)
    spin_until(probe, lambda: probe.count_publishers("/mobilepose/joints") == 1)


def test_a_topic_of_boxes_is_where_people_come_from(launched, probe):
    launched("pose", image="/camera/image_raw", boxes="/detector/people", device="cpu")

    spin_until(probe, lambda: probe.count_subscribers("/detector/people") == 1)


def test_compressed_images_are_subscribed_below_the_topic_of_the_images(launched, probe):
    launched("pose", image="/camera/image_raw", image_transport="compressed", device="cpu")

    spin_until(probe, lambda: probe.count_subscribers("/camera/image_raw/compressed") == 1)
    assert probe.count_subscribers("/camera/image_raw") == 0


def test_an_argument_goes_before_the_parameters_file(launched, probe, tmp_path):
    from rcl_interfaces.srv import GetParameters

    (tmp_path / "mine.yaml").write_text(
        "/**/mobilepose:\n  ros__parameters:\n    model: other\n    marker_depth: 7.0\n"
    )
    launched(
        "pose",
        namespace="front",
        params_file=str(tmp_path / "mine.yaml"),
        model="mine.onnx",
        autostart="false",
    )
    client = probe.create_client(GetParameters, "/front/mobilepose/get_parameters")
    spin_until(probe, client.service_is_ready)

    request = GetParameters.Request(names=["model", "marker_depth", "autostart"])
    model, depth, autostart = answer(probe, client, request).values
    assert model.string_value == "mine.onnx"
    assert depth.double_value == 7.0
    assert not autostart.bool_value


@pytest.mark.parametrize(("ending", "text"), [("xml", XML), ("yaml", YAML)])
def test_xml_and_yaml_files_include_the_pose_launch_file(launched, probe, tmp_path, ending, text):
    pytest.importorskip(f"launch_{ending}", reason="a full ROS 2 has it")
    file = tmp_path / f"robot.launch.{ending}"
    file.write_text(text)

    launched(file)

    spin_until(probe, lambda: "/robot/mobilepose" in names(probe))
    spin_until(probe, lambda: probe.count_subscribers("/camera/image_raw") == 1)
    spin_until(probe, lambda: probe.count_publishers("/robot/mobilepose/joints") == 1)


def test_rviz_opens_in_the_frame_and_on_the_topics_of_the_camera(launched, probe, rviz_arguments):
    launched(
        "pose",
        image="/front/image_raw",
        autostart="false",
        rviz="true",
        fixed_frame="front_optical",
        use_sim_time="true",
    )

    spin_until(probe, rviz_arguments)
    spin_until(probe, lambda: "/mobilepose" in names(probe))

    arguments = rviz_arguments()
    assert arguments[arguments.index("-d") + 1].endswith("/mobilepose_ros/rviz/pose.rviz")
    assert arguments[arguments.index("-f") + 1] == "front_optical"
    assert "/image:=/front/image_raw" in arguments
    assert "/camera_info:=/front/camera_info" in arguments
    assert "/mobilepose/markers:=mobilepose/markers" in arguments


def test_the_demo_launch_file_brings_joints(launched, probe):
    pytest.importorskip("skimage", reason="scikit-image has the photograph")
    from mobilepose_msgs.msg import Pose2DArray

    heard = []
    probe.create_subscription(Pose2DArray, "/mobilepose/joints", heard.append, 10)

    launched("demo", device="cpu")

    spin_until(probe, lambda: any(message.poses for message in heard))
    assert heard[-1].header.frame_id == CameraParameters.frame_id


def test_every_camera_has_a_node_in_its_namespace(launched, probe):
    launched("multi_camera", cameras="front rear", namespace="robot", device="cpu")

    for camera in ("robot/front", "robot/rear"):
        spin_until(probe, lambda c=camera: f"/{c}/mobilepose" in names(probe))
        spin_until(probe, lambda c=camera: probe.count_subscribers(f"/{c}/image_raw") == 1)
        spin_until(probe, lambda c=camera: probe.count_publishers(f"/{c}/mobilepose/joints") == 1)


def test_the_follow_launch_file_starts_the_follower_on_the_people_of_its_pose_node(launched, probe):
    launched("follow", namespace="robot", choice="nearest", device="cpu")

    spin_until(probe, lambda: {"/robot/mobilepose", "/robot/person_follower"} <= names(probe))
    spin_until(probe, lambda: probe.count_subscribers("/robot/mobilepose/people") == 1)
    spin_until(probe, lambda: probe.count_publishers("/robot/person_follower/target_pose") == 1)


def test_log_level_is_that_of_the_node_and_not_of_ros_itself(launched, probe):
    output = launched("pose", namespace="robot", log_level="debug", device="cpu")

    spin_until(probe, lambda: probe.count_publishers("/robot/mobilepose/joints") == 1)
    spin_until(probe, lambda: "waiting for images" in output.read_text())

    loggers = set(re.findall(r"\[([\w.]+)\]: ", output.read_text()))
    assert loggers - {"launch"} == {"robot.mobilepose"}

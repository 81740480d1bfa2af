"""The launch files: their arguments as text, and where launch_ros is installed, what they start."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from mobilepose_ros.parameters import CameraParameters, PoseParameters, table_rows

FILES = ("pose", "demo", "multi_camera")
TYPES = {"str": str, "bool": bool, "float": float, "int": int}


@pytest.mark.parametrize("name", FILES)
def test_every_argument_is_described(launch_file, name):
    for argument, keywords in launch_file(name).arguments.items():
        assert len(str(keywords.get("description", ""))) > 10, argument


def test_the_pose_launch_file_has_the_usual_arguments(launch_file):
    assert list(launch_file("pose").arguments) == [
        "image",
        "namespace",
        "params_file",
        "model",
        "device",
        "rviz",
        "use_sim_time",
        "autostart",
        "log_level",
    ]


def test_only_the_cameras_have_to_be_named(launch_file):
    required = {
        (name, argument)
        for name in FILES
        for argument, keywords in launch_file(name).arguments.items()
        if "default_value" not in keywords
    }

    assert required == {("multi_camera", "cameras")}


@pytest.mark.parametrize(
    ("name", "constant", "table"),
    [("pose", "PARAMETERS", PoseParameters), ("demo", "CAMERA_PARAMETERS", CameraParameters)],
)
def test_arguments_that_are_parameters_exist_and_have_their_type(
    launch_file, name, constant, table
):
    file = launch_file(name)
    rows = table_rows(table)

    for parameter, kind in file.constant(constant).items():
        assert parameter in file.arguments
        if parameter != "use_sim_time":  # every node has it
            assert type(rows[parameter].default) is TYPES[kind]


def test_devices_to_choose_from_are_those_of_the_parameter(launch_file):
    choices = table_rows(PoseParameters)["device"].metadata["choices"]

    for name in FILES:
        assert launch_file(name).arguments["device"]["choices"] == ["", *choices]


@pytest.mark.parametrize("name", ["demo", "multi_camera"])
def test_arguments_that_are_passed_on_exist_on_both_sides(launch_file, name):
    passed_on = launch_file(name).constant("POSE_ARGUMENTS")

    assert set(passed_on) <= set(launch_file("pose").arguments)
    assert set(passed_on) <= set(launch_file(name).arguments)


def test_the_demo_gives_a_number_where_the_camera_wants_one(launch_file):
    file = launch_file("demo")

    for parameter, kind in file.constant("CAMERA_PARAMETERS").items():
        TYPES[kind](file.arguments[parameter]["default_value"])


@pytest.mark.parametrize("name", FILES)
def test_every_executable_is_one_of_ours_or_rviz(launch_file, name):
    file = launch_file(name)
    started = [
        (keywords["package"], keywords["executable"])
        for action in ("Node", "LifecycleNode")
        for _, keywords in file.calls(action)
    ]

    known = {("mobilepose_ros", "pose_node"), ("mobilepose_ros", "camera_node"), ("rviz2", "rviz2")}
    assert set(started) <= known


def test_the_pose_node_has_the_name_that_its_parameters_file_is_for(launch_file):
    (_, keywords), *_ = launch_file("pose").calls("LifecycleNode")

    assert keywords["name"] == "mobilepose"


def test_rviz_shows_the_topics_that_the_nodes_publish(launch_file):
    path = Path(launch_file("pose").path).parents[1] / "mobilepose_ros" / "rviz" / "pose.rviz"
    manager = yaml.safe_load(path.read_text())["Visualization Manager"]

    topics = {d["Class"]: d["Topic"]["Value"] for d in manager["Displays"] if "Topic" in d}
    assert manager["Global Options"]["Fixed Frame"] == CameraParameters.frame_id
    assert topics["rviz_default_plugins/MarkerArray"] == "/mobilepose/markers"
    assert {d["Topic"]["Value"] for d in manager["Displays"] if "Topic" in d} == {
        "/mobilepose/markers",
        "/mobilepose/overlay",
        "/image",
    }


RUN = """
import sys
from launch import LaunchDescription, LaunchService
from launch.actions import IncludeLaunchDescription
from launch.launch_description_sources import PythonLaunchDescriptionSource
source = PythonLaunchDescriptionSource(sys.argv[1])
arguments = [text.split(":=", 1) for text in sys.argv[2:]]
service = LaunchService(argv=[])
service.include_launch_description(
    LaunchDescription([IncludeLaunchDescription(source, launch_arguments=arguments)])
)
sys.exit(service.run())
"""


@pytest.fixture
def launched(description, launch_file, tmp_path):
    """Runs a launch file as `ros2 launch` does, ends it as Ctrl-C does, and reads its output."""
    running = []

    def launch(name, **arguments):
        output = (tmp_path / f"{name}.log").open("w+b")
        given = [f"{key}:={value}" for key, value in arguments.items()]
        command = [sys.executable, "-c", RUN, str(launch_file(name).path), *given]
        process = subprocess.Popen(
            command, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
        running.append((process, Path(output.name)))

    yield launch
    for process, output in running:
        os.killpg(process.pid, signal.SIGINT)
        try:
            assert process.wait(30) == 0, output.read_text()
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
        assert "Traceback" not in output.read_text()
        assert "process has died" not in output.read_text()


@pytest.fixture
def probe(description):
    import rclpy
    from rclpy.signals import SignalHandlerOptions

    rclpy.init(args=[], signal_handler_options=SignalHandlerOptions.NO)
    node = rclpy.create_node("probe")
    yield node
    node.destroy_node()
    rclpy.try_shutdown()


def spin_until(probe, condition, seconds=60):
    import rclpy

    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        rclpy.spin_once(probe, timeout_sec=0.1)


def names(probe):
    return {f"{ns.rstrip('/')}/{name}" for name, ns in probe.get_node_names_and_namespaces()}


@pytest.mark.parametrize("name", FILES)
def test_the_description_declares_what_the_text_says(description, launch_file, name):
    declared = description(name).get_launch_arguments()

    assert set(launch_file(name).arguments) <= {argument.name for argument in declared}


def test_the_pose_launch_file_starts_a_node_that_subscribes_the_image(launched, probe):
    launched("pose", image="/camera/image_raw", device="cpu")

    spin_until(probe, lambda: "/mobilepose" in names(probe))
    spin_until(probe, lambda: probe.count_subscribers("/camera/image_raw") == 1)
    spin_until(probe, lambda: probe.count_publishers("/mobilepose/joints") == 1)


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
    future = client.call_async(request)
    spin_until(probe, future.done)

    model, depth, autostart = future.result().values
    assert model.string_value == "mine.onnx"
    assert depth.double_value == 7.0
    assert not autostart.bool_value


def test_the_demo_launch_file_brings_joints(launched, probe):
    pytest.importorskip("skimage", reason="scikit-image has the photograph")
    from mobilepose_msgs.msg import Pose2DArray

    heard = []
    probe.create_subscription(Pose2DArray, "/mobilepose/joints", heard.append, 10)

    launched("demo", device="cpu")

    spin_until(probe, lambda: any(message.poses for message in heard))
    assert heard[-1].header.frame_id == "camera"


def test_every_camera_has_a_node_in_its_namespace(launched, probe):
    launched("multi_camera", cameras="front rear", device="cpu")

    for camera in ("front", "rear"):
        spin_until(probe, lambda c=camera: f"/{c}/mobilepose" in names(probe))
        spin_until(probe, lambda c=camera: probe.count_subscribers(f"/{c}/image_raw") == 1)
        spin_until(probe, lambda c=camera: probe.count_publishers(f"/{c}/mobilepose/joints") == 1)

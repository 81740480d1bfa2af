"""The programs as processes of their own, from start to signal."""

import resource
import signal
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from ament_index_python import get_package_prefix
from mobilepose_msgs.msg import Pose2DArray
from rclpy.qos import QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import Image

QUICKLY = 2.0


def wait_for(process, text, seconds=60):
    deadline = time.monotonic() + seconds
    while text not in process.text():
        assert process.poll() is None, process.text()
        assert time.monotonic() < deadline, f"{text!r} did not come: {process.text()}"
        time.sleep(0.05)


def wait_until_loaded(process, library):
    """Waits for a moment in the middle of a program's imports."""
    deadline = time.monotonic() + 60
    while library not in Path(f"/proc/{process.pid}/maps").read_text():
        assert process.poll() is None, process.text()
        assert time.monotonic() < deadline, f"{library} is not loaded"
        time.sleep(0.001)


def new_pages(process):
    """Pages of memory that a process was given so far."""
    return int(Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()[7])


def at_work(network):
    """Arguments with which the network runs on pictures without people, too."""
    parameters = (f"model:={network}", "threads:=1", "person_finder:=full_frame")
    return "--ros-args", *(word for parameter in parameters for word in ("-p", parameter))


def end(process, number):
    start = time.monotonic()
    process.send_signal(number)
    process.wait(30)
    return time.monotonic() - start


def test_the_pose_node_ends_well_however_many_signals_it_gets(program, network):
    process = program("pose_node", "--ros-args", "-p", f"model:={network}")
    wait_for(process, "waiting for images")

    while process.poll() is None:
        process.send_signal(signal.SIGINT)
        time.sleep(0.001)

    assert process.returncode == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_pose_node_ends_quietly_at_a_signal(program, network, number):
    process = program("pose_node", "--ros-args", "-p", f"model:={network}")
    wait_for(process, "waiting for images")

    seconds = end(process, number)

    assert process.returncode == 0, process.text()
    assert seconds < QUICKLY
    assert "Traceback" not in process.text()
    assert process.text().count("\n") == 3  # the model, the finder, and the topic


def test_the_pose_node_ends_quietly_in_the_middle_of_its_work(
    program, ros, slow_network, picture, message
):
    process = program("pose_node", *at_work(slow_network))
    answers = ros.heard(Pose2DArray, "mobilepose/joints")
    camera = ros.publisher()
    wait_for(process, "waiting for images")
    deadline = time.monotonic() + 60
    while not answers:
        assert time.monotonic() < deadline, "no answer"
        camera.publish(message(picture))
        time.sleep(0.02)
    for number in range(5):
        camera.publish(message(picture, number))

    seconds = end(process, signal.SIGINT)

    assert process.returncode == 0, process.text()
    assert seconds < QUICKLY
    assert "Traceback" not in process.text()


@pytest.mark.alone
def test_an_inference_of_many_seconds_does_not_delay_the_end(
    program, ros, write_network, tmp_path, picture, message
):
    endless = write_network(tmp_path / "endless.onnx", multiplications=1500)
    process = program("pose_node", *at_work(endless))
    camera = ros.publisher()
    wait_for(process, "waiting for images")
    ros.wait(lambda: camera.get_subscription_count() > 0, what="a subscription")
    for _ in range(20):  # a best-effort subscription may lose some
        camera.publish(message(picture))
        time.sleep(0.01)

    seconds = end(process, signal.SIGINT)

    assert process.returncode == 0, process.text()
    assert seconds < QUICKLY
    assert "Traceback" not in process.text()


@pytest.mark.alone
def test_loading_a_large_model_does_not_delay_the_end(program, ros, write_network, tmp_path):
    large = write_network(tmp_path / "large.onnx", multiplications=400_000)
    process = program(
        "pose_node", "--ros-args", "-p", f"model:={large}", "-r", "__node:=large_model"
    )
    ros.wait(lambda: "large_model" in ros.probe.get_node_names(), what="the node")

    seconds = end(process, signal.SIGTERM)

    assert "runs on" not in process.text(), "the model was loaded before the signal came"
    assert process.returncode == 0, process.text()
    assert seconds < QUICKLY
    assert process.text() == ""


@pytest.mark.parametrize(
    ("module", "library", "number", "status"),
    [
        ("pose_node", "_rclpy", signal.SIGINT, 0),
        ("pose_node", "numpy", signal.SIGTERM, 0),
        ("pose_node", "onnxruntime", signal.SIGINT, 0),
        ("camera_node", "_rclpy", signal.SIGINT, 0),
        ("demo", "numpy", signal.SIGINT, 130),
    ],
)
def test_a_signal_during_the_imports_ends_a_program_quietly(
    program, module, library, number, status
):
    process = program(module)
    wait_until_loaded(process, library)

    seconds = end(process, number)

    assert "Traceback" not in process.text()
    assert process.returncode == status
    assert seconds < QUICKLY


def test_the_installed_programs_end_as_quietly(program):
    scripts = Path(get_package_prefix("mobilepose_ros")) / "lib" / "mobilepose_ros"
    assert {"camera_node", "demo", "hri_bridge", "pose_node", "view"} <= {
        path.name for path in scripts.iterdir()
    }
    process = program(scripts / "pose_node")
    wait_until_loaded(process, "numpy")

    end(process, signal.SIGINT)

    assert process.text() == ""
    assert process.returncode == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_camera_ends_quietly_at_a_signal(program, picture, tmp_path, number):
    cv2.imwrite(str(tmp_path / "photo.png"), picture)
    process = program("camera_node", "--ros-args", "-p", f"source:={tmp_path / 'photo.png'}")
    wait_for(process, "publishes")

    seconds = end(process, number)

    assert process.returncode == 0, process.text()
    assert seconds < QUICKLY
    assert "Traceback" not in process.text()


@pytest.mark.parametrize("reliability", [ReliabilityPolicy.BEST_EFFORT, ReliabilityPolicy.RELIABLE])
def test_images_of_another_process_are_answered(
    program, ros, network, picture, message, reliability
):
    process = program("pose_node", *at_work(network))
    answers = ros.heard(Pose2DArray, "mobilepose/joints", QoSProfile(depth=10))
    camera = ros.publisher(reliability=reliability)
    wait_for(process, "waiting for images")

    deadline = time.monotonic() + 60
    while not answers:
        assert time.monotonic() < deadline, process.text()
        camera.publish(message(picture, 5))
        time.sleep(0.05)

    assert answers[0].poses
    assert answers[0].header.stamp.sec == 5
    assert answers[0].header.frame_id == "front_camera"


def test_a_camera_publishes_without_asking_for_memory_anew(program, ros, tmp_path):
    height, width, count = 720, 1280, 20
    photo = tmp_path / "photo.png"
    cv2.imwrite(str(photo), np.zeros((height, width, 3), np.uint8))
    heard = ros.heard(Image, "image")
    process = program("camera_node", "--ros-args", "-p", f"source:={photo}")
    ros.wait(lambda: len(heard) >= count, what="the first images")

    before, pages = len(heard), new_pages(process)
    ros.wait(lambda: len(heard) >= before + count, what="more images")

    pages_of_an_image = height * width * 3 / resource.getpagesize()
    assert new_pages(process) - pages < count / 2 * pages_of_an_image


def test_a_camera_at_the_end_of_its_source_ends_the_program(program, picture, tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    cv2.imwrite(str(folder / "photo.png"), picture)
    arguments = ["-p", f"source:={folder}", "-p", "loop:=false", "-p", "rate:=50.0"]

    process = program("camera_node", "--ros-args", *arguments)

    assert process.wait(60) == 0
    assert "end of the source" in process.text()


@pytest.mark.parametrize(
    ("module", "parameter", "complaint"),
    [
        ("pose_node", "model:=nobody", "cannot be configured: model 'nobody' not found; known: "),
        ("pose_node", "threads:=many", "parameter threads is an integer from 0 to 256: "),
        ("camera_node", "source:=nowhere.mp4", "nowhere.mp4: no such file; expected a photograph"),
        ("camera_node", "rate:=fast", "parameter rate is a number with a point"),
    ],
)
def test_a_wrong_parameter_is_one_line_and_exit_status_1(program, module, parameter, complaint):
    process = program(module, "--ros-args", "-p", parameter)

    assert process.wait(60) == 1
    assert complaint in process.text()
    assert process.text().count("\n") == 1


def test_without_autostart_the_node_waits_for_its_manager(program, ros):
    from lifecycle_msgs.msg import Transition
    from lifecycle_msgs.srv import ChangeState, GetState

    process = program("pose_node", "--ros-args", "-p", "autostart:=false", "-p", "model:=nobody")
    get = ros.probe.create_client(GetState, "mobilepose/get_state")
    change = ros.probe.create_client(ChangeState, "mobilepose/change_state")
    assert get.wait_for_service(60)
    assert change.wait_for_service(60)

    request = ChangeState.Request()
    request.transition.id = Transition.TRANSITION_CONFIGURE
    configured = ros.answer(change, request)
    state = ros.answer(get, GetState.Request())

    assert not configured.success
    assert state.current_state.label == "unconfigured"
    assert "model 'nobody' not found" in process.text()
    assert process.poll() is None


def test_arguments_that_ros_does_not_know_are_one_line(program):
    process = program("pose_node", "--ros-args", "--parameters", "pose.yaml")

    assert process.wait(60) == 1
    assert "ROS cannot start: " in process.text()
    assert "Traceback" not in process.text()


@pytest.mark.parametrize("module", ["camera_node", "demo"])
def test_a_name_that_ros_refuses_is_one_line(program, module):
    process = program(module, "--ros-args", "-r", "__ns:=/front/")

    assert process.wait(60) == 1
    assert "the node cannot start: " in process.text()
    assert "invalid node namespace" in process.text()
    assert "Traceback" not in process.text()


def test_a_params_file_is_read_in_any_namespace(program, network, tmp_path):
    (tmp_path / "mine.yaml").write_text(
        f"/**/mobilepose:\n  ros__parameters:\n    model: {network}\n"
    )
    arguments = ["--params-file", str(tmp_path / "mine.yaml")]

    for namespace in ("/", "/front"):
        process = program("pose_node", "--ros-args", "-r", f"__ns:={namespace}", *arguments)
        wait_for(process, "model markers runs on")
        wait_for(process, f"waiting for images on {namespace.rstrip('/')}/image")
        end(process, signal.SIGINT)

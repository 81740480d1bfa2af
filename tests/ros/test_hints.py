"""What the nodes suggest while nothing comes, in the log and on /diagnostics alike."""

import os
import shutil
import signal
import sys
import time

import pytest
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from mobilepose_msgs.msg import PersonBoxArray
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import CameraInfo, CompressedImage, Image, RegionOfInterest

SOON = 0.5
"""silence_timeout in these tests, s."""


@pytest.fixture
def reported(ros):
    """The newest status of the pose node on /diagnostics: level and message."""
    heard = ros.heard(DiagnosticArray, "/diagnostics")

    def newest():
        return (heard[-1].status[0].level, heard[-1].status[0].message) if heard else (b"", "")

    return newest


@pytest.fixture
def hints(ros, network, logged, reported):
    """Starts a pose node that hears nothing, and waits for a hint in log and diagnostics."""

    def start(*texts, arguments=(), **values):
        ros.pose_node(network, arguments=arguments, silence_timeout=SOON, **values)
        for text in texts:
            ros.wait(lambda t=text: any(t in line for line in logged("WARN")), what=text)
            ros.wait(lambda t=text: t in reported()[1], what=f"{text} on /diagnostics")
        return logged("WARN"), reported()

    return start


def test_a_topic_with_nearly_that_name_is_suggested(ros, hints):
    ros.publisher("/camera/camera/image_raw")

    hints(
        "image:=/camera/camera/image_raw",
        arguments=("-r", "image:=/camera/image_raw"),
    )


def test_the_own_overlay_is_no_camera(ros, hints):
    ros.heard(Image, "mobilepose/overlay")

    (text,), _ = hints("is the camera running")

    assert "overlay" not in text


def test_the_other_transport_is_suggested(ros, hints):
    ros.publisher("image/compressed", kind=CompressedImage)

    hints("/image/compressed exists: set image_transport:=compressed")


def test_depth_and_calibration_that_do_not_come_are_looked_for(ros, hints):
    ros.publisher("/camera/depth/image_rect_raw")
    ros.publisher("/camera/color/camera_info", kind=CameraInfo)

    hints(
        "no calibration on /camera_info for",
        "camera_info:=/camera/color/camera_info",
        "no depth image on /depth for",
        "depth:=/camera/depth/image_rect_raw",
        use_depth=True,
    )


def test_a_calibration_that_came_once_is_enough(ros, hints):
    calibration = ros.publisher("camera_info", kind=CameraInfo)
    timer = ros.probe.create_timer(0.05, lambda: calibration.publish(CameraInfo()))
    ros.wait(lambda: calibration.get_subscription_count() == 0)

    lines, _ = hints("no depth image on /depth", use_depth=True)

    timer.cancel()
    assert not any("no calibration" in line for line in lines)


@pytest.mark.parametrize(
    ("kind", "topic", "text"),
    [
        (PersonBoxArray, "/detector/boxes", "boxes:=/detector/boxes"),
        (
            RegionOfInterest,
            "/detector/region",
            "boxes:=/detector/region, and set person_boxes_type:=RegionOfInterest",
        ),
    ],
)
def test_boxes_elsewhere_are_found(ros, hints, kind, topic, text):
    ros.publisher(topic, kind=kind)

    hints(text, person_finder="topic")


def test_missing_simulated_time_is_reported(hints):
    hints("use_sim_time is true, but /clock has no publisher", use_sim_time=True)


def test_stopped_simulated_time_is_reported_while_no_images_come(ros, hints):
    clock = ros.publisher("/clock", kind=Clock)
    message = Clock()
    message.clock.sec = 7
    ros.probe.create_timer(0.05, lambda: clock.publish(message))

    hints("use_sim_time is true, but /clock stands still", use_sim_time=True)


def test_a_silence_is_an_error_and_never_stale(hints):
    _, (level, message) = hints("no image on /image for")

    assert level == DiagnosticStatus.ERROR
    assert "is the camera running" in message


def test_a_camera_without_a_clock_says_so(ros, program):
    process = program("camera_node", "--ros-args", "-p", "use_sim_time:=true")

    ros.wait(
        lambda: "no images are published: use_sim_time is true, but /clock" in process.text(),
        what="a warning",
    )


def test_parameters_for_another_node_are_reported(ros, program, reported, tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("pose_node:\n  ros__parameters:\n    model: small\n")
    text = f"{path} has parameters for /pose_node, but not for this node, /mobilepose"

    process = program(
        "pose_node", "--ros-args", "--params-file", str(path), "-p", "autostart:=false"
    )

    ros.wait(lambda: text in process.text(), what="a warning")
    assert process.text().count(text) == 1


@pytest.mark.skipif(
    os.geteuid() != 0 or not shutil.which("setpriv"), reason="only root becomes another user"
)
def test_a_camera_of_another_user_is_reported(ros, program, network, picture, message, tmp_path):
    (tmp_path / "home").mkdir()
    (tmp_path / "home").chmod(0o777)
    # What is below the home of root stays readable for nobody.
    keep = ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
    command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *keep]
    command += [
        "env",
        f"HOME={tmp_path / 'home'}",
        sys.executable,
        "-m",
        "mobilepose_ros.pose_node",
    ]
    command += ["--ros-args", "-p", f"model:={network}", "-p", "silence_timeout:=1.0"]
    start = tmp_path / "start.py"
    start.write_text(f"import os\nos.execvp({command[0]!r}, {command!r})\n")
    camera = ros.publisher()
    ros.probe.create_timer(0.1, lambda: camera.publish(message(picture)))

    process = program(start)

    text = f"its process {os.getpid()} runs as user root, this node as nobody"
    ros.wait(lambda: text in process.text(), what="a warning")
    process.send_signal(signal.SIGINT)  # so that it leaves no shared memory behind
    process.wait(10)


def test_a_camera_is_not_blamed_while_the_node_itself_was_suspended(
    ros, program, network, picture, message, answers
):
    parameters = (f"model:={network}", "threads:=1", "silence_timeout:=2.0", "device:=cpu")
    arguments = [word for parameter in parameters for word in ("-p", parameter)]
    process = program("pose_node", "--ros-args", *arguments)
    camera = ros.publisher()
    ros.probe.create_timer(0.1, lambda: camera.publish(message(picture)))
    ros.wait(lambda: answers, what="an answer")
    before = len(process.text())

    process.send_signal(signal.SIGSTOP)
    time.sleep(3.5)  # that it is suspended
    process.send_signal(signal.SIGCONT)

    ros.wait(lambda: "this node was not running for" in process.text(), what="a line on it")
    assert "no image on" not in process.text()[before:]


def test_a_suspended_camera_is_reported(ros, hints, program):
    process = program("camera_node")
    ros.wait(lambda: ros.probe.count_publishers("image") == 1, what="the camera")
    process.send_signal(signal.SIGSTOP)

    hints(f"its process {process.pid} is stopped (Ctrl-Z?): kill -CONT {process.pid}")

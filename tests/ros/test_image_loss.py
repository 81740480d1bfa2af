"""Images of a camera in another process: all are accounted for, and losses are explained."""

import re
from pathlib import Path

import cv2
import numpy as np
import pytest
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus

from mobilepose_ros import fastdds
from mobilepose_ros.counters import Drop

pytestmark = pytest.mark.alone

CAMERA = """
import sys, time
import rclpy
from rclpy.qos import QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import Image
reliability, width, height, count = sys.argv[1], *map(int, sys.argv[2:])
rclpy.init()
node = rclpy.create_node("driver")
qos = QoSProfile(depth=5, reliability=ReliabilityPolicy[reliability])
publisher = node.create_publisher(Image, "image", qos)
def image(width, height):
    made = Image(width=width, height=height, step=3 * width, encoding="bgr8")
    made.data.frombytes(bytes(3 * width * height))
    return made
while not publisher.get_subscription_count():
    time.sleep(0.01)
time.sleep(0.5)
large = image(width, height)
publisher.publish(image(240, 160))  # from which on losses show
time.sleep(0.04)
for _ in range(count):
    publisher.publish(large)
    time.sleep(0.04)
publisher.publish(image(240, 160))  # up to which they do
print("published all", flush=True)
time.sleep(60)
"""


@pytest.fixture
def driver(program, tmp_path, monkeypatch):
    """Starts a camera's driver with Fast DDS's own shared memory, and waits for its last image."""
    for name in fastdds.CHOICES:
        monkeypatch.delenv(name, raising=False)

    def run(ros, *arguments):
        script = tmp_path / "driver.py"
        script.write_text(CAMERA)
        process = program(script, *map(str, arguments))
        ros.wait(lambda: "published all" in process.text(), what="the end of the driver")

    return run


def accounted(node):
    """Images of which the node knows what became of them."""
    counters = node.counters
    return counters.answered + sum(counters.dropped.values())


@pytest.mark.parametrize(
    ("reliability", "size"), [("BEST_EFFORT", (1920, 1080)), ("RELIABLE", (640, 480))]
)
def test_every_image_of_another_process_is_accounted_for(ros, network, driver, reliability, size):
    node = ros.pose_node(network)

    driver(ros, reliability, *size, 40)

    ros.wait(lambda: accounted(node) == 42, seconds=10, what="all images")
    lost = node.counters.dropped[Drop.LOST]
    assert node.counters.received == 42 - lost
    assert lost > 10 if reliability == "BEST_EFFORT" else lost == 0


def test_a_loss_is_a_warning_with_advice_in_log_and_diagnostics(ros, network, driver, logged):
    statuses = ros.heard(DiagnosticArray, "/diagnostics")
    ros.pose_node(network)

    driver(ros, "BEST_EFFORT", 1920, 1080, 25)

    cure = re.compile(
        r"\d+ of \d+ images on /image were lost in transport in the last 10 s: .*; start /driver "
        rf"with {fastdds.variable()}=\S+fastdds\.xml in its environment.*make /driver publish "
        "reliably"
    )
    ros.wait(lambda: any(map(cure.match, logged("WARN"))), what="a warning")

    def found():
        """The newest status with the advice, and its figures."""
        advised = [m.status[0] for m in statuses if cure.search(m.status[0].message)]
        status = advised[-1] if advised else DiagnosticStatus()
        return status, {entry.key: entry.value for entry in status.values}

    lost = "dropped: lost in transport"
    ros.wait(lambda: int(found()[1].get(lost, 0)) > 5, what="diagnostics")
    status, figures = found()
    assert status.level == DiagnosticStatus.WARN
    assert figures["image reliability"] == "best effort"


def test_a_camera_of_whose_images_none_arrives_is_not_said_to_send_nothing(ros, network):
    node = ros.pose_node(network, silence_timeout=0.2)
    ros.publisher()
    images = node.processing.images
    ros.wait(lambda: "matches but sends nothing" in images.check_silence(0.2), what="a reason")

    images._count_lost(5)

    assert "5 of 5 images on /image were lost in transport" in images.check_silence(0.2)


def test_images_that_newer_ones_replaced_before_the_node_saw_them_are_counted(
    ros, network, driver, monkeypatch
):
    node = ros.pose_node(network)
    busy = node.processing._receive
    monkeypatch.setattr(
        node.processing.images, "_receive", lambda image: (busy(image), ros.ending.wait(0.3))
    )

    driver(ros, "RELIABLE", 8, 8, 40)

    ros.wait(lambda: accounted(node) == 42, seconds=10, what="all images")
    assert node.counters.dropped[Drop.REPLACED] > 20
    assert node.counters.received == 42


@pytest.mark.parametrize("module", ["camera_node", "pose_node"])
def test_our_programs_give_their_images_room_in_shared_memory(program, ros, network, module):
    process = program(module, "--ros-args", "-p", f"model:={network}")
    segments = re.compile(r"^(\w+)-(\w+) .* /dev/shm/fast(?:rtps|dds)_\w{16}$", re.M)

    def largest():
        maps = Path(f"/proc/{process.pid}/maps").read_text()
        return max((int(b, 16) - int(a, 16) for a, b in segments.findall(maps)), default=0)

    ros.wait(lambda: largest() > 32 * 2**20, what="a large segment")


def test_all_images_of_our_camera_arrive_at_640x480(ros, network, program, tmp_path):
    photo = tmp_path / "photo.png"
    cv2.imwrite(str(photo), np.full((480, 640, 3), 90, np.uint8))
    node = ros.pose_node(network)

    program("camera_node", "--ros-args", "-p", f"source:={photo}", "-p", "rate:=30.0")

    ros.wait(lambda: node.counters.received >= 60, what="60 images")
    assert node.counters.dropped[Drop.LOST] == 0
    assert node.processing.images.reliability == "reliable"

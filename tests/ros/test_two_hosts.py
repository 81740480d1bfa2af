"""A camera on one host and the node on another: two network namespaces with a cable (veth)."""

import json
import os
import shutil
import signal
import subprocess
import sys

import cv2
import numpy as np
import pytest

NAMESPACES = ("--net", "--mount", "--ipc", "--uts")
"""What two hosts do not share: with a common /dev/shm, DDS would leave the cable alone."""

SEARCHED = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])

LISTENER = """
import json
import rclpy
from mobilepose_msgs.msg import Pose2DArray
rclpy.init()
node = rclpy.create_node("listener")
heard = []
node.create_subscription(Pose2DArray, "mobilepose/joints", heard.append, 10)
while not any(message.poses for message in heard):
    rclpy.spin_once(node, timeout_sec=0.5)
message = heard[-1]
points = [(joint.x, joint.y) for joint in message.poses[0].joints]
print(json.dumps({"frame_id": message.header.frame_id, "joints": points}))
"""


class Host:
    """A host of its own; it is gone with its processes.

    Attributes:
        refusal: why it could not be made; empty where it could.
    """

    def __init__(self, user_of=None):
        """`user_of`: a host whose user owns this one too, which a common cable needs."""
        self.is_root = os.geteuid() == 0
        command = ["unshare", *NAMESPACES]
        if not self.is_root and user_of is None:
            command += ["--user", "--map-root-user"]
        elif not self.is_root:
            command = ["nsenter", f"--target={user_of.pid}", *self._user(), *command]
        keeper = "mount -t tmpfs tmpfs /dev/shm && ip link set lo up && echo made && exec cat"
        self.keeper = subprocess.Popen(
            [*command, "sh", "-c", keeper],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PATH": SEARCHED},
        )
        self.pid = self.keeper.pid
        self.processes = []
        made = self.keeper.stdout.readline() == "made\n"
        self.refusal = "" if made else self.keeper.stderr.read().strip()

    def _user(self):
        return [] if self.is_root else ["--user", "--preserve-credentials"]

    def start(self, *command, **options):
        """Starts a process on this host."""
        enter = ["nsenter", f"--target={self.pid}", *self._user(), *NAMESPACES]
        process = subprocess.Popen(
            [*enter, *command],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "PATH": SEARCHED, "ROS_AUTOMATIC_DISCOVERY_RANGE": "SUBNET"},
            **options,
        )
        self.processes.append(process)
        return process

    def run(self, *command, seconds=60):
        """The output of a process that ends by itself."""
        process = self.start(*command)
        output, _ = process.communicate(timeout=seconds)
        assert process.returncode == 0, output
        return output

    def connect(self, address):
        """Puts an address to the end of the cable, and sends multicasts through it."""
        self.run("ip", "address", "add", address, "dev", "cable")
        self.run("ip", "link", "set", "cable", "up")
        self.run("ip", "route", "add", "224.0.0.0/4", "dev", "cable")

    def received(self):
        """Bytes that have come through the cable."""
        (link,) = json.loads(self.run("ip", "-json", "-stats", "link", "show", "cable"))
        return link["stats64"]["rx"]["bytes"]

    def close(self):
        for process in [*self.processes, self.keeper]:
            if process.poll() is None:
                process.kill()
            process.communicate()


@pytest.fixture
def hosts():
    """Two hosts, 10.77.0.1 and 10.77.0.2, on one cable."""
    for program in ("unshare", "nsenter", "ip"):
        if shutil.which(program, path=SEARCHED) is None:
            pytest.skip(f"{program} not found: apt install util-linux iproute2")
    made = [Host()]
    try:
        if not made[0].refusal:
            made.append(Host(user_of=made[0]))
        if refusal := made[-1].refusal:
            pytest.skip(f"this machine allows no network namespaces: {refusal}")
        left, right = made
        cable = ["ip", "link", "add", "cable", "type", "veth", "peer", "name", "cable"]
        left.run(*cable, "netns", str(right.pid))
        left.connect("10.77.0.1/24")
        right.connect("10.77.0.2/24")
        yield left, right
    finally:
        for host in made:
            host.close()


def module(name, *parameters):
    given = [text for parameter in parameters for text in ("-p", parameter)]
    return [sys.executable, "-m", f"mobilepose_ros.{name}", "--ros-args", *given]


def test_a_node_answers_the_images_of_a_camera_on_another_host(
    hosts, network, picture, joints, tmp_path
):
    robot, computer = hosts
    photo = tmp_path / "photo.png"
    cv2.imwrite(str(photo), picture)

    node = computer.start(
        *module(
            "pose_node",
            f"model:={network}",
            "device:=cpu",
            "threads:=1",
            "person_finder:=full_frame",
        )
    )
    camera = robot.start(*module("camera_node", f"source:={photo}", "frame_id:=front_camera"))
    answer = json.loads(robot.run(sys.executable, "-c", LISTENER).splitlines()[-1])

    assert answer["frame_id"] == "front_camera"
    np.testing.assert_allclose(answer["joints"], joints, atol=4)
    assert computer.received() > picture.nbytes
    for process in (node, camera):
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=30)
        assert process.returncode == 0, output

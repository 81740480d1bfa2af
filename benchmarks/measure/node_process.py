"""The pose node and a camera in their own processes: their output and resource usage."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from diagnostic_msgs.msg import DiagnosticArray
from mobilepose_msgs.msg import Pose2DArray
from rclpy.node import Node

from benchmarks import ROOT
from mobilepose_ros import running

PROFILES = ROOT / "mobilepose_ros" / "config" / "fastdds.xml"
PATIENCE = 60.0
"""Longest time to wait for the node, s."""


class Process:
    """A program of mobilepose_ros, and its resource usage.

    Attributes:
        pid: of the process.
    """

    def __init__(self, module: str, **parameters: object) -> None:
        """Starts it.

        Args:
            module: of the package, such as `pose_node`.
            parameters: of the node.
        """
        assignments = [
            word for name, value in parameters.items() for word in ("-p", f"{name}:={value}")
        ]
        self._process = subprocess.Popen(
            [sys.executable, "-m", f"mobilepose_ros.{module}", "--ros-args", *assignments]
        )
        self.pid = self._process.pid

    def end(self) -> None:
        """Terminates it, like Ctrl-C."""
        self._process.terminate()
        self._process.wait()

    def cpu_seconds(self) -> float:
        """CPU time of all its threads."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self) -> float:
        """Resident memory, MB."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20

    def threads(self) -> int:
        """Number of threads."""
        return len(os.listdir(f"/proc/{self.pid}/task"))

    def descriptors(self) -> int:
        """Number of open files and sockets."""
        return len(os.listdir(f"/proc/{self.pid}/fd"))


class NodeListener(Node):
    """Subscribes to the node's joints and diagnostics, as a robot would.

    Attributes:
        answers: number of messages with joints.
        figures: the latest diagnostics by name; empty before the first.
    """

    def __init__(self, joints_depth: int = 10) -> None:
        """Subscribes.

        Args:
            joints_depth: length of the queue of messages with joints.
        """
        super().__init__("benchmark")
        self.answers = 0
        self.figures: dict[str, str] = {}
        self.create_subscription(Pose2DArray, "mobilepose/joints", self._count, joints_depth)
        self.create_subscription(DiagnosticArray, "/diagnostics", self._keep, 10)

    def _count(self, _: Pose2DArray) -> None:
        self.answers += 1

    def _keep(self, message: DiagnosticArray) -> None:
        self.figures = {entry.key: entry.value for entry in message.status[0].values}

    def fresh(self) -> dict[str, str]:
        """The next diagnostics.

        Raises:
            RuntimeError: none were published in time.
        """
        before, deadline = self.figures, time.monotonic() + PATIENCE
        while self.figures is before:
            if time.monotonic() > deadline:
                raise RuntimeError("the pose node publishes nothing on /diagnostics")
            time.sleep(0.01)
        return self.figures


DOMAINS = range(215, 231)
"""DDS domains of benchmarks; these are rarely used: robots, and our tests, have one up to 101."""


def take_own_domain() -> None:
    """A DDS domain of this process and its children, on this machine alone."""
    first = os.getpid() % len(DOMAINS)
    free = [domain for domain in (*DOMAINS[first:], *DOMAINS[:first]) if _is_free(domain)]
    os.environ["ROS_DOMAIN_ID"] = str(free[0] if free else DOMAINS[first])
    os.environ["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "LOCALHOST"


def _is_free(domain: int) -> bool:
    """Whether no participant on this machine has the first port of a domain (RTPS 2.2, 9.6.1)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as trial:
        try:
            trial.bind(("", 7410 + 250 * domain))
        except OSError:
            return False
    return True


@contextlib.contextmanager
def processes(
    model: str, threads: int, picture: np.ndarray, rate: float
) -> Iterator[tuple[Process, NodeListener]]:
    """The pose node, processing a picture from a camera, in their own DDS domain.

    Args:
        model: released model, or path of an .onnx file.
        threads: CPU threads of the network.
        picture: (H, W, 3) BGR.
        rate: of the camera, Hz.
    """
    take_own_domain()
    os.environ["FASTRTPS_DEFAULT_PROFILES_FILE"] = str(PROFILES)
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        photo = Path(folder) / "photo.png"
        cv2.imwrite(str(photo), picture)
        stop = stack.enter_context(running.ros([]))
        listener = NodeListener()
        stack.callback(listener.destroy_node)
        stack.enter_context(running.spinning(stop, listener))
        node = Process("pose_node", model=model, device="cpu", threads=threads)
        stack.callback(node.end)
        camera = Process("camera_node", source=photo, rate=rate)
        stack.callback(camera.end)
        deadline = time.monotonic() + PATIENCE
        while not listener.answers:
            if stop.is_set() or time.monotonic() > deadline:
                raise RuntimeError("the pose node published no joints")
            time.sleep(0.01)
        yield node, listener

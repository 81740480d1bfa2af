"""A DDS domain of these tests' own, networks known exactly, and nodes that leave nothing."""

import contextlib
import gc
import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

os.environ["ROS_DOMAIN_ID"] = str(1 + os.getpid() % 101)
os.environ["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "LOCALHOST"
os.environ.pop("ROS_LOCALHOST_ONLY", None)
os.environ["RCUTILS_CONSOLE_OUTPUT_FORMAT"] = "[{severity}] [{name}]: {message}"

import numpy as np
import pytest
import rclpy
from mobilepose_msgs.msg import Pose2DArray
from rclpy.exceptions import InvalidHandle
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.parameter import Parameter
from rclpy.qos import QoSProfile, ReliabilityPolicy
from rclpy.signals import SignalHandlerOptions
from sensor_msgs.msg import Image
from std_msgs.msg import Header

from mobilepose_ros import images
from mobilepose_ros.pose_node import PoseNode

DEADLINE = 30.0


@pytest.fixture(scope="session")
def network(write_network, tmp_path_factory):
    """Path of the marker network."""
    return write_network(tmp_path_factory.mktemp("network") / "markers.onnx")


@pytest.fixture(scope="session")
def slow_network(write_network, tmp_path_factory):
    """Path of the marker network, slowed down to tens of milliseconds and more."""
    return write_network(tmp_path_factory.mktemp("network") / "slow.onnx", multiplications=60)


@pytest.fixture(scope="session")
def joints():
    """Where the joints of the picture are, (11, 2) image pixels, canonical order."""
    return np.array(
        [
            [200, 90], [230, 140], [240, 190], [120, 90], [90, 140], [80, 190],
            [185, 200], [135, 200], [175, 40], [145, 40], [160, 60],
        ],
        dtype=np.float64,
    )  # fmt: skip


@pytest.fixture
def picture(paint, joints):
    return paint(joints)


@pytest.fixture
def two_people(paint, joints):
    """Two people side by side, and the joints of each: (240, 640, 3) BGR, and (2, 11, 2)."""
    picture = np.concatenate([paint(joints), paint(joints)], axis=1)
    return picture, np.stack([joints, np.add(joints, (320, 0))])


@pytest.fixture
def message():
    """An image message of a picture, its stamp `number` seconds."""

    def make(picture, number=1):
        header = Header(frame_id="front_camera")
        header.stamp.sec = number
        return images.image_from_bgr(picture, header)

    return make


@pytest.fixture(scope="session")
def bgr():
    """(8, 12, 3) colours in blocks of 4 x 4, so that halved chroma keeps them."""
    blocks = np.random.default_rng(3).integers(30, 226, (2, 3, 3))
    return blocks.repeat(4, axis=0).repeat(4, axis=1).astype(np.uint8)


@pytest.fixture(scope="session")
def raw_image():
    """Makes a message of a (width, height, step) that its bytes need not bear out."""

    def make(encoding, size, is_bigendian, data):
        width, height, step = size
        image = Image(width=width, height=height, step=step, encoding=encoding)
        image.is_bigendian = is_bigendian
        image.data.frombytes(data)
        return image

    return make


@pytest.fixture
def answers(ros):
    """The pose node's answers from now on."""
    return ros.heard(Pose2DArray, "mobilepose/joints")


@pytest.fixture
def logged(capfd):
    """Fetches all that the pose node has logged up to now: (severity, text), or one's texts."""
    lines = []

    def fetch(severity=None):
        found = re.findall(r"^\[(\w+)\] \[mobilepose\]: (.*)$", capfd.readouterr().err, re.M)
        lines.extend(found)
        return list(lines) if severity is None else [t for level, t in lines if level == severity]

    return fetch


@pytest.fixture
def context():
    """ROS without signal handlers, ended afterwards."""
    rclpy.init(args=[], signal_handler_options=SignalHandlerOptions.NO)
    yield
    rclpy.try_shutdown()


@pytest.fixture
def ros(context):
    """Nodes that spin on a thread of their own, and are gone afterwards with all their threads."""
    threads_before = set(threading.enumerate())
    world = World()
    yield world
    world.close()
    left = {thread for thread in threading.enumerate() if thread not in threads_before}
    assert not left, f"threads left behind: {left}"


@pytest.fixture
def elsewhere():
    """A node with a DDS participant of its own, as in another process."""
    context = rclpy.Context()
    context.init(args=[])
    node = Node("elsewhere", context=context)
    yield node
    node.destroy_node()
    context.try_shutdown()


gc.freeze()  # what is imported by now is not looked through again after each test


class World:
    """Nodes of a test, and what it hears from them."""

    def __init__(self):
        self.executor = SingleThreadedExecutor()
        self.nodes = []
        self.ending = threading.Event()
        self.thread = threading.Thread(target=self._spin, daemon=True)
        self.probe = self.add(Node("probe"))
        self.thread.start()

    def _spin(self):
        while not self.ending.is_set():
            with contextlib.suppress(InvalidHandle):  # ended by the test's own thread meanwhile
                self.executor.spin_once(timeout_sec=0.02)

    def add(self, node):
        self.nodes.append(node)
        self.executor.add_node(node)
        return node

    def pose_node(self, model, start=True, name="mobilepose", namespace="", arguments=(), **values):
        """A pose node that runs `model`, with ROS's arguments and parameters.

        Its pictures are of coloured dots, which the released finder takes for nobody.
        """
        given = {"model": model, "device": "cpu", "threads": 1, "person_finder": "full_frame"}
        values = given | values
        overrides = [Parameter(key, value=value) for key, value in values.items()]
        node = PoseNode(
            name,
            namespace=namespace,
            cli_args=["--ros-args", *arguments],
            parameter_overrides=overrides,
        )
        if start:
            assert node.start()
        return self.add(node)

    def publisher(
        self, topic="image", reliability=ReliabilityPolicy.RELIABLE, depth=10, kind=Image
    ):
        qos = QoSProfile(depth=depth, reliability=reliability)
        return self.probe.create_publisher(kind, topic, qos)

    def heard(self, kind, topic, qos=10):
        """The messages on a topic from now on: a list that grows."""
        messages = []
        self.probe.create_subscription(kind, topic, messages.append, qos)
        return messages

    def wait(self, condition, seconds=DEADLINE, what="the condition"):
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, f"{what} did not come true in {seconds} s"
            time.sleep(0.01)

    def connect(self, node, *publishers):
        """Waits until the node has the publishers, and the probe has all that the node offers."""
        for publisher in publishers:
            self.wait(lambda p=publisher: p.get_subscription_count() > 0, what="a subscription")
        for subscription in self.probe.subscriptions:
            name = subscription.topic_name
            self.wait(lambda n=name: self.probe.count_publishers(n) > 0, what=f"{name}")
        for name, output in node._outputs.publishers.items():
            topic = node.resolve_topic_name(f"~/{name}")
            wanted = sum(s.topic_name == topic for s in self.probe.subscriptions)
            self.wait(lambda o=output, w=wanted: o.get_subscription_count() >= w, what=topic)

    def publish_until(self, publisher, image, condition):
        """A best-effort subscription may lose an image, so it is sent again."""
        deadline = time.monotonic() + DEADLINE
        while not condition():
            assert time.monotonic() < deadline, "no answer"
            publisher.publish(image)
            for _ in range(50):
                if condition():
                    return
                time.sleep(0.01)

    def answer(self, client, request):
        """Asks again where the answer is lost: a server may know its client late."""
        deadline = time.monotonic() + DEADLINE
        while True:
            asked = client.call_async(request)
            try:
                self.wait(asked.done, seconds=DEADLINE / 6, what="an answer")
                return asked.result()
            except AssertionError:
                if time.monotonic() > deadline:
                    raise

    def close(self):
        self.ending.set()
        self.executor.wake()
        self.thread.join(DEADLINE)
        for node in self.nodes:
            node.destroy_node()
        self.executor.shutdown()
        # The services of a lifecycle node live on after destroy_node(), until it is collected.
        del node, self.nodes, self.executor
        gc.collect()


@pytest.fixture
def program(tmp_path):
    """Runs a module of mobilepose_ros, or a file, as a process in a domain of its own."""
    running = []

    def run(module, *arguments):
        output = (tmp_path / f"program{len(running)}.log").open("w+b")
        what = [module] if isinstance(module, Path) else ["-m", f"mobilepose_ros.{module}"]
        process = subprocess.Popen(
            [sys.executable, *what, *arguments],
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=tmp_path,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        process.text = lambda: Path(output.name).read_text()
        running.append(process)
        return process

    yield run
    for process in running:
        if process.poll() is None:
            process.kill()
        process.wait()

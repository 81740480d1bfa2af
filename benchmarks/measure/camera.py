"""A camera in its own process, which reports how many images it published.

It waits for a subscription, publishes the images, prints `published N`, and runs until it is
terminated, so that a reliable publisher can resend. The simulated drivers start and end with an
image that is small enough to arrive: losses before the first or after the last received image could
not be detected.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np
from rclpy.node import Node
from rclpy.parameter import Parameter
from rclpy.publisher import Publisher
from rclpy.qos import QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import Image
from std_msgs.msg import Header

from benchmarks.picture import astronaut
from mobilepose_core.typing import ImageArray
from mobilepose_ros import fastdds, images, running
from mobilepose_ros.camera_node import CameraNode

SETTLING = 1.5
"""Time from the discovery of a subscription to the first image, s, so that both sides match."""

SMALL = (160, 120)
"""Width and height of an image that arrives with all settings."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("kind", choices=("camera_node", "reliable", "best_effort"))
    parser.add_argument("--width", type=int, required=True)
    parser.add_argument("--height", type=int, required=True)
    parser.add_argument("--rate", type=float, required=True)
    parser.add_argument("--count", type=int, required=True)
    options = parser.parse_args()
    if options.kind == "camera_node":
        fastdds.set_profile()  # as its program does
    with running.ros([]) as stop:
        (_ours if options.kind == "camera_node" else _driver)(options, stop)
    return 0


def _ours(options: argparse.Namespace, stop: running.Stop) -> None:
    """Runs our camera node."""
    with tempfile.TemporaryDirectory() as folder:
        photo = str(Path(folder) / "photo.png")
        cv2.imwrite(photo, astronaut(options.width, options.height))
        values = {"source": photo, "rate": options.rate}
        node = CameraNode(parameter_overrides=[Parameter(k, value=v) for k, v in values.items()])
    node.timer.cancel()
    with running.spinning(stop, node):
        _wait_for_subscription(node, "image", stop)
        node.timer.reset()
        stop.wait(options.count / options.rate)
        node.timer.cancel()
        print(f"published {node.published}", flush=True)
        stop.wait()


def _driver(options: argparse.Namespace, stop: running.Stop) -> None:
    """Publishes like a camera driver."""
    node = Node("driver")
    reliability = ReliabilityPolicy[options.kind.upper()]
    publisher = node.create_publisher(Image, "image", QoSProfile(depth=5, reliability=reliability))
    large = astronaut(options.width, options.height)
    small = np.asarray(cv2.resize(large, SMALL), np.uint8)
    with running.spinning(stop, node):
        _wait_for_subscription(node, "image", stop)
        pictures = [small, *[large] * options.count, small]
        start = time.monotonic()
        for number, picture in enumerate(pictures):
            _publish(node, publisher, picture)
            stop.wait(max(0.0, start + (number + 1) / options.rate - time.monotonic()))
        print(f"published {len(pictures)}", flush=True)
        stop.wait()


def _publish(node: Node, publisher: Publisher, picture: ImageArray) -> None:
    header = Header(stamp=node.get_clock().now().to_msg(), frame_id="camera")
    publisher.publish(images.image_from_bgr(picture, header))


def _wait_for_subscription(node: Node, topic: str, stop: running.Stop) -> None:
    while not stop.is_set() and not node.count_subscribers(topic):
        stop.wait(0.01)
    stop.wait(SETTLING)


if __name__ == "__main__":
    sys.exit(main())

"""A camera, the pose node and a listener in one process, connected by DDS topics.

The camera shows a photograph of an astronaut, turned into a video by a known motion. The listener
prints the joints of the frame with the highest confidence, and writes them and a picture of it to
demo.json and demo.png.

The demo is isolated: it uses its own domain unless ROS_DOMAIN_ID is set, and stays on this machine
unless ROS_AUTOMATIC_DISCOVERY_RANGE is set. It prints the command that echoes its joints in another
terminal, `ROS_DOMAIN_ID=… ros2 topic echo /mobilepose/joints`.
"""

from __future__ import annotations

import sys

if __name__ == "__main__":  # before the imports below, which take a second
    from mobilepose_ros import programs

    sys.exit(programs.demo())

import argparse
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from mobilepose_msgs.msg import Pose2DArray
from rclpy.node import Node
from rclpy.parameter import Parameter
from rclpy.qos import QoSProfile
from rclpy.time import Time
from sensor_msgs.msg import Image
from tqdm import tqdm

from mobilepose_core import draw_poses
from mobilepose_core.io import save_picture, write_json
from mobilepose_ros import images, messages, results_folder, running
from mobilepose_ros.camera_node import CameraNode
from mobilepose_ros.parameters import DETECTOR
from mobilepose_ros.pose_node import PoseNode
from mobilepose_ros.programs import INTERRUPTED

RATE = 15.0
"""Images per second of the camera."""

MAX_KEPT = 32
"""Images that the listener keeps, to find the one of a message."""

TIMEOUT = 30.0
"""Time without a message after which the demo gives up, s."""


class DemoListener(Node):
    """Receives images and joints, as a user's node would.

    Attributes:
        count: number of messages with joints so far.
        latencies: from an image's stamp to the arrival of its joints, s.
        arrivals: times of arrival, s.
        best: the message with the highest confidence of its first person, and its image.
        has_news: set whenever a message arrives.
    """

    def __init__(self) -> None:
        super().__init__("demo_listener")
        self.count = 0
        self.latencies: list[float] = []
        self.arrivals: list[float] = []
        self.best: tuple[Pose2DArray, Image] | None = None
        self.has_news = threading.Event()
        self._images: OrderedDict[int, Image] = OrderedDict()
        self.create_subscription(Image, "image", self._keep, QoSProfile(depth=10))
        self.create_subscription(Pose2DArray, "mobilepose/joints", self._take, QoSProfile(depth=10))

    def _keep(self, image: Image) -> None:
        self._images[_nanoseconds(image)] = image
        if len(self._images) > MAX_KEPT:
            self._images.popitem(last=False)

    def _take(self, message: Pose2DArray) -> None:
        stamp = _nanoseconds(message)
        self.count += 1
        self.latencies.append((self.get_clock().now().nanoseconds - stamp) / 1e9)
        self.arrivals.append(time.monotonic())
        best = self.best[0].poses[0].score if self.best else 0.0
        if message.poses and message.poses[0].score >= best and stamp in self._images:
            self.best = message, self._images[stamp]
        self.has_news.set()

    @property
    def rate(self) -> float:
        """Messages per second, from the first to the last."""
        if len(self.arrivals) < 2:
            return 0.0
        return (len(self.arrivals) - 1) / (self.arrivals[-1] - self.arrivals[0])


def main(args: Sequence[str] | None = None) -> int:
    """Runs the demo; the exit status is 0 only if a person was found and no node failed."""
    options = _options(args)
    os.environ.setdefault("ROS_AUTOMATIC_DISCOVERY_RANGE", "LOCALHOST")
    domain = os.environ.get("ROS_DOMAIN_ID") or str(1 + os.getpid() % 101)
    os.environ["ROS_DOMAIN_ID"] = domain
    try:
        with results_folder.writable(options.out):
            with running.ros(args) as stop:
                shown = f"ROS_DOMAIN_ID={domain} ros2 topic echo /mobilepose/joints"
                print(f"{shown}  shows the joints")
                with _nodes(options, stop) as listener:
                    _follow(listener, options.frames, stop)
                if stop.interrupted:
                    return INTERRUPTED
                if stop.failed:
                    raise ValueError("a node failed; its error is above")
            return _report(listener, options)
    except ValueError as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1


def _options(args: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="demo", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--out", type=Path, default=Path("out"), help="folder for the results")
    parser.add_argument("--frames", type=int, default=120, help="number of results to wait for")
    parser.add_argument("--model", default="final", help="released model, or path of an .onnx file")
    parser.add_argument(
        "--finder",
        default=DETECTOR,
        help="what detects people: detector or full_frame",
    )
    parser.add_argument("--source", default="", help="photograph, video, folder or webcam")
    options = running.parsed(parser, sys.argv if args is None else ["demo", *args])
    if options.frames < 1:
        parser.error(f"--frames is at least 1, got {options.frames}")
    return options


@contextmanager
def _nodes(options: argparse.Namespace, stop: running.Stop) -> Iterator[DemoListener]:
    """The three nodes, running."""
    camera_values = {"source": options.source, "motion": 1.0, "rate": RATE, "loop": True}
    nodes: list[Node] = []
    try:
        overrides = _overrides({"model": options.model, "person_finder": options.finder})
        pose = running.made(lambda: PoseNode(parameter_overrides=overrides))
        nodes.append(pose)
        if not pose.start():
            raise ValueError("the pose node did not start; its error is above")
        listener = running.made(DemoListener)
        nodes.append(listener)
        overrides = _overrides(camera_values)
        nodes.append(
            running.made(
                lambda: CameraNode(
                    on_end=stop.set, on_failure=stop.fail, parameter_overrides=overrides
                )
            )
        )
        with running.spinning(stop, *nodes):
            yield listener
    finally:
        for node in nodes:
            node.destroy_node()


def _overrides(values: dict[str, Any]) -> list[Parameter]:
    return [Parameter(name, value=value) for name, value in values.items()]


def _follow(listener: DemoListener, frames: int, stop: running.Stop) -> None:
    """Shows progress until enough messages have arrived, none has for a while, or `stop`."""
    deadline = time.monotonic() + TIMEOUT
    with tqdm(total=frames, unit="frame") as bar:
        shown = 0
        while not stop.is_set() and shown < frames and time.monotonic() < deadline:
            if listener.has_news.wait(0.1):
                listener.has_news.clear()
                deadline = time.monotonic() + TIMEOUT
                arrived = min(listener.count, frames)
                bar.update(arrived - shown)
                shown = arrived


def _report(listener: DemoListener, options: argparse.Namespace) -> int:
    if listener.best is None:
        what = (
            "no person was found in them" if listener.count else "is the camera's source readable?"
        )
        print(f"demo: {listener.count} results arrived: {what}", file=sys.stderr)
        return 1
    message, image = listener.best
    milliseconds = np.array(listener.latencies) * 1e3
    median, p95 = np.percentile(milliseconds, [50, 95])
    print(f"{'joint':<15}{'x':>8}{'y':>8}{'score':>8}")
    for joint in message.poses[0].joints:
        print(f"{joint.name:<15}{joint.x:8.1f}{joint.y:8.1f}{joint.score:8.2f}")
    print(f"{listener.count} frames, {listener.rate:.1f} per second")
    print(f"latency from stamp to arrival: median {median:.1f} ms, 95th percentile {p95:.1f} ms")
    results = {
        **as_object(message),
        "frames": listener.count,
        "rate_hz": round(listener.rate, 3),
        "latency_ms": round(float(median), 3),
        "latency_p95_ms": round(float(p95), 3),
    }
    picture = draw_poses(images.bgr_from_image(image), messages.poses_of(message))
    write_json(options.out / "demo.json", results)
    save_picture(picture, options.out / "demo.png")
    print(f"{options.out / 'demo.png'} and {options.out / 'demo.json'} written")
    return 0


def as_object(value: Any) -> Any:
    """A message as dictionaries, lists, numbers and strings."""
    if hasattr(value, "get_fields_and_field_types"):
        return {
            name: as_object(getattr(value, name)) for name in value.get_fields_and_field_types()
        }
    if isinstance(value, list):
        return [as_object(item) for item in value]
    return value


def _nanoseconds(message: Any) -> int:
    stamp: int = Time.from_msg(message.header.stamp).nanoseconds
    return stamp

"""Bytes of each topic by number of people, serialised and on the network, and kB/s by rate.

    python -m benchmarks.bandwidth --json

The messages are those of a pose node that runs on a picture of so many people, with depth and
calibration, as they arrive over DDS. On the network they are measured between two participants in a
network of its own (`unshare --net`, Ethernet's MTU), with all headers, heartbeats and
acknowledgements, reliable; `--no-wire` leaves that out.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from mobilepose_msgs.msg import PersonBox, PersonBoxArray
from rclpy.node import Node
from rclpy.parameter import Parameter
from rclpy.serialization import deserialize_message, serialize_message
from sensor_msgs.msg import CameraInfo, CompressedImage, Image
from std_msgs.msg import Header

from benchmarks.measure import loopback, machine
from benchmarks.measure.node_process import PATIENCE, take_own_domain
from benchmarks.measure.participants import message_type
from benchmarks.picture import people
from mobilepose_core.typing import Float32Array, ImageArray
from mobilepose_ros import images, running
from mobilepose_ros.pose_node import PoseNode

COUNTS = (1, 5, 10)
WIDTH, HEIGHT = 640, 480
RATE = 30.0
DIAGNOSTICS_RATE = 1.0
JPEG_QUALITY = 95
"""The default of compressed_image_transport."""

FRAMES = 20
"""Frames before what is measured, so that the tracks are confirmed and times are known."""

DISTANCE = 2000
"""Of everything in the depth image, mm."""

TYPES = {
    "joints": "mobilepose_msgs/msg/Pose2DArray",
    "joints_3d": "mobilepose_msgs/msg/Pose3DArray",
    "people": "mobilepose_msgs/msg/PersonArray",
    "markers": "visualization_msgs/msg/MarkerArray",
    "overlay": "sensor_msgs/msg/Image",
    "diagnostics": "diagnostic_msgs/msg/DiagnosticArray",
    "image": "sensor_msgs/msg/Image",
    "image/compressed": "sensor_msgs/msg/CompressedImage",
}
"""Message types by topic, those of the node first."""


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--counts", nargs="+", type=int, default=COUNTS, help="numbers of people")
    parser.add_argument("--model", default="small", help="released model or .onnx file")
    parser.add_argument("--no-wire", action="store_true", help="serialised sizes alone")
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    options = parser.parse_args()
    rows = []
    print(f"| Topic | People | Bytes | On the network | Packets | kB/s at {RATE:g} Hz |")
    print("|---" * 6 + "|")
    for count in options.counts:
        messages = captured(count, options.model)
        wire = {} if options.no_wire else on_the_wire(messages)
        for topic, data in messages.items():
            rows.append(row(topic, count, len(data), wire.get(topic)))
            print(f"| {' | '.join(str(value) for value in rows[-1].values())} |", flush=True)
    if options.json:
        print(json.dumps({"machine": machine.description(), "rows": rows}))
    return 0


def row(topic: str, count: int, size: int, wire: dict[str, float] | None) -> dict[str, Any]:
    """The figures of a topic; kB/s are those on the network, where they were measured."""
    rate = DIAGNOSTICS_RATE if topic == "diagnostics" else RATE
    size_sent = size if wire is None else wire["wire"]
    return {
        "topic": topic,
        "people": count,
        "bytes": size,
        "wire": None if wire is None else wire["wire"],
        "packets": None if wire is None else wire["packets"],
        "kilobytes_per_s": round(size_sent * rate / 1000, 1),
    }


def captured(count: int, model: str) -> dict[str, bytes]:
    """A serialised message of every topic, from a node that sees so many people.

    Raises:
        RuntimeError: the node does not find them all.
    """
    picture, boxes = people(WIDTH, HEIGHT, count)
    with contextlib.ExitStack() as stack:
        camera, heard = stack.enter_context(_running(model))
        header = Header(frame_id="camera_optical_frame")
        _, jpeg = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
        deadline, frames = time.monotonic() + PATIENCE, 0
        while frames < FRAMES or not _is_complete(heard, count):
            frames += 1
            if time.monotonic() > deadline:
                raise RuntimeError(f"the node found no {count} people, or published too little")
            header.stamp = camera.get_clock().now().to_msg()
            _publish(camera, header, picture, boxes)
            time.sleep(0.1)
        own = {topic: heard[topic] for topic in TYPES if topic in heard}
        compressed = CompressedImage(header=header, format="bgr8; jpeg compressed bgr8")
        compressed.data = jpeg.tobytes()
        return {
            **own,
            "image": serialize_message(images.image_from_bgr(picture, header)),
            "image/compressed": serialize_message(compressed),
        }


@contextlib.contextmanager
def _running(model: str) -> Iterator[tuple[Node, dict[str, bytes]]]:
    """A camera's node, and the newest serialised message of each topic of a running pose node."""
    take_own_domain()
    values = {
        "model": model,
        "device": "cpu",
        "person_finder": "topic",
        "person_boxes_type": "PersonBoxArray",
        "use_depth": True,
        "find_interval": 1,
    }
    heard: dict[str, bytes] = {}
    with running.ros([]) as stop:
        overrides = [Parameter(name, value=value) for name, value in values.items()]
        node = PoseNode(cli_args=[], parameter_overrides=overrides)
        camera = Node("camera")
        for topic in TYPES:
            if topic.startswith("image"):
                continue
            name = "/diagnostics" if topic == "diagnostics" else f"/mobilepose/{topic}"

            def keep(data: bytes, topic: str = topic) -> None:
                heard[topic] = data

            camera.create_subscription(message_type(TYPES[topic]), name, keep, 1, raw=True)

        def start() -> None:
            node.start()

        with running.spinning(stop, node, camera, begin=start):
            yield camera, heard
        node.destroy_node()
        camera.destroy_node()


def _publish(camera: Node, header: Header, picture: ImageArray, boxes: Float32Array) -> None:
    """One frame of the camera, with depth, calibration and boxes of the people."""
    publishers = {publisher.topic_name: publisher for publisher in camera.publishers}

    def publish(topic: str, message: Any) -> None:
        known = publishers.get(f"/{topic}") or camera.create_publisher(type(message), topic, 1)
        known.publish(message)

    depth = Image(header=header, width=WIDTH, height=HEIGHT, step=2 * WIDTH, encoding="16UC1")
    depth.data.frombytes(np.full((HEIGHT, WIDTH), DISTANCE, np.uint16).tobytes())
    focal = float(WIDTH)
    info = CameraInfo(header=header, width=WIDTH, height=HEIGHT, distortion_model="plumb_bob")
    info.k = [focal, 0.0, WIDTH / 2, 0.0, focal, HEIGHT / 2, 0.0, 0.0, 1.0]
    info.p = [focal, 0.0, WIDTH / 2, 0.0, 0.0, focal, HEIGHT / 2, 0.0, 0.0, 0.0, 1.0, 0.0]
    publish("camera_info", info)
    publish("depth", depth)
    publish("person_boxes", _boxes(header, boxes))
    publish("image", images.image_from_bgr(picture, header))


def _boxes(header: Header, corners: Float32Array) -> PersonBoxArray:
    names = ("x_min", "y_min", "x_max", "y_max")
    boxes = [
        PersonBox(score=1.0, **dict(zip(names, map(float, box), strict=True))) for box in corners
    ]
    return PersonBoxArray(header=header, boxes=boxes)


def _is_complete(heard: dict[str, bytes], count: int) -> bool:
    """Whether every topic has a message, and the joints are of all people."""
    wanted = {topic for topic in TYPES if not topic.startswith("image")}
    if set(heard) != wanted:
        return False
    lists = {"joints": "poses", "joints_3d": "poses", "people": "people"}
    read = {topic: deserialize_message(heard[topic], message_type(TYPES[topic])) for topic in lists}
    return all(len(getattr(read[topic], field)) == count for topic, field in lists.items())


def on_the_wire(messages: dict[str, bytes]) -> dict[str, dict[str, float]]:
    """Bytes and packets of each message on a network."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        types = {topic.replace("/", "-"): TYPES[topic] for topic in messages}
        (folder / "types.json").write_text(json.dumps(types))
        for topic, data in messages.items():
            (folder / f"{topic.replace('/', '-')}.cdr").write_bytes(data)
        output = loopback.output_of("benchmarks.measure.wire", name)
    found = json.loads(output.splitlines()[-1])
    return {topic: found[topic.replace("/", "-")] for topic in messages}


if __name__ == "__main__":
    sys.exit(main())

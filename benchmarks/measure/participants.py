"""Participants that find one another, and what they send for it; run by benchmarks.discovery.

    python -m benchmarks.measure.participants 10
    python -m benchmarks.measure.participants 10 --server

Each has the services, publishers and subscriptions of a pose node, in a namespace of its own. All
are in this process and start one after another.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import json
import os
import time
from collections.abc import Iterator
from typing import Any

from rclpy.context import Context

from benchmarks.measure import fastdds_server
from benchmarks.measure.loopback import sent
from mobilepose_ros.discovery_server import PORT
from mobilepose_ros.discovery_server import VARIABLE as SERVER
from mobilepose_ros.pose_node import PoseNode
from mobilepose_ros.topic_table import PUBLISHED

PATIENCE = 120.0
"""Longest time to wait, once all have started, until all have found all, s."""


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("count", type=int)
    parser.add_argument("--server", action="store_true", help="by a discovery server")
    parser.add_argument(
        "--settling", type=float, default=5.0, help="time that counts after all have found all, s"
    )
    parser.add_argument("--idle", type=float, default=10.0, help="time of idle traffic, s")
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        if options.server:
            stack.enter_context(discovery_server())
            os.environ[SERVER] = "127.0.0.1"
        found = measured(options.count, options.settling, options.idle)
        print(json.dumps(found), flush=True)
    return 0


@contextlib.contextmanager
def discovery_server() -> Iterator[None]:
    """Fast DDS's own server, at its default port."""
    process = fastdds_server.start(0, PORT)
    try:
        yield
    finally:
        process.kill()
        process.wait()


def measured(count: int, settling: float, idle: float) -> dict[str, float]:
    """What participants send until they have found one another, and afterwards.

    Args:
        count: of participants.
        settling: time after they have found one another that counts as discovery, s.
        idle: time after that during which nothing happens, s.
    """
    before, begin = sent(), time.monotonic()
    nodes = [participant(number) for number in range(count)]
    started = time.monotonic() - begin
    complete, found = all_found(nodes, begin)
    time.sleep(settling)
    settled = sent()
    time.sleep(idle)
    quiet = sent().since(settled)
    discovery = settled.since(before)
    return {
        "participants": count,
        "started_s": round(started, 2),
        "found_all": complete,
        "found_s": round(found, 2),
        "kilobytes": round(discovery.bytes / 1000, 1),
        "packets": discovery.packets,
        "idle_kilobytes_per_s": round(quiet.bytes / 1000 / idle, 2),
        "idle_packets_per_s": round(quiet.packets / idle, 1),
    }


def participant(number: int) -> PoseNode:
    """A pose node with a participant of its own; it loads no network."""
    context = Context()
    context.init(args=[])
    node = PoseNode(namespace=f"robot_{number}", context=context, cli_args=[])
    for topic in PUBLISHED:
        if topic.name.startswith("~/"):
            node.create_publisher(message_type(topic.type), topic.name, 1)
    for name in ("image", "camera_info"):
        kind = "sensor_msgs/msg/Image" if name == "image" else "sensor_msgs/msg/CameraInfo"
        node.create_subscription(message_type(kind), name, lambda _: None, 1)
    return node


def message_type(name: str) -> type[Any]:
    """The class of a message type, such as sensor_msgs/msg/Image."""
    package, _, kind = name.split("/")
    found: type[Any] = getattr(importlib.import_module(f"{package}.msg"), kind)
    return found


def all_found(nodes: list[PoseNode], begin: float) -> tuple[int, float]:
    """How many nodes know all others, and how many seconds after the beginning.

    It waits until all do, but no longer than `PATIENCE`.
    """
    waiting, deadline = list(nodes), time.monotonic() + PATIENCE
    while waiting and time.monotonic() < deadline:
        waiting = [node for node in waiting if len(set(names(node))) < len(nodes)]
        time.sleep(0.05)
    return len(nodes) - len(waiting), time.monotonic() - begin


def names(node: PoseNode) -> list[str]:
    """Full names of the nodes that a node knows."""
    return [f"{namespace}/{name}" for name, namespace in node.get_node_names_and_namespaces()]


if __name__ == "__main__":
    main()
    os._exit(0)  # many participants take long to end, and nothing of them is kept

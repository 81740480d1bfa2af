"""Bytes on the network for given serialised messages; run by benchmarks.bandwidth.

    python -m benchmarks.measure.wire FOLDER

The folder has one file for each topic, `TOPIC.cdr`, and `types.json`. Each message is published
reliably, as the pose node does, to one subscription in another participant, over UDP.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node

from benchmarks.measure.loopback import Traffic, sent
from benchmarks.measure.participants import message_type

MESSAGES, RATE = 60, 30.0
PATIENCE = 30.0
"""Longest time to wait for a subscription, or for a message, s."""

SETTLING, IDLE = 1.0, 9.0
"""Time after a message before anything counts, and time of idle traffic that is subtracted, s."""


def main() -> int:
    folder = Path(sys.argv[1])
    types: dict[str, str] = json.loads((folder / "types.json").read_text())
    publishing, listening = context(), context()
    publisher_node = Node("publisher", context=publishing)
    listener = Node("listener", context=listening)
    executor = SingleThreadedExecutor(context=listening)
    executor.add_node(listener)
    begin, before = time.monotonic(), sent()
    time.sleep(IDLE)
    idle = sent().since(before).bytes / (time.monotonic() - begin)
    found = {}
    for topic, kind in types.items():
        data = (folder / f"{topic}.cdr").read_bytes()
        traffic, seconds = sent_for(publisher_node, listener, executor, message_type(kind), data)
        own = traffic.bytes - idle * seconds
        packets = round(traffic.packets / MESSAGES, 1)
        found[topic] = {"wire": round(own / MESSAGES), "packets": packets}
    print(json.dumps(found), flush=True)
    return 0


def context() -> Context:
    """ROS with a participant of its own."""
    made = Context()
    made.init(args=[])
    return made


def sent_for(
    node: Node, listener: Node, executor: SingleThreadedExecutor, kind: type, data: bytes
) -> tuple[Traffic, float]:
    """Traffic of `MESSAGES`, with headers, heartbeats and acknowledgements, and seconds."""
    heard: list[bytes] = []
    subscription = listener.create_subscription(kind, "measured", heard.append, 10, raw=True)
    publisher = node.create_publisher(kind, "measured", 10)

    def wait_for(count: int) -> None:
        deadline = time.monotonic() + PATIENCE
        while len(heard) < count:
            if time.monotonic() > deadline:
                raise RuntimeError("a message did not arrive")
            executor.spin_once(timeout_sec=0.01)

    while not publisher.get_subscription_count():
        time.sleep(0.01)
    publisher.publish(data)
    wait_for(1)
    time.sleep(SETTLING)
    begin, before = time.monotonic(), sent()
    for number in range(MESSAGES):
        publisher.publish(data)
        wait_for(number + 2)
        time.sleep(max(0.0, begin + (number + 1) / RATE - time.monotonic()))
    traffic, seconds = sent().since(before), time.monotonic() - begin
    node.destroy_publisher(publisher)
    listener.destroy_subscription(subscription)
    return traffic, seconds


if __name__ == "__main__":
    main()
    os._exit(0)

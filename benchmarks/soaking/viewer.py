"""A program that looks at everything the node publishes; says `ready` at the first message."""

from __future__ import annotations

import sys

from rclpy.node import Node

from mobilepose_ros import qos, running
from mobilepose_ros.pose_publishers import OUTPUTS, message_class


class Viewer(Node):
    """Subscribes to all topics of the node; says so when the first message has come."""

    def __init__(self) -> None:
        super().__init__("soak_viewer")
        self._is_ready = False
        for name, output in OUTPUTS.items():
            kind = message_class(output.type)
            profile = qos.latched(1) if output.is_latched else qos.reliable(1)
            self.create_subscription(kind, f"mobilepose/{name}", self._take, profile)

    def _take(self, message: object) -> None:
        if not self._is_ready:
            self._is_ready = True
            print("ready", flush=True)


def main() -> int:
    with running.ros([]) as stop, running.spinning(stop, Viewer()):
        stop.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())

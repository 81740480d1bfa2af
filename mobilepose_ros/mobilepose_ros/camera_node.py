"""The node `camera`: pictures of a webcam, video, folder or photograph on the topic `image`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

from rclpy.node import Node
from rclpy.qos import QoSProfile
from rclpy.qos_overriding_options import QoSOverridingOptions
from sensor_msgs.msg import Image
from std_msgs.msg import Header

from mobilepose_ros import images, parameters, running, sources
from mobilepose_ros.parameters import CameraParameters


class CameraNode(Node):
    """Publishes pictures at a fixed rate, reliably as drivers do (REP-2003)."""

    def __init__(
        self,
        node_name: str = "camera",
        *,
        on_end: Callable[[], None] = lambda: None,
        **options: Any,
    ) -> None:
        """Opens the source and starts.

        Args:
            node_name: the node's.
            on_end: called once the source has no more pictures.
            options: of rclpy's Node.

        Raises:
            ValueError: a parameter is wrong, or the source cannot be read.
        """
        super().__init__(node_name, **options)
        if wrong := parameters.declare(self, CameraParameters):
            raise ValueError("; ".join(wrong.values()))
        self.settings = parameters.read(self, CameraParameters)
        self._on_end = on_end
        self._frames = sources.open_source(
            self.settings.source, self.settings.loop, self.settings.motion
        )
        self._publisher = self.create_publisher(
            Image,
            "image",
            QoSProfile(depth=10),
            qos_overriding_options=QoSOverridingOptions.with_default_policies(),
        )
        self._timer = self.create_timer(1 / self.settings.rate, self._publish)
        self.get_logger().info(
            f"publishes {self.settings.source or 'the demonstration photograph'} on "
            f"{self._publisher.topic_name} at {self.settings.rate:g} Hz"
        )

    def _publish(self) -> None:
        try:
            frame = next(self._frames)
        except StopIteration:
            self._end("the source has no more pictures")
        except ValueError as error:
            self._end(str(error))
        else:
            stamp = self.get_clock().now().to_msg()
            header = Header(stamp=stamp, frame_id=self.settings.frame_id)
            self._publisher.publish(images.image_from_bgr(frame, header))

    def _end(self, reason: str) -> None:
        self._timer.cancel()
        self.get_logger().info(f"ends: {reason}")
        self._on_end()


def main(args: Sequence[str] | None = None) -> int:
    """Runs the node; the exit status is 1 where it cannot start."""
    with running.ros(args) as stop:
        try:
            node = CameraNode(on_end=stop.set)
        except ValueError as error:
            print(f"camera: {error}", file=sys.stderr)
            return 1
        with running.spinning(stop, node):
            stop.wait()
        node.destroy_node()
        return int(stop.failed)


if __name__ == "__main__":
    sys.exit(main())

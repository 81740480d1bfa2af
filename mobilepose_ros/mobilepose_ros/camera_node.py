"""The node `camera`: publishes a webcam, video, folder or photograph on topic `image`.

Optionally it publishes a calibration on `camera_info`.
"""

from __future__ import annotations

import sys

if __name__ == "__main__":  # before the imports below, which take a second
    from mobilepose_ros import programs

    sys.exit(programs.camera_node())

import time
from collections.abc import Callable, Sequence
from typing import Any

from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.node import Node
from rclpy.publisher import Publisher
from sensor_msgs.msg import CameraInfo, Image
from std_msgs.msg import Header

from mobilepose_core.io import PixelLimit
from mobilepose_ros import (
    camera_source,
    ignored_parameters,
    images,
    parameter_table,
    qos,
    running,
    topics,
)
from mobilepose_ros.parameters import CameraParameters
from mobilepose_ros.pinhole import pinhole_info
from mobilepose_ros.reminders import Reminders
from mobilepose_ros.simulated_time import SimulatedTime

WATCH_INTERVAL = 0.5
"""Time between two checks of simulated time, s."""

CLOCK_TIMEOUT = 5.0
"""Time without progress of simulated time before a warning, s."""


class CameraNode(Node):
    """Publishes images at a fixed rate, reliable as drivers should be (REP-2003).

    Attributes:
        timer: triggers each image; can be cancelled and reset.
        published: number of images so far.
    """

    def __init__(
        self,
        node_name: str = "camera",
        *,
        on_end: Callable[[], None] = lambda: None,
        on_failure: Callable[[], None] = lambda: None,
        **options: Any,
    ) -> None:
        """Opens the source and starts publishing.

        Args:
            node_name: the node's.
            on_end: called at the end of a file or folder.
            on_failure: called if the source cannot be read any more, or is live and ends.
            options: of rclpy's Node.

        Raises:
            ValueError: a parameter or QoS override is invalid, or the source cannot be read.
        """
        super().__init__(node_name, **options)
        if invalid := parameter_table.declare(self, CameraParameters):
            raise ValueError("; ".join(invalid.values()))
        self.settings = parameter_table.read(self, CameraParameters)
        self._on_end, self._on_failure = on_end, on_failure
        self._frames = camera_source.open_images(
            self.settings.source,
            self.settings.loop,
            self.settings.motion,
            PixelLimit(self.settings.max_image_pixels, "parameter max_image_pixels"),
        )
        self._images = self._publisher(Image, "image")
        self._calibrations: Publisher | None = None
        if self.settings.field_of_view:
            self._calibrations = self._publisher(CameraInfo, topics.of_camera_info(self))
        self.published = 0
        self.timer = self.create_timer(1 / self.settings.rate, self._publish)
        self._reminders = Reminders(self.get_logger())
        self._simulated_time = SimulatedTime(self, time.monotonic)
        self.create_timer(
            WATCH_INTERVAL, self._watch, clock=Clock(clock_type=ClockType.STEADY_TIME)
        )
        ignored_parameters.warn_of_ignored(self, options.get("cli_args"))
        self.get_logger().info(
            f"publishes {self.settings.source or 'the demonstration photograph'} on "
            f"{self._images.topic_name} at {self.settings.rate:g} Hz"
        )

    def _publisher(self, kind: type[Any], topic: str) -> Publisher:
        try:
            return self.create_publisher(
                kind, topic, qos.reliable(10), qos_overriding_options=qos.overridable()
            )
        except Exception as error:  # rclpy's, for an invalid QoS override
            raise ValueError(f"{topic} cannot be published: {error}") from error

    def _publish(self) -> None:
        try:
            frame = next(self._frames)
        except StopIteration:
            self._end()
        except ValueError as error:
            self._fail(str(error))
        except Exception as error:  # of OpenCV or of the system
            self._fail(f"{self.settings.source} cannot be read any more: {error!r}")
        else:
            stamp = self.get_clock().now().to_msg()
            header = Header(stamp=stamp, frame_id=self.settings.frame_id)
            self._images.publish(images.image_from_bgr(frame, header))
            self.published += 1
            if self._calibrations is not None:
                height, width = frame.shape[:2]
                view = self.settings.field_of_view
                self._calibrations.publish(pinhole_info(header, width, height, view))

    def _watch(self) -> None:
        if reason := self._simulated_time.trouble(CLOCK_TIMEOUT):
            self._reminders.warn("time", f"no images are published: {reason}")

    def _end(self) -> None:
        if self._frames.is_live:
            self._fail(
                f"{self.settings.source} gives no more images: was the camera unplugged, or is its "
                "connection lost?"
            )
            return
        self.timer.cancel()
        self.get_logger().info("stopping: end of the source")
        self._on_end()

    def _fail(self, reason: str) -> None:
        self.timer.cancel()
        self.get_logger().error(f"stopping: {reason}")
        self._on_failure()


def main(args: Sequence[str] | None = None) -> int:
    """Runs the node; the exit status is 1 if it cannot start, or its source fails."""
    with running.ros(args) as stop:
        node = running.made(lambda: CameraNode(on_end=stop.set, on_failure=stop.fail))
        with running.spinning(stop, node):
            stop.wait()
        node.destroy_node()
        return int(stop.failed)

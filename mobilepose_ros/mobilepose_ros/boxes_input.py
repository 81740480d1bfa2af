"""The subscription to boxes of people, and their assignment to images."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from rclpy.node import Node
from std_msgs.msg import Header

from mobilepose_core import PersonBoxes
from mobilepose_core.messages import Size, scaled
from mobilepose_ros import person_boxes, silence
from mobilepose_ros.counters import Performance
from mobilepose_ros.image_sizes import ImageSizes
from mobilepose_ros.matched_subscription import subscribe_to_each
from mobilepose_ros.parameters import PoseParameters
from mobilepose_ros.recent_messages import RecentMessages
from mobilepose_ros.reminders import LOG_INTERVAL
from mobilepose_ros.stamps import nanoseconds

TOPIC = "person_boxes"

POLL_INTERVAL = 0.01
"""Time between two checks for a newer image while an image waits for its boxes, s."""


class UnstampedBoxes(NamedTuple):
    """A message without a header, and its time of arrival, s of a steady clock."""

    message: Any
    time: float


class BoxesInput:
    """Receives boxes on topic `person_boxes`, and assigns each message to one image.

    Boxes only start tracks, which then continue from the joints. So an image takes boxes of earlier
    images too, within boxes_tolerance. If images arrive so rarely that no other image is within the
    tolerance, an image waits for its own boxes. Callbacks run in another thread than `wait` and
    `of_image`.

    Attributes:
        topic: its full name.
    """

    def __init__(
        self,
        node: Node,
        settings: PoseParameters,
        performance: Performance,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Subscribes.

        Args:
            node: owns the subscription, and logs problems.
            settings: the current parameters.
            performance: records rejected boxes.
            clock: steady, s; measures silence.

        Raises:
            ValueError: the package of the message type is not installed.
            Exception: rclpy's, for an invalid QoS override.
        """
        self._reader = person_boxes.reader(settings.person_boxes_type)
        self._node = node
        self._class = settings.detection_class
        self._tolerance = settings.boxes_tolerance
        self._performance = performance
        self._stamped: RecentMessages[Any] = RecentMessages()
        self._newest: UnstampedBoxes | None = None
        self._used: Any = None
        self._sizes = ImageSizes()
        self._previous_arrival = -math.inf
        self._changed = threading.Condition()
        self._clock = clock
        self._silent_since = self._unmatched_since = clock()
        self._subscription = subscribe_to_each(node, self._reader.type, TOPIC, self._take)
        self.topic: str = self._subscription.topic_name

    def destroy(self) -> None:
        """Unsubscribes."""
        self._subscription.destroy()

    def wait(self, header: Header, arrival: float, stop_waiting: Callable[[], bool]) -> None:
        """Waits for an image's own boxes if those of other images are too old.

        That is the case if the previous image arrived more than boxes_tolerance ago. Waits no
        longer than that, and stops if a newer image arrives or there is no publisher of boxes.

        Args:
            header: of the image.
            arrival: of the image, s of `time.monotonic`.
            stop_waiting: whether a newer image has arrived.
        """
        previous, self._previous_arrival = self._previous_arrival, arrival
        if arrival - previous <= self._tolerance or not self._node.count_publishers(self.topic):
            return
        with self._changed:
            while not self._has_boxes(header, arrival) and not stop_waiting():
                left = arrival + self._tolerance - time.monotonic()
                if left <= 0:
                    return
                self._changed.wait(min(left, POLL_INTERVAL))

    def of_image(
        self, header: Header, arrival: float, width: int, height: int
    ) -> PersonBoxes | None:
        """The boxes for an image; None without any, or if an earlier image used them.

        Args:
            header: of the image.
            arrival: of the image, s of `time.monotonic`.
            width: of the image, pixels.
            height: of the image, pixels.
        """
        self._sizes.put(nanoseconds(header.stamp), (width, height))
        message = self._nearest(header, arrival)
        if message is None or message is self._used:
            return None
        self._used = message
        self._unmatched_since = self._clock()
        boxes = self._read(message, (width, height))
        if boxes.rejected:
            self._performance.rejected_boxes(boxes.rejected, boxes.error)
            self._node.get_logger().warning(
                f"{boxes.rejected} of the boxes on {self.topic} not used: {boxes.error}",
                throttle_duration_sec=LOG_INTERVAL,
            )
        return boxes.people

    def trouble(self, timeout: float) -> str:
        """Why no image has had boxes for `timeout` seconds; empty if one had, or for 0."""
        now = self._clock()
        silent, unmatched = now - self._silent_since, now - self._unmatched_since
        if 0 < timeout <= silent:
            return silence.of_boxes(self._node, self._subscription, silent, self._reader.name)
        if 0 < timeout <= unmatched:
            return (
                f"boxes arrive on {self.topic}, but for {unmatched:.0f} s none within "
                f"{self._tolerance:g} s of an image's stamp; do they keep the stamp of their "
                "image, and is boxes_tolerance longer than their detector takes?"
            )
        return ""

    def _read(self, message: Any, size: Size) -> person_boxes.BoxesInImage:
        """A message's boxes, rescaled if its own image had another size."""
        own = self._sizes.at(nanoseconds(message.header.stamp)) if self._reader.is_stamped else size
        boxes = person_boxes.boxes_in_image(self._reader, message, self._class, *own)
        if own == size:
            return boxes
        corners = scaled(boxes.people.boxes.reshape(-1, 2), np.divide(size, own))
        rescaled = corners.reshape(-1, 4).astype(np.float32)
        return boxes._replace(people=replace(boxes.people, boxes=rescaled))

    def _has_boxes(self, header: Header, arrival: float) -> bool:
        """Whether the boxes of an image, or of a later one, have arrived."""
        if self._reader.is_stamped:
            return not self._stamped.may_come(header.stamp)
        message = self._nearest(header, arrival)
        return message is not None and message is not self._used

    def _nearest(self, header: Header, arrival: float) -> Any:
        if self._reader.is_stamped:
            return self._stamped.nearest(header.stamp, self._tolerance, arrival)
        newest = self._newest
        is_near = newest is not None and abs(newest.time - arrival) <= self._tolerance
        return newest.message if newest is not None and is_near else None

    def _take(self, message: Any) -> None:
        now = time.monotonic()
        with self._changed:
            if self._reader.is_stamped:
                self._stamped.put(message)
            else:
                self._newest = UnstampedBoxes(message, now)
            self._silent_since = self._clock()
            self._changed.notify()

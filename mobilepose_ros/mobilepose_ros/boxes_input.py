"""The subscription to boxes of people, and which of them belong to an image."""

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

from mobilepose_core.inference.boxes import PersonBoxes
from mobilepose_core.inference.frame_size import rescaled, scale_between
from mobilepose_ros import person_boxes, silence
from mobilepose_ros.counters import Performance
from mobilepose_ros.image_sizes import ImageSizes
from mobilepose_ros.matched_subscription import subscribe_to_each
from mobilepose_ros.parameters import PoseParameters
from mobilepose_ros.recent import RecentMessages
from mobilepose_ros.space import LOG_INTERVAL
from mobilepose_ros.stamps import nanoseconds

TOPIC = "person_boxes"

LOOK_INTERVAL = 0.01
"""Between two looks for a newer image while one waits for its boxes, s."""


class Arrived(NamedTuple):
    """A message, and when it came in, s of a steady clock."""

    message: Any
    time: float


class BoxesInput:
    """Receives boxes on topic `person_boxes`, and gives each message to one image.

    Boxes only introduce people, who are followed by their own joints from then on; so an image
    takes what has come of the images before it, within boxes_tolerance. Where images come so slowly
    that no other is within it, an image waits for its own. Callbacks run in another thread than
    `wait` and `of_image`.

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
            node: that receives, and logs what is wrong with what it receives.
            settings: those of now.
            performance: told of boxes that are rejected.
            clock: a steady one that times silence, s.

        Raises:
            ValueError: the package of the boxes' type is not installed.
            Exception: rclpy's, where the QoS is overridden by what is none.
        """
        self._source = person_boxes.source(settings.person_boxes_type)
        self._node = node
        self._class = settings.detection_class
        self._tolerance = settings.boxes_tolerance
        self._performance = performance
        self._stamped: RecentMessages[Any] = RecentMessages()
        self._newest: Arrived | None = None
        self._given: Any = None
        self._sizes = ImageSizes()
        self._image_before = -math.inf
        self._came = threading.Condition()
        self._clock = clock
        self._quiet_since = self._unmatched_since = clock()
        self._subscription = subscribe_to_each(node, self._source.type, TOPIC, self._take)
        self.topic: str = self._subscription.topic_name

    def destroy(self) -> None:
        """Unsubscribes."""
        self._subscription.destroy()

    def wait(self, header: Header, arrival: float, is_newer: Callable[[], bool]) -> None:
        """Waits for the boxes of an image where those of others cannot do.

        That is where the image before came in more than boxes_tolerance ago. For so long at most,
        and not once there is a newer image, or nobody who publishes boxes.

        Args:
            header: the image's.
            arrival: of the image, s of `time.monotonic`.
            is_newer: whether there is an image that came in after this one.
        """
        before, self._image_before = self._image_before, arrival
        if arrival - before <= self._tolerance or not self._node.count_publishers(self.topic):
            return
        with self._came:
            while not self._has_come(header, arrival) and not is_newer():
                left = arrival + self._tolerance - time.monotonic()
                if left <= 0:
                    return
                self._came.wait(min(left, LOOK_INTERVAL))

    def of_image(
        self, header: Header, arrival: float, width: int, height: int
    ) -> PersonBoxes | None:
        """The boxes that belong to an image and were not given to one before it, if any.

        Args:
            header: the image's.
            arrival: of the image, s of `time.monotonic`.
            width: of the image, pixels.
            height: of the image, pixels.
        """
        self._sizes.put(nanoseconds(header.stamp), (width, height))
        message = self._nearest(header, arrival)
        if message is None or message is self._given:
            return None
        self._given = message
        self._unmatched_since = self._clock()
        answer = self._answer(message, (width, height))
        if answer.rejected:
            self._performance.rejected_boxes(answer.rejected, answer.wrong)
            self._node.get_logger().warning(
                f"{answer.rejected} of the boxes on {self.topic} not used: {answer.wrong}",
                throttle_duration_sec=LOG_INTERVAL,
            )
        return answer.people

    def trouble(self, timeout: float) -> str:
        """Why no image got boxes for `timeout` seconds; empty where one did, or for 0."""
        now = self._clock()
        quiet, unmatched = now - self._quiet_since, now - self._unmatched_since
        if 0 < timeout <= quiet:
            return silence.of_boxes(self._node, self._subscription, quiet, self._source.name)
        if 0 < timeout <= unmatched:
            return (
                f"boxes come in on {self.topic}, but for {unmatched:.0f} s none within "
                f"{self._tolerance:g} s of an image's stamp; do they keep the stamp of their "
                "image, and is boxes_tolerance longer than their detector takes?"
            )
        return ""

    def _answer(self, message: Any, size: tuple[int, int]) -> person_boxes.Answer:
        """What a message says of an image of a size, be it of one of another size."""
        own = self._sizes.at(nanoseconds(message.header.stamp)) if self._source.is_stamped else size
        answer = person_boxes.answer(self._source, message, self._class, *own)
        scale = scale_between(own, size)
        if scale is None:
            return answer
        corners = rescaled(answer.people.boxes.reshape(-1, 2), scale)
        boxes = corners.reshape(-1, 4).astype(np.float32)
        return answer._replace(people=replace(answer.people, boxes=boxes))

    def _has_come(self, header: Header, arrival: float) -> bool:
        """Whether boxes of an image are there, or those of a later one."""
        if self._source.is_stamped:
            return not self._stamped.may_come(header.stamp)
        message = self._nearest(header, arrival)
        return message is not None and message is not self._given

    def _nearest(self, header: Header, arrival: float) -> Any:
        if self._source.is_stamped:
            return self._stamped.nearest(header.stamp, self._tolerance, arrival)
        newest = self._newest
        is_near = newest is not None and abs(newest.time - arrival) <= self._tolerance
        return newest.message if newest is not None and is_near else None

    def _take(self, message: Any) -> None:
        now = time.monotonic()
        with self._came:
            if self._source.is_stamped:
                self._stamped.put(message)
            else:
                self._newest = Arrived(message, now)
            self._quiet_since = self._clock()
            self._came.notify()

"""The subscription to boxes of people, and which of them belong to an image."""

from __future__ import annotations

import time
from typing import Any, NamedTuple

from rclpy.node import Node
from std_msgs.msg import Header

from mobilepose_core.inference.boxes import PersonBoxes
from mobilepose_ros import person_boxes, silence
from mobilepose_ros.counters import Performance
from mobilepose_ros.matched_subscription import subscribe_to_newest
from mobilepose_ros.parameters import PoseParameters
from mobilepose_ros.recent import RecentMessages
from mobilepose_ros.space import LOG_INTERVAL

TOPIC = "person_boxes"

HINT = "is the detector running, and is `person_boxes` remapped to its topic (boxes:=TOPIC)?"


class Arrived(NamedTuple):
    """A message, and when it came in, s of a steady clock."""

    message: Any
    time: float


class BoxesInput:
    """Receives boxes on topic `person_boxes`, and gives each message to one image.

    Boxes only introduce people, who are followed by their own joints from then on; so an image
    takes what has come, and none is waited for. Callbacks run in another thread than `of_image`.

    Attributes:
        topic: its full name.
    """

    def __init__(self, node: Node, settings: PoseParameters, performance: Performance) -> None:
        """Subscribes.

        Args:
            node: that receives, and logs what is wrong with what it receives.
            settings: those of now.
            performance: told of boxes that are rejected.

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
        self._quiet_since = self._unmatched_since = time.monotonic()
        self._subscription = subscribe_to_newest(node, self._source.type, TOPIC, self._take)
        self.topic: str = self._subscription.topic_name

    def destroy(self) -> None:
        """Unsubscribes."""
        self._subscription.destroy()

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
        message = self._nearest(header, arrival)
        if message is None or message is self._given:
            return None
        self._given = message
        self._unmatched_since = time.monotonic()
        answer = person_boxes.answer(self._source, message, self._class, width, height)
        if answer.rejected:
            self._performance.rejected_boxes(answer.rejected)
            self._node.get_logger().warning(
                f"{answer.rejected} of the boxes on {self.topic} not used: {answer.wrong}",
                throttle_duration_sec=LOG_INTERVAL,
            )
        return answer.people

    def trouble(self, timeout: float) -> str:
        """Why no image got boxes for `timeout` seconds; empty where one did, or for 0."""
        now = time.monotonic()
        quiet, unmatched = now - self._quiet_since, now - self._unmatched_since
        if 0 < timeout <= quiet:
            publishers = self._node.get_publishers_info_by_topic(self.topic)
            return silence.explanation(
                self.topic,
                quiet,
                publishers,
                self._subscription.qos_profile,
                self._source.name,
                what="boxes of people",
                hint=HINT,
            )
        if 0 < timeout <= unmatched:
            return (
                f"boxes come in on {self.topic}, but for {unmatched:.0f} s none within "
                f"{self._tolerance:g} s of an image's stamp; do they keep the stamp of their "
                "image, and is boxes_tolerance longer than their detector takes?"
            )
        return ""

    def _nearest(self, header: Header, arrival: float) -> Any:
        if self._source.is_stamped:
            return self._stamped.nearest(header.stamp, self._tolerance)
        newest = self._newest
        is_near = newest is not None and abs(newest.time - arrival) <= self._tolerance
        return newest.message if newest is not None and is_near else None

    def _take(self, message: Any) -> None:
        now = time.monotonic()
        if self._source.is_stamped:
            self._stamped.put(message)
        else:
            self._newest = Arrived(message, now)
        self._quiet_since = now

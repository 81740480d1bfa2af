"""The subscription to the camera's images: silence and losses."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from rclpy.node import Node
from sensor_msgs.msg import CompressedImage, Image

from mobilepose_ros import publisher_process, silence, topics, transport_loss
from mobilepose_ros.counters import Performance
from mobilepose_ros.matched_subscription import MatchedSubscription
from mobilepose_ros.parameters import PoseParameters
from mobilepose_ros.transport_loss import TransportLoss

AnyImage: TypeAlias = Image | CompressedImage

TYPES = {
    "raw": (Image, silence.IMAGE_TYPE),
    "compressed": (CompressedImage, silence.COMPRESSED_TYPE),
}
"""Message types and their names, by image_transport."""


class ImageInput:
    """Receives images on topic `image`, or on `image/compressed`.

    Attributes:
        topic: its full name.
    """

    def __init__(
        self,
        node: Node,
        settings: PoseParameters,
        performance: Performance,
        receive: Callable[[AnyImage], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Subscribes.

        Args:
            node: owns the subscription.
            settings: the current parameters.
            performance: records images that never arrived.
            receive: called with every image.
            clock: steady, s; measures silence.

        Raises:
            Exception: rclpy's, for an invalid QoS override.
        """
        self._node = node
        self._receive = receive
        self._performance = performance
        self._clock = clock
        self._silent_since = clock()
        self._is_silent = False
        self._largest = 0
        self._has_lost = False
        kind, self._type = TYPES[settings.image_transport]
        self._subscription = MatchedSubscription(
            node,
            kind,
            topics.of_images(node, settings.image_transport),
            self._take,
            settings.image_reliability,
            self._count_lost,
        )
        self._loss = TransportLoss(performance, self._subscription.counts_lost)
        self.topic: str = self._subscription.topic_name

    @property
    def reliability(self) -> str:
        """Current reliability of the subscription: `reliable` or `best effort`."""
        return transport_loss.words(self._subscription.qos_profile.reliability)

    def destroy(self) -> None:
        """Unsubscribes."""
        self._subscription.destroy()

    def check_silence(self, timeout: float) -> str:
        """Why no image has arrived for `timeout` seconds; empty if one has, or for 0.

        After a silence, the next image is logged.
        """
        silent = self._clock() - self._silent_since
        self._is_silent = 0 < timeout <= silent
        if not self._is_silent:
            return ""
        if self._has_lost and (loss := self.loss()):
            return loss
        return silence.of_images(self._node, self._subscription, silent, self._type)

    def count_missing(self) -> None:
        """Counts images that never arrived; call it a few times per second."""
        self._loss.settle({bytes(p.endpoint_gid) for p in self._subscription.publishers})

    def loss(self) -> str:
        """Recent losses in transport and what to do; empty if they are negligible."""
        counts = transport_loss.recent(self._performance)
        if not transport_loss.is_worth_a_warning(*counts):
            return ""
        own = publisher_process.own_gid(self._node.get_subscriptions_info_by_topic(self.topic))
        return transport_loss.explanation(
            self.topic,
            counts,
            self._subscription.publishers,
            self._subscription.qos_profile.reliability,
            self._largest,
            own[: transport_loss.HOST_BYTES],
        )

    def _count_lost(self, count: int) -> None:
        self._has_lost = True
        self._loss.lost(count)

    def _take(self, image: AnyImage, info: Mapping[str, Any]) -> None:
        now = self._clock()
        if self._is_silent:
            silent = now - self._silent_since
            self._node.get_logger().info(f"images on {self.topic} again after {silent:.0f} s")
            self._is_silent = False
        self._silent_since = now
        self._has_lost = False
        self._largest = max(self._largest, len(image.data))
        self._loss.received(info.get("publication_sequence_number"))
        self._receive(image)

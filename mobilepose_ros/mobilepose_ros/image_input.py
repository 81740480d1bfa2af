"""The subscription to the camera's images, since when nothing came in on it, and what was lost."""

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
"""Of messages, by image_transport, and their names."""


class ImageInput:
    """Receives the images of topic `image`, or of the one below it.

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
            node: that receives.
            settings: those of now.
            performance: told of images that never came in.
            receive: called with every image that comes in.
            clock: a steady one that times silence, s.

        Raises:
            Exception: rclpy's, where the QoS is overridden by what is none.
        """
        self._node = node
        self._receive = receive
        self._performance = performance
        self._clock = clock
        self._quiet_since = clock()
        self._is_quiet = False
        self._largest = 0
        self._has_lost = False
        kind, self._type = TYPES[settings.image_transport]
        self._subscription = MatchedSubscription(
            node,
            kind,
            topics.of_images(node, settings.image_transport),
            self._take,
            settings.image_reliability,
            self._lose,
        )
        self._loss = TransportLoss(performance, self._subscription.counts_lost)
        self.topic: str = self._subscription.topic_name

    @property
    def reliability(self) -> str:
        """Of the subscription as it is now: `reliable` or `best effort`."""
        return transport_loss.words(self._subscription.qos_profile.reliability)

    def destroy(self) -> None:
        """Unsubscribes."""
        self._subscription.destroy()

    def silence(self, timeout: float) -> str:
        """Why nothing came in for `timeout` seconds; empty where something did, or for 0."""
        quiet = self._clock() - self._quiet_since
        self._is_quiet = 0 < timeout <= quiet
        if not self._is_quiet:
            return ""
        if self._has_lost and (loss := self.loss()):
            return loss
        return silence.of_images(self._node, self._subscription, quiet, self._type)

    def count_missing(self) -> None:
        """Counts images that never came in; to be called a few times a second."""
        self._loss.settle({bytes(p.endpoint_gid) for p in self._subscription.publishers})

    def loss(self) -> str:
        """What the transport lost lately and what helps; empty where it is next to nothing."""
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

    def _lose(self, count: int) -> None:
        self._has_lost = True
        self._loss.lost(count)

    def _take(self, image: AnyImage, info: Mapping[str, Any]) -> None:
        now = self._clock()
        if self._is_quiet:
            quiet = now - self._quiet_since
            self._node.get_logger().info(f"images on {self.topic} after {quiet:.0f} s without")
            self._is_quiet = False
        self._quiet_since = now
        self._has_lost = False
        self._largest = max(self._largest, len(image.data))
        self._loss.came(info.get("publication_sequence_number"))
        self._receive(image)

"""The subscription to the camera's images, and since when nothing came in on it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeAlias

from rclpy.node import Node
from sensor_msgs.msg import CompressedImage, Image

from mobilepose_ros import qos, silence, topics

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
        transport: str,
        receive: Callable[[AnyImage], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Subscribes.

        Args:
            node: that receives.
            transport: one of `IMAGE_TRANSPORTS`.
            receive: called with every image that comes in.
            clock: a steady one that times silence, s.

        Raises:
            Exception: rclpy's, where the QoS is overridden by what is none.
        """
        self._node = node
        self._receive = receive
        self._clock = clock
        self._quiet_since = clock()
        self._is_quiet = False
        kind, self._type = TYPES[transport]
        topic = topics.of_images(node, transport)
        self._subscription = qos.subscribe_to_newest(node, kind, topic, self._take)
        self.topic: str = self._subscription.topic_name

    def destroy(self) -> None:
        """Unsubscribes."""
        self._node.destroy_subscription(self._subscription)

    def silence(self, timeout: float) -> str:
        """Why nothing came in for `timeout` seconds; empty where something did, or for 0."""
        quiet = self._clock() - self._quiet_since
        self._is_quiet = 0 < timeout <= quiet
        if not self._is_quiet:
            return ""
        return silence.of_images(self._node, self._subscription, quiet, self._type)

    def _take(self, image: AnyImage) -> None:
        now = self._clock()
        if self._is_quiet:
            quiet = now - self._quiet_since
            self._node.get_logger().info(f"images on {self.topic} after {quiet:.0f} s without")
            self._is_quiet = False
        self._quiet_since = now
        self._receive(image)

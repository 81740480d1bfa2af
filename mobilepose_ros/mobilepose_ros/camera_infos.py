"""The subscription to a camera's calibration, and the CameraInfo that belongs to an image."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from builtin_interfaces.msg import Time
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from rclpy.subscription import Subscription
from sensor_msgs.msg import CameraInfo

from mobilepose_ros.input_watch import InputWatch
from mobilepose_ros.matched_subscription import subscribe_to_each
from mobilepose_ros.stamps import nanoseconds

SIZE = 8
"""How many CameraInfos are kept: as many images may be on their way."""


class RecentCameraInfos:
    """Keeps the last few CameraInfos. `put` may be called in another thread than `of_image`."""

    def __init__(self) -> None:
        """Starts empty."""
        self._infos: deque[tuple[int, CameraInfo]] = deque(maxlen=SIZE)

    def put(self, info: CameraInfo) -> None:
        """The camera's latest."""
        self._infos.append((nanoseconds(info.header.stamp), info))

    def of_image(self, stamp: Time | None, width: int, height: int) -> CameraInfo | None:
        """That of the same stamp; else the one nearest in time, of the image's size if there is.

        Where nobody gave stamps, the latest; None where none came.

        Args:
            stamp: the image's; None for the latest.
            width: of the image, pixels.
            height: of the image, pixels.
        """
        infos = tuple(self._infos)
        if not infos:
            return None
        newest, info = infos[-1]
        wanted = 0 if stamp is None else nanoseconds(stamp)
        if wanted == newest or not wanted or not newest:
            return info
        return min(
            reversed(infos),
            key=lambda kept: (
                kept[0] != wanted,
                (kept[1].width, kept[1].height) != (width, height),
                abs(kept[0] - wanted),
            ),
        )[1]


class CameraInfoInput:
    """Receives CameraInfos, those too that were published before the node started.

    A subscription that takes what a publisher keeps for late joiners (transient local) matches no
    volatile publisher; so there is a second one of that kind once there is such a publisher.

    Attributes:
        topic: its full name.
    """

    def __init__(
        self,
        node: Node,
        topic: str,
        take: Callable[[CameraInfo], None],
        watch: InputWatch | None = None,
    ) -> None:
        """Subscribes.

        Args:
            node: that receives.
            topic: of the calibration.
            take: called with every CameraInfo.
            watch: told when one comes; None where nobody is.

        Raises:
            Exception: rclpy's, where the QoS is overridden by what is none.
        """
        self._node = node
        self._take = take if watch is None else watch.hearing(take)
        self._latched: Subscription | None = None
        self._subscription = subscribe_to_each(node, CameraInfo, topic, self._take)
        if watch is not None:
            watch.subscription = self._subscription
        self.topic: str = self._subscription.topic_name
        self.look()

    def destroy(self) -> None:
        """Unsubscribes."""
        self._subscription.destroy()
        latched, self._latched = self._latched, None
        if latched is not None:
            self._node.destroy_subscription(latched)

    def look(self) -> None:
        """Subscribes to what publishers keep once there are some that do; call it now and then."""
        if self._latched is not None:
            return
        publishers = self._node.get_publishers_info_by_topic(self.topic)
        kept = [
            publisher.qos_profile.reliability
            for publisher in publishers
            if publisher.qos_profile.durability == DurabilityPolicy.TRANSIENT_LOCAL
        ]
        if kept:
            is_reliable = ReliabilityPolicy.BEST_EFFORT not in kept
            profile = QoSProfile(
                depth=1,
                durability=DurabilityPolicy.TRANSIENT_LOCAL,
                reliability=ReliabilityPolicy.RELIABLE
                if is_reliable
                else ReliabilityPolicy.BEST_EFFORT,
            )
            self._latched = self._node.create_subscription(
                CameraInfo, self.topic, self._take, profile
            )

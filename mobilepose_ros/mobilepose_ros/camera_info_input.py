"""The subscription to CameraInfo."""

from __future__ import annotations

from collections.abc import Callable

from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from rclpy.subscription import Subscription
from sensor_msgs.msg import CameraInfo

from mobilepose_ros.input_watch import InputWatch
from mobilepose_ros.matched_subscription import subscribe_to_each


class CameraInfoInput:
    """Receives CameraInfo, including latched messages from before the node started.

    A transient-local subscription does not match volatile publishers. So a second, transient-local
    subscription is added once a publisher is transient local.

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
            node: owns the subscription.
            topic: of the calibration.
            take: called with every CameraInfo.
            watch: notified of each; None for no monitoring.

        Raises:
            Exception: rclpy's, for an invalid QoS override.
        """
        self._node = node
        self._take = take if watch is None else watch.watched(take)
        self._latched: Subscription | None = None
        self._subscription = subscribe_to_each(node, CameraInfo, topic, self._take)
        if watch is not None:
            watch.subscription = self._subscription
        self.topic: str = self._subscription.topic_name
        self.update_subscriptions()

    def destroy(self) -> None:
        """Unsubscribes."""
        self._subscription.destroy()
        latched, self._latched = self._latched, None
        if latched is not None:
            self._node.destroy_subscription(latched)

    def update_subscriptions(self) -> None:
        """Adds the transient-local subscription once it has a publisher; call it periodically."""
        if self._latched is not None:
            return
        publishers = self._node.get_publishers_info_by_topic(self.topic)
        latched = [
            publisher.qos_profile.reliability
            for publisher in publishers
            if publisher.qos_profile.durability == DurabilityPolicy.TRANSIENT_LOCAL
        ]
        if latched:
            is_reliable = ReliabilityPolicy.BEST_EFFORT not in latched
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

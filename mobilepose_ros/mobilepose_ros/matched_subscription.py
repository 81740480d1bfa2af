"""A subscription whose reliability matches that of the publishers.

A best-effort subscription loses most large messages, and a reliable one receives nothing from a
best-effort publisher. The right choice depends on the publishers, which may come and go.
"""

from __future__ import annotations

import functools
import threading
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.event_handler import SubscriptionEventCallbacks, UnsupportedEventTypeError
from rclpy.node import Node
from rclpy.qos import (
    QoSPolicyKind,
    QoSProfile,
    ReliabilityPolicy,
    qos_policy_name_from_kind,
)
from rclpy.subscription import Subscription
from rclpy.topic_endpoint_info import TopicEndpointInfo

from mobilepose_ros import qos

Take = Callable[[Any, Mapping[str, Any]], None]
"""Called with a message and its MessageInfo."""

MATCH_INTERVAL = 0.5
"""Time between two checks of the publishers, s; usually a middleware event comes first."""

OVERLAP_CHECKS = 2
"""Number of checks after which the old subscription ends if the new one received nothing."""

AUTO = "auto"
RELIABILITIES = {
    AUTO: None,
    "reliable": ReliabilityPolicy.RELIABLE,
    "best_effort": ReliabilityPolicy.BEST_EFFORT,
}
"""By the values of parameter `image_reliability`; None matches the publishers."""


def wanted_reliability(
    publishers: list[TopicEndpointInfo], type_name: str
) -> ReliabilityPolicy | None:
    """The strongest reliability that all publishers of a type offer; None without publishers."""
    offered = [
        publisher.qos_profile.reliability
        for publisher in publishers
        if publisher.topic_type == type_name
    ]
    if not offered:
        return None
    if all(reliability == ReliabilityPolicy.RELIABLE for reliability in offered):
        return ReliabilityPolicy.RELIABLE
    return ReliabilityPolicy.BEST_EFFORT


def subscribe_to_each(
    node: Node,
    kind: type[Any],
    topic: str,
    take: Callable[[Any], None],
    reliability: str = AUTO,
) -> MatchedSubscription:
    """Subscribes to messages that belong to images, with a queue for several in a row.

    Args:
        node: owns the subscription.
        kind: message type.
        topic: to subscribe to.
        take: called with every message.
        reliability: one of `RELIABILITIES`.

    Raises:
        Exception: rclpy's, for an invalid QoS override.
    """
    return MatchedSubscription(
        node, kind, topic, lambda message, _: take(message), reliability, depth=qos.IN_A_ROW
    )


class MatchedSubscription:
    """Receives the newest messages of a topic, reliable if every publisher is.

    Without a publisher it is reliable, so that it misses nothing from a reliable one that appears.
    To change its reliability it creates a new subscription, and keeps the old one until the new one
    has received a message. A `qos_overrides` parameter for the reliability has precedence.

    Attributes:
        topic_name: full name of the topic.
        publishers: of the topic, of any type, as of the last check.
        counts_lost: whether the middleware reports lost messages.
    """

    def __init__(
        self,
        node: Node,
        kind: type[Any],
        topic: str,
        take: Take,
        reliability: str = AUTO,
        lost: Callable[[int], None] = lambda count: None,
        depth: int = 1,
    ) -> None:
        """Subscribes.

        Args:
            node: owns the subscription.
            kind: message type.
            topic: to subscribe to.
            take: called with every message.
            reliability: one of `RELIABILITIES`.
            lost: called with the number of messages that the middleware just lost.
            depth: of the queue.

        Raises:
            Exception: rclpy's, for an invalid QoS override.
        """
        self._node, self._kind, self._topic = node, kind, topic
        self._deliver, self._lost, self._depth = take, lost, depth
        self._type_name = f"{kind.__module__.split('.')[0]}/msg/{kind.__name__}"
        self._lock = threading.RLock()
        self._number = 0
        self._old: Subscription | None = None
        self._old_checks = 0
        self._overlap: deque[int] = deque(maxlen=8)
        self.counts_lost = True
        self.publishers: list[TopicEndpointInfo] = []
        self.topic_name: str = node.resolve_topic_name(topic)
        self._is_overridden = qos.is_overridden(node, self.topic_name, QoSPolicyKind.RELIABILITY)
        fixed = RELIABILITIES[reliability]
        self._follows = fixed is None and not self._is_overridden
        self.publishers = node.get_publishers_info_by_topic(self.topic_name)
        wanted = fixed or wanted_reliability(self.publishers, self._type_name)
        self._subscription: Subscription | None = self._create(wanted or ReliabilityPolicy.RELIABLE)
        self._timer = node.create_timer(
            MATCH_INTERVAL, self.match, clock=Clock(clock_type=ClockType.STEADY_TIME)
        )

    @property
    def qos_profile(self) -> QoSProfile:
        """Current QoS of the subscription."""
        return self._profile

    def destroy(self) -> None:
        """Unsubscribes."""
        with self._lock:
            self._node.destroy_timer(self._timer)
            self._end_old()
            if self._subscription is not None:
                self._node.destroy_subscription(self._subscription)
                self._subscription = None

    def match(self) -> None:
        """Checks the publishers, and subscribes again if they need another reliability."""
        with self._lock:
            if self._subscription is None:
                return
            self.publishers = self._node.get_publishers_info_by_topic(self.topic_name)
            if self._old is not None:
                self._old_checks += 1
                if self._old_checks >= OVERLAP_CHECKS:
                    self._end_old()
            wanted = wanted_reliability(self.publishers, self._type_name)
            if self._follows and wanted not in (None, self._profile.reliability):
                self._resubscribe(wanted)

    def _resubscribe(self, reliability: ReliabilityPolicy) -> None:
        self._end_old()
        old, self._number = self._subscription, self._number + 1
        self._subscription = self._create(reliability)
        assert old is not None
        if old.get_publisher_count():
            self._old, self._old_checks = old, 0
        else:
            self._node.destroy_subscription(old)
        name = reliability.name.lower().replace("_", " ")
        self._node.get_logger().debug(f"resubscribed to {self.topic_name}: {name}")

    def _create(self, reliability: ReliabilityPolicy) -> Subscription:
        self._profile = QoSProfile(depth=self._depth, reliability=reliability)
        take = functools.partial(self._take, self._number)
        lost = functools.partial(self._count_lost, self._number) if self.counts_lost else None
        events = SubscriptionEventCallbacks(
            incompatible_qos=self._on_incompatible_qos if self._follows else None,
            message_lost=lost,
            matched=self._on_matched if self._follows else None,
        )
        try:
            return self._node.create_subscription(
                self._kind,
                self._topic,
                take,
                self._profile,
                qos_overriding_options=qos.overridable(with_reliability=self._is_overridden),
                event_callbacks=events,
            )
        except UnsupportedEventTypeError:
            if not self.counts_lost:
                raise
            self.counts_lost = False
            return self._create(reliability)

    def _end_old(self) -> None:
        if self._old is not None:
            self._node.destroy_subscription(self._old)
            self._old = None
            self._overlap.clear()

    def _take(self, number: int, message: Any, info: Mapping[str, Any]) -> None:
        if self._old is not None and self._is_duplicate(number, info["source_timestamp"]):
            return
        self._deliver(message, info)

    def _is_duplicate(self, number: int, source_timestamp: int) -> bool:
        """Whether the other subscription already received a message; ends the old subscription."""
        with self._lock:
            is_duplicate = bool(source_timestamp) and source_timestamp in self._overlap
            self._overlap.append(source_timestamp)
            if number == self._number:
                self._end_old()
            return is_duplicate

    def _count_lost(self, number: int, event: Any) -> None:
        if number == self._number - (self._old is not None):
            self._lost(event.total_count_change)

    def _on_matched(self, event: Any) -> None:
        """A publisher appeared or disappeared."""
        self.match()

    def _on_incompatible_qos(self, event: Any) -> None:
        """A publisher with an incompatible QoS appeared."""
        if event.last_policy_kind == QoSPolicyKind.RELIABILITY:
            self.match()
            return
        policy = qos_policy_name_from_kind(event.last_policy_kind)
        self._node.get_logger().warning(
            f"a publisher on {self.topic_name} offers an incompatible QoS (policy {policy}), so "
            "none of its messages arrive: change its QoS, or the subscription's with qos_overrides"
        )

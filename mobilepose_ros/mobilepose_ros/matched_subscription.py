"""A subscription whose reliability follows the publishers'.

A best-effort subscription loses most large messages, and a reliable one gets nothing from a
best-effort publisher. Which of the two is right shows in the publishers, who come and go.
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
"""Called with a message, and with what the middleware knows of it."""

LOOK_INTERVAL = 0.5
"""Time between two looks at the publishers, s; middleware events make most of them needless."""

OVERLAP_LOOKS = 2
"""Looks after which a subscription ends whose successor has received nothing."""

AUTO = "auto"
RELIABILITIES = {
    AUTO: None,
    "reliable": ReliabilityPolicy.RELIABLE,
    "best_effort": ReliabilityPolicy.BEST_EFFORT,
}
"""By what parameter `image_reliability` can be; None follows the publishers."""


def wanted_reliability(
    publishers: list[TopicEndpointInfo], type_name: str
) -> ReliabilityPolicy | None:
    """The strongest reliability that all publishers of a type offer; None where there are none."""
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
    """Has a node take in the messages of a topic that belong to images, several in a row too.

    Args:
        node: that receives.
        kind: type of the messages.
        topic: their topic.
        take: called with every message.
        reliability: one of `RELIABILITIES`.

    Raises:
        Exception: rclpy's, where the QoS is overridden by what is none.
    """
    return MatchedSubscription(
        node, kind, topic, lambda message, _: take(message), reliability, depth=qos.IN_A_ROW
    )


class MatchedSubscription:
    """Takes in the newest messages of a topic, reliably where every publisher offers that.

    Without a publisher it is reliable, so that it misses nothing of a reliable one that comes. To
    change, it subscribes anew, and keeps the old subscription until the new one has delivered.
    A `qos_overrides` parameter for the reliability goes before all of that.

    Attributes:
        topic_name: full name of the topic.
        publishers: all on the topic at the last look, of whatever type.
        counts_lost: whether the middleware tells what it lost.
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
            node: that receives.
            kind: type of the messages.
            topic: their topic.
            take: called with every message.
            reliability: one of `RELIABILITIES`.
            lost: called with the number of messages that the middleware has just lost.
            depth: how many of the newest messages may wait to be taken.

        Raises:
            Exception: rclpy's, where the QoS is overridden by what is none.
        """
        self._node, self._kind, self._topic = node, kind, topic
        self._deliver, self._lost, self._depth = take, lost, depth
        self._type_name = f"{kind.__module__.split('.')[0]}/msg/{kind.__name__}"
        self._lock = threading.RLock()
        self._number = 0
        self._old: Subscription | None = None
        self._old_looks = 0
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
            LOOK_INTERVAL, self.match, clock=Clock(clock_type=ClockType.STEADY_TIME)
        )

    @property
    def qos_profile(self) -> QoSProfile:
        """The subscription's of now."""
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
        """Looks at the publishers, and subscribes anew where another reliability suits them."""
        with self._lock:
            if self._subscription is None:
                return
            self.publishers = self._node.get_publishers_info_by_topic(self.topic_name)
            if self._old is not None:
                self._old_looks += 1
                if self._old_looks >= OVERLAP_LOOKS:
                    self._end_old()
            wanted = wanted_reliability(self.publishers, self._type_name)
            if self._follows and wanted not in (None, self._profile.reliability):
                self._subscribe_anew(wanted)

    def _subscribe_anew(self, reliability: ReliabilityPolicy) -> None:
        self._end_old()
        old, self._number = self._subscription, self._number + 1
        self._subscription = self._create(reliability)
        assert old is not None
        if old.get_publisher_count():
            self._old, self._old_looks = old, 0
        else:
            self._node.destroy_subscription(old)
        name = reliability.name.lower().replace("_", " ")
        self._node.get_logger().debug(f"{self.topic_name} is subscribed to anew: {name}")

    def _create(self, reliability: ReliabilityPolicy) -> Subscription:
        self._profile = QoSProfile(depth=self._depth, reliability=reliability)
        take = functools.partial(self._take, self._number)
        lost = functools.partial(self._count_lost, self._number) if self.counts_lost else None
        events = SubscriptionEventCallbacks(
            incompatible_qos=self._meet_incompatible if self._follows else None,
            message_lost=lost,
            matched=self._meet if self._follows else None,
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
        if self._old is not None and self._is_second_sight(number, info["source_timestamp"]):
            return
        self._deliver(message, info)

    def _is_second_sight(self, number: int, source_timestamp: int) -> bool:
        """Whether the other one of two subscriptions had a message; ends the old one in time."""
        with self._lock:
            is_known = bool(source_timestamp) and source_timestamp in self._overlap
            self._overlap.append(source_timestamp)
            if number == self._number:
                self._end_old()
            return is_known

    def _count_lost(self, number: int, event: Any) -> None:
        if number == self._number - (self._old is not None):
            self._lost(event.total_count_change)

    def _meet(self, event: Any) -> None:
        """A publisher came or went."""
        self.match()

    def _meet_incompatible(self, event: Any) -> None:
        """A publisher came whose QoS does not suit."""
        if event.last_policy_kind == QoSPolicyKind.RELIABILITY:
            self.match()
            return
        policy = qos_policy_name_from_kind(event.last_policy_kind)
        self._node.get_logger().warning(
            f"a publisher on {self.topic_name} offers a QoS that does not match (policy {policy}); "
            "nothing comes from it: change its QoS, or the subscription's by qos_overrides"
        )

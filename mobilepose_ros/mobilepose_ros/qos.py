"""Quality of service of the node's topics, and what of it parameters can override."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSPolicyKind, QoSProfile, ReliabilityPolicy
from rclpy.qos_overriding_options import QoSOverridingOptions
from rclpy.subscription import Subscription

POLICIES = (
    QoSPolicyKind.HISTORY,
    QoSPolicyKind.DEPTH,
    QoSPolicyKind.RELIABILITY,
    QoSPolicyKind.DURABILITY,
)
"""Those that qos_overrides.TOPIC.publisher (or subscription) parameters can set."""

IN_A_ROW = 8
"""So many messages that belong to images may come before the node gets to take them in."""


def newest() -> QoSProfile:
    """Of images that come in: only the newest counts, and every publisher matches."""
    return QoSProfile(depth=1, reliability=ReliabilityPolicy.BEST_EFFORT)


def reliable(depth: int) -> QoSProfile:
    """Of results."""
    return QoSProfile(depth=depth)


def latched() -> QoSProfile:
    """Of what late joiners get too."""
    return QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)


def overridable() -> QoSOverridingOptions:
    """For the creation of a publisher or subscription."""
    return QoSOverridingOptions(POLICIES)


def subscribe_to_newest(
    node: Node, kind: type[Any], topic: str, take: Callable[[Any], None]
) -> Subscription:
    """Has a node take in the newest message of a topic.

    Raises:
        Exception: rclpy's, where the QoS is overridden by what is none.
    """
    return node.create_subscription(
        kind, topic, take, newest(), qos_overriding_options=overridable()
    )


def subscribe_to_each(
    node: Node, kind: type[Any], topic: str, take: Callable[[Any], None]
) -> Subscription:
    """Has a node take in the messages of a topic that belong to images, several in a row too.

    Raises:
        Exception: rclpy's, where the QoS is overridden by what is none.
    """
    profile = QoSProfile(depth=IN_A_ROW, reliability=ReliabilityPolicy.BEST_EFFORT)
    return node.create_subscription(
        kind, topic, take, profile, qos_overriding_options=overridable()
    )

"""Quality of service of the node's topics, and what of it parameters can override."""

from __future__ import annotations

from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSPolicyKind, QoSProfile
from rclpy.qos_overriding_options import QoSOverridingOptions

POLICIES = (
    QoSPolicyKind.HISTORY,
    QoSPolicyKind.DEPTH,
    QoSPolicyKind.RELIABILITY,
    QoSPolicyKind.DURABILITY,
)
"""Those that qos_overrides.TOPIC.publisher (or subscription) parameters can set."""

IN_A_ROW = 8
"""So many messages that belong to images may come before the node gets to take them in."""


def reliable(depth: int) -> QoSProfile:
    """Of results."""
    return QoSProfile(depth=depth)


def latched() -> QoSProfile:
    """Of what late joiners get too."""
    return QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)


def overridable(with_reliability: bool = True) -> QoSOverridingOptions:
    """For the creation of a publisher or subscription."""
    return QoSOverridingOptions(
        [p for p in POLICIES if with_reliability or p != QoSPolicyKind.RELIABILITY]
    )


def is_overridden(node: Node, topic: str, policy: QoSPolicyKind) -> bool:
    """Whether a file or the command line sets a policy of the subscription to a topic."""
    given = node._parameter_overrides  # rclpy has no public way to them
    return f"qos_overrides.{topic}.subscription.{policy.name.lower()}" in given

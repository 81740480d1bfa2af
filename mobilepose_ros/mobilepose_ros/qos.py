"""Quality of service of the node's topics, and its overrides by parameters."""

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
"""Policies that parameters qos_overrides.TOPIC.publisher (or subscription) can set."""

IN_A_ROW = 8
"""Queue depth for messages that belong to images: several may arrive in a row."""


def reliable(depth: int) -> QoSProfile:
    """For results."""
    return QoSProfile(depth=depth)


def latched(depth: int) -> QoSProfile:
    """For messages that late joiners receive too."""
    return QoSProfile(depth=depth, durability=DurabilityPolicy.TRANSIENT_LOCAL)


def overridable(with_reliability: bool = True) -> QoSOverridingOptions:
    """Options for the creation of a publisher or subscription."""
    return QoSOverridingOptions(
        [p for p in POLICIES if with_reliability or p != QoSPolicyKind.RELIABILITY]
    )


def is_overridden(node: Node, topic: str, policy: QoSPolicyKind) -> bool:
    """Whether a parameter overrides a policy of the subscription to a topic."""
    given = node._parameter_overrides  # rclpy has no public access
    return f"qos_overrides.{topic}.subscription.{policy.name.lower()}" in given

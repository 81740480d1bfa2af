"""Quality of service of the node's topics, and what of it parameters can override."""

from __future__ import annotations

from rclpy.qos import DurabilityPolicy, QoSPolicyKind, QoSProfile, ReliabilityPolicy
from rclpy.qos_overriding_options import QoSOverridingOptions

POLICIES = (
    QoSPolicyKind.HISTORY,
    QoSPolicyKind.DEPTH,
    QoSPolicyKind.RELIABILITY,
    QoSPolicyKind.DURABILITY,
)
"""Those that qos_overrides.TOPIC.publisher (or subscription) parameters can set."""


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

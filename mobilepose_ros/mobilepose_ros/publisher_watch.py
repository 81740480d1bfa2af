"""Detects several publishers on a topic that should have one: two cameras, or this node twice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rclpy.node import Node
from rclpy.topic_endpoint_info import TopicEndpointInfo

CHECKS = 2
"""Number of checks in a row in which a second publisher must exist before it is reported."""


def names(publishers: Iterable[TopicEndpointInfo]) -> list[str]:
    """Full names of the publishers' nodes, one for each publisher."""
    return sorted(f"{one.node_namespace.rstrip('/')}/{one.node_name}" for one in publishers)


def shared_input(topic: str, publishers: Sequence[str]) -> str:
    """The warning for a subscribed topic with several publishers, given their nodes."""
    return (
        f"{len(publishers)} publishers on {topic}: {', '.join(publishers)}; their images "
        "are processed as one camera's, so people get new IDs: stop all but one, or give each "
        "camera its own topic and pose node (multi_camera.launch.py)"
    )


def shared_output(topic: str, publishers: Sequence[str]) -> str:
    """The warning for a topic that another node publishes too, given all publishers' nodes."""
    return (
        f"{len(publishers)} publishers on this node's topic {topic}: {', '.join(publishers)}; "
        "was it started twice? Stop one, or give each its own namespace (-r __ns:=/OTHER)"
    )


class PublisherWatch:
    """Checks for other publishers on the topics of a node.

    Attributes:
        trouble: topics with several publishers at the last check; empty without any.
    """

    def __init__(self, node: Node) -> None:
        """Takes the node, which logs warnings."""
        self._node = node
        self._logged: set[str] = set()
        self._counts: dict[str, int] = {}
        self.trouble = ""

    def check(self, inputs: Sequence[str], outputs: Sequence[str]) -> None:
        """Checks topics by full name: those subscribed to, and those that the node publishes."""
        found = {topic: self._shared(topic) for topic in (*inputs, *outputs)}
        self._counts = {
            topic: self._counts.get(topic, 0) + 1 for topic, shared in found.items() if shared
        }
        lasting = [topic for topic, count in self._counts.items() if count >= CHECKS]
        wrong_inputs = [shared_input(t, found[t]) for t in lasting if t in inputs]
        wrong_outputs = [shared_output(t, found[t]) for t in lasting if t in outputs]
        wrong = [*wrong_inputs, *wrong_outputs[:1]]  # a node started twice shares all of them
        for text in wrong:
            if text not in self._logged:
                self._node.get_logger().warning(text)
        self._logged = set(wrong)
        self.trouble = "; ".join(wrong)

    def _shared(self, topic: str) -> list[str]:
        """The publishers' nodes of a topic with several publishers; empty otherwise."""
        if self._node.count_publishers(topic) < 2:
            return []
        return names(self._node.get_publishers_info_by_topic(topic))

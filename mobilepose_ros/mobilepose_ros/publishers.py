"""Who publishes on a topic that is to have one publisher: two cameras, or this node twice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rclpy.node import Node
from rclpy.topic_endpoint_info import TopicEndpointInfo

LOOKS = 2
"""A second publisher is told of once it was there so many looks in a row."""


def names(publishers: Iterable[TopicEndpointInfo]) -> list[str]:
    """Full names of the nodes that publish, one for each publisher."""
    return sorted(f"{one.node_namespace.rstrip('/')}/{one.node_name}" for one in publishers)


def shared_input(topic: str, publishers: Sequence[str]) -> str:
    """That a topic which comes in has more than one publisher, the nodes of these names."""
    return (
        f"{len(publishers)} publishers on {topic}: {', '.join(publishers)}; what they send is "
        "taken for one camera's, so that people get new IDs: stop all but one, or give each camera "
        "a topic and a pose node of its own (multi_camera.launch.py)"
    )


def shared_output(topic: str, publishers: Sequence[str]) -> str:
    """That a topic of this node has another publisher too, all being the nodes of these names."""
    return (
        f"{len(publishers)} publishers on {topic}, which is this node's: {', '.join(publishers)}; "
        "is it started twice? Stop one, or give each a namespace of its own (-r __ns:=/OTHER)"
    )


class PublisherWatch:
    """Looks now and then who else publishes on the topics of a node.

    Attributes:
        trouble: of the last look: which topic has more than one publisher, and whose they are;
            empty where none has.
    """

    def __init__(self, node: Node) -> None:
        """Takes the node, which logs what is wrong."""
        self._node = node
        self._told: set[str] = set()
        self._looks: dict[str, int] = {}
        self.trouble = ""

    def look(self, inputs: Sequence[str], outputs: Sequence[str]) -> None:
        """Looks at the full names of topics that come in, and of those of the node itself."""
        found = {topic: self._shared(topic) for topic in (*inputs, *outputs)}
        self._looks = {
            topic: self._looks.get(topic, 0) + 1 for topic, shared in found.items() if shared
        }
        lasting = [topic for topic, count in self._looks.items() if count >= LOOKS]
        wrong_inputs = [shared_input(t, found[t]) for t in lasting if t in inputs]
        wrong_outputs = [shared_output(t, found[t]) for t in lasting if t in outputs]
        wrong = [*wrong_inputs, *wrong_outputs[:1]]  # a node that is there twice has all of them
        for text in wrong:
            if text not in self._told:
                self._node.get_logger().warning(text)
        self._told = set(wrong)
        self.trouble = "; ".join(wrong)

    def _shared(self, topic: str) -> list[str]:
        """Names of a topic's publishers where it has more than one."""
        if self._node.count_publishers(topic) < 2:
            return []
        return names(self._node.get_publishers_info_by_topic(topic))

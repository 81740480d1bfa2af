"""Why nothing comes in: what a look at a topic's publishers says about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rclpy.qos import QoSCompatibility, QoSProfile, qos_check_compatible
from rclpy.topic_endpoint_info import TopicEndpointInfo

IMAGE_TYPE = "sensor_msgs/msg/Image"
COMPRESSED_TYPE = "sensor_msgs/msg/CompressedImage"

IMAGE_HINT = (
    "is the camera running, and is `image` remapped to its topic (image:=/camera/image_raw)?"
)


def explanation(
    topic: str,
    seconds: float,
    publishers: Sequence[TopicEndpointInfo | Any],
    qos: QoSProfile,
    expected_type: str,
    what: str = "image",
    hint: str = IMAGE_HINT,
) -> str:
    """One line for the log.

    Args:
        topic: full name of the topic that is silent.
        seconds: for how long.
        publishers: all that publish on it, of whatever type.
        qos: the subscription's.
        expected_type: the subscription's, such as `IMAGE_TYPE`.
        what: is missing.
        hint: what to look at where nobody publishes.
    """
    text = f"no {what} on {topic} for {seconds:.0f} s; it has {len(publishers)} publisher(s)"
    if not publishers:
        return f"{text}: {hint} `ros2 topic list -t` shows what there is"
    return "; ".join([text, *(_obstacle(entry, qos, expected_type) for entry in publishers)])


def _obstacle(publisher: TopicEndpointInfo | Any, qos: QoSProfile, expected_type: str) -> str:
    """Why messages of a publisher do not come in."""
    who = f"{publisher.node_namespace.rstrip('/')}/{publisher.node_name}"
    if publisher.topic_type != expected_type:
        return f"{who} publishes {publisher.topic_type}, expected {expected_type}"
    compatibility, reason = qos_check_compatible(publisher.qos_profile, qos)
    if compatibility == QoSCompatibility.ERROR:
        return f"the QoS of {who} does not match: {reason.strip().rstrip(';')}"
    return f"{who} matches but sends nothing, or all of it is lost in transport"

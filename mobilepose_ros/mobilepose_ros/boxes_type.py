"""The type of boxes of people that the node subscribes to: the publishers', unless one is given."""

from __future__ import annotations

from collections.abc import Mapping

from rclpy.node import Node

from mobilepose_ros import person_boxes
from mobilepose_ros.boxes_input import TOPIC
from mobilepose_ros.parameters import AUTO
from mobilepose_ros.space import LOG_INTERVAL

FULL_NAMES: Mapping[str, str] = {
    "PersonBoxArray": "mobilepose_msgs/msg/PersonBoxArray",
    "RegionOfInterest": "sensor_msgs/msg/RegionOfInterest",
    "Detection2DArray": "vision_msgs/msg/Detection2DArray",
}

FIRST = "PersonBoxArray"
"""Subscribed to while nobody publishes."""


def chosen(node: Node, setting: str, before: str = "") -> str:
    """The type to subscribe to, by its name in `person_boxes.TYPES`.

    Args:
        node: that subscribes. It logs where it cannot read what is published.
        setting: the parameter person_boxes_type.
        before: the type chosen last; kept while somebody publishes it, or nobody anything known.
    """
    if setting != AUTO:
        return setting
    topic = node.resolve_topic_name(TOPIC)
    offered = {publisher.topic_type for publisher in node.get_publishers_info_by_topic(topic)}
    known = [name for name, full in FULL_NAMES.items() if full in offered]
    for name in [before, *known] if before in known else known:
        try:
            person_boxes.source(name)
        except ValueError as error:
            node.get_logger().error(
                f"boxes on {topic} cannot be read: {error}", throttle_duration_sec=LOG_INTERVAL
            )
        else:
            return name
    return before or FIRST

"""Selects the message type of boxes of people: that of the publishers, unless one is set."""

from __future__ import annotations

from collections.abc import Mapping

from rclpy.node import Node

from mobilepose_ros import person_boxes
from mobilepose_ros.boxes_input import TOPIC
from mobilepose_ros.parameters import AUTO
from mobilepose_ros.reminders import LOG_INTERVAL

FULL_NAMES: Mapping[str, str] = {
    "PersonBoxArray": "mobilepose_msgs/msg/PersonBoxArray",
    "RegionOfInterest": "sensor_msgs/msg/RegionOfInterest",
    "Detection2DArray": "vision_msgs/msg/Detection2DArray",
}

DEFAULT = "PersonBoxArray"
"""Used without a publisher."""


def choose(node: Node, setting: str, previous: str = "") -> str:
    """The type to subscribe to, a name in `person_boxes.READERS`.

    Args:
        node: that subscribes; logs an error for a published type that it cannot read.
        setting: the parameter person_boxes_type.
        previous: the type used so far. It stays as long as it has a publisher, or no known type
            has.
    """
    if setting != AUTO:
        return setting
    topic = node.resolve_topic_name(TOPIC)
    offered = {publisher.topic_type for publisher in node.get_publishers_info_by_topic(topic)}
    known = [name for name, full in FULL_NAMES.items() if full in offered]
    for name in [previous, *known] if previous in known else known:
        try:
            person_boxes.reader(name)
        except ValueError as error:
            node.get_logger().error(
                f"boxes on {topic} cannot be read: {error}", throttle_duration_sec=LOG_INTERVAL
            )
        else:
            return name
    return previous or DEFAULT

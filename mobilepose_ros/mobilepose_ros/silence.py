"""Why nothing arrives on a topic, according to its publishers and the rest of the graph."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Protocol

from rclpy.node import Node
from rclpy.qos import QoSCompatibility, QoSProfile, qos_check_compatible
from rclpy.topic_endpoint_info import TopicEndpointInfo

from mobilepose_ros import discovery_server, publisher_process, topic_hints

IMAGE_TYPE = topic_hints.IMAGE_TYPE
COMPRESSED_TYPE = topic_hints.COMPRESSED_TYPE
CALIBRATION_TYPE = "sensor_msgs/msg/CameraInfo"

BOX_TYPES: Mapping[str, str] = MappingProxyType(
    {
        "mobilepose_msgs/msg/PersonBoxArray": "PersonBoxArray",
        "sensor_msgs/msg/RegionOfInterest": "RegionOfInterest",
        "vision_msgs/msg/Detection2DArray": "Detection2DArray",
    }
)
"""Message types for boxes of people, and the value of person_boxes_type for each."""

IMAGE_HINT = (
    "is the camera running, and is `image` remapped to its topic (image:=/camera/image_raw)?"
)
DEPTH_HINT = "does the camera publish depth, and is `depth` remapped to its topic (depth:=TOPIC)?"
CALIBRATION_HINT = (
    "does the camera publish its calibration, and is `camera_info` remapped to it "
    "(camera_info:=TOPIC)?"
)
BOXES_HINT = "is the detector running, and is `person_boxes` remapped to its topic (boxes:=TOPIC)?"

UNKNOWN_NODE = "_NODE_NAME_UNKNOWN_"
"""Node name that rmw reports for endpoints of nodes that are not discovered yet."""

NO_REMEDIES: Mapping[str, str] = MappingProxyType({})


class AnySubscription(Protocol):
    """A subscription of rclpy or of our own."""

    @property
    def topic_name(self) -> str:
        """Full name of the topic."""

    @property
    def qos_profile(self) -> QoSProfile:
        """QoS of the subscription."""


def of_images(node: Node, subscription: AnySubscription, seconds: float, expected_type: str) -> str:
    """Why no images arrive, with hints from the graph."""
    topic: str = subscription.topic_name
    known = topic_hints.published(node, (IMAGE_TYPE, COMPRESSED_TYPE))
    return _of(
        node,
        subscription,
        seconds,
        expected_type,
        what="image",
        hint=topic_hints.image_hint(topic, known) or topic_hints.isolation(node) or IMAGE_HINT,
        remedies={
            kind: topic_hints.image_setting(topic, kind, other)
            for kind, other in ((IMAGE_TYPE, topic_hints.COMPRESSED), (COMPRESSED_TYPE, ""))
        },
    )


def of_depth(node: Node, subscription: AnySubscription, seconds: float) -> str:
    """Why no depth images arrive, with hints from the graph."""
    topic: str = subscription.topic_name
    known = topic_hints.published(node, (IMAGE_TYPE, COMPRESSED_TYPE))
    return _of(
        node,
        subscription,
        seconds,
        IMAGE_TYPE,
        what="depth image",
        hint=topic_hints.depth_hint(topic, known) or DEPTH_HINT,
        remedies={COMPRESSED_TYPE: topic_hints.republished(topic)},
    )


def of_calibration(node: Node, subscription: AnySubscription, seconds: float) -> str:
    """Why no calibration arrived, with hints from the graph."""
    topic: str = subscription.topic_name
    known = topic_hints.published(node, (CALIBRATION_TYPE,))
    return _of(
        node,
        subscription,
        seconds,
        CALIBRATION_TYPE,
        what="calibration",
        hint=topic_hints.hint(topic, "camera_info", CALIBRATION_TYPE, known) or CALIBRATION_HINT,
    )


def of_boxes(node: Node, subscription: AnySubscription, seconds: float, expected_type: str) -> str:
    """Why no boxes of people arrive, with hints from the graph."""
    topic: str = subscription.topic_name
    settings = {kind: f"set person_boxes_type:={name}" for kind, name in BOX_TYPES.items()}
    known = topic_hints.published(node, BOX_TYPES)
    return _of(
        node,
        subscription,
        seconds,
        expected_type,
        what="boxes of people",
        hint=topic_hints.hint(topic, "boxes", expected_type, known)
        or _other_boxes(topic, known, settings)
        or BOXES_HINT,
        remedies=settings,
    )


def _other_boxes(topic: str, known: topic_hints.Published, settings: Mapping[str, str]) -> str:
    for name in topic_hints.nearest(topic, known):
        for kind in known[name]:
            return f"boxes of another type are published: boxes:={name}, and {settings[kind]}"
    return ""


def _of(
    node: Node, subscription: AnySubscription, seconds: float, expected_type: str, **more: Any
) -> str:
    topic: str = subscription.topic_name
    publishers = node.get_publishers_info_by_topic(topic)
    own = publisher_process.own_gid(node.get_subscriptions_info_by_topic(topic))
    qos = subscription.qos_profile
    return explanation(topic, seconds, publishers, qos, expected_type, own_gid=own, **more)


def explanation(
    topic: str,
    seconds: float,
    publishers: Sequence[TopicEndpointInfo | Any],
    qos: QoSProfile,
    expected_type: str,
    what: str = "image",
    hint: str = IMAGE_HINT,
    remedies: Mapping[str, str] = NO_REMEDIES,
    own_gid: bytes = b"",
) -> str:
    """One line for the log.

    Args:
        topic: full name of the silent topic.
        seconds: duration of the silence.
        publishers: of the topic, of any type.
        qos: of the subscription.
        expected_type: of the subscription, such as `IMAGE_TYPE`.
        what: the missing message.
        hint: what to do without a publisher.
        remedies: what to do about a publisher of another type, by type.
        own_gid: of an endpoint of this process; empty if unknown.
    """
    text = f"no {what} on {topic} for {seconds:.0f} s; it has {len(publishers)} publisher(s)"
    if not publishers:
        joint = "" if hint.endswith("?") else ";"
        command = discovery_server.list_command(os.environ)
        return f"{text}: {hint}{joint} `{command}` lists all topics"
    obstacles = (_obstacle(entry, qos, expected_type, remedies, own_gid) for entry in publishers)
    return "; ".join([text, *obstacles])


def _obstacle(
    publisher: TopicEndpointInfo | Any,
    qos: QoSProfile,
    expected_type: str,
    remedies: Mapping[str, str],
    own_gid: bytes,
) -> str:
    """Why messages of a publisher do not arrive."""
    who = f"{publisher.node_namespace.rstrip('/')}/{publisher.node_name}"
    if UNKNOWN_NODE in who:  # the discovery topic does not arrive either
        who = "a publisher of an unknown node"
    if publisher.topic_type != expected_type:
        remedy = remedies.get(publisher.topic_type)
        text = f"{who} publishes {publisher.topic_type}, expected {expected_type}"
        return f"{text}: {remedy}" if remedy else text
    compatibility, reason = qos_check_compatible(publisher.qos_profile, qos)
    if compatibility == QoSCompatibility.ERROR:
        return f"the QoS of {who} is incompatible: {reason.strip().rstrip(';')}"
    if problem := publisher_process.obstacle(publisher, own_gid):
        return f"{who} matches but nothing arrives: {problem}"
    return f"{who} matches but sends nothing, or everything is lost in transport"

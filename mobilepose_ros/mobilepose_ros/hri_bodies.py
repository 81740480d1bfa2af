"""The bodies that the ROS4HRI bridge publishes: their IDs and topics, from first to last sight."""

from __future__ import annotations

import secrets
import string
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from rclpy.node import Node
from rclpy.publisher import Publisher
from std_msgs.msg import Bool, Float32, Header, String

from mobilepose_ros import hri_messages, hri_topics, qos
from mobilepose_ros.hri_model import HriModel
from mobilepose_ros.pose_publishers import message_class
from mobilepose_ros.topic_table import OutputTopic

ID_LENGTH = 5
"""REP-155 recommends short IDs. They are of letters: no part of a topic's name in ROS 2 may begin
with a digit."""


def new_id(taken: Collection[str]) -> str:
    """A random ID that is not taken."""
    while True:
        found = "".join(secrets.choice(string.ascii_lowercase) for _ in range(ID_LENGTH))
        if found not in taken:
            return found


@dataclass(eq=False)
class HriBody:
    """A body while it is tracked.

    Attributes:
        id: for REP-155.
        seen: when it was seen last, s.
        topics: its publishers by the last part of their names.
        model: its kinematic model; None if that is not published.
    """

    id: str
    seen: float
    topics: dict[str, Publisher] = field(default_factory=dict)
    model: HriModel | None = None


class HriBodies:
    """Gives each track a body with an ID of its own, and takes away those that are not seen."""

    def __init__(
        self, node: Node, hri: Any, publish_persons: bool, publish_model: bool = False
    ) -> None:
        """Publishes no body yet.

        Args:
            node: owns the publishers.
            hri: the module hri_msgs.msg.
            publish_persons: whether each body is an anonymous person too.
            publish_model: whether each body has a kinematic model.
        """
        self._node = node
        self._hri = hri
        self._publish_persons = publish_persons
        self._publish_model = publish_model
        self._bodies: dict[int, HriBody] = {}
        self._used: set[str] = set()
        lists = [hri_topics.TRACKED_BODIES]
        if publish_persons:
            lists += [hri_topics.TRACKED_PERSONS, hri_topics.KNOWN_PERSONS]
        self._lists = [self._publisher(topic) for topic in lists]

    def body(self, track_id: int, now: float) -> HriBody:
        """The body of a track that is seen now, s; a new one if there is none."""
        body = self._bodies.get(track_id)
        if body is None:
            body = HriBody(new_id(self._used), now)
            self._used.add(body.id)
            self._bodies[track_id] = body
            self._advertise(body)
        body.seen = now
        return body

    def expire(self, before: float, header: Header) -> None:
        """Removes bodies that were seen last before a time, s, with their topics."""
        gone = {key: body for key, body in self._bodies.items() if body.seen < before}
        if gone:
            self._bodies = {k: body for k, body in self._bodies.items() if k not in gone}
            self.publish_ids(header)  # listeners unsubscribe before the topics are gone
        for body in gone.values():
            for publisher in body.topics.values():
                self._node.destroy_publisher(publisher)

    def publish_ids(self, header: Header) -> None:
        """Publishes the lists of bodies and persons."""
        ids = [body.id for body in self._bodies.values()]
        for publisher in self._lists:
            publisher.publish(hri_messages.ids_list(self._hri, header, ids))

    def publish_confidence(self, seen: Collection[int]) -> None:
        """Publishes which persons are seen, by the IDs of their tracks."""
        if self._publish_persons:
            for track_id, body in self._bodies.items():
                confidence = Float32(data=float(track_id in seen))
                body.topics["location_confidence"].publish(confidence)

    def _advertise(self, body: HriBody) -> None:
        tables = [hri_topics.OF_BODY]
        if self._publish_model:
            tables.append(hri_topics.OF_MODEL)
            body.model = HriModel(body.id)
        if self._publish_persons:
            tables.append(hri_topics.OF_PERSON)
        for table in tables:
            for name, topic in table.items():
                body.topics[name] = self._publisher(topic, body.id)
        if self._publish_persons:
            body.topics["anonymous"].publish(Bool(data=True))
            body.topics["body_id"].publish(String(data=body.id))

    def _publisher(self, topic: OutputTopic, body_id: str = "") -> Publisher:
        profile = qos.latched(topic.depth) if topic.is_latched else qos.reliable(topic.depth)
        name = topic.name.replace(f"/{hri_topics.ID}/", f"/{body_id}/")
        return self._node.create_publisher(message_class(topic.type), name, profile)

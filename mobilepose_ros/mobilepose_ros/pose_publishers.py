"""The pose node's publishers: joints, joints in metres, people, markers, overlay and skeleton."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import Any

from mobilepose_msgs.msg import Pose2DArray
from rclpy.lifecycle import LifecycleNode, LifecyclePublisher
from rclpy.qos import QoSProfile
from std_msgs.msg import Header
from visualization_msgs.msg import Marker, MarkerArray

from mobilepose_core import Pose
from mobilepose_core import Skeleton as JointSet
from mobilepose_core.messages import CameraModel
from mobilepose_core.skeleton import UPPER_BODY_11
from mobilepose_core.typing import FloatArray
from mobilepose_ros import markers, messages, qos
from mobilepose_ros.parameters import PoseParameters
from mobilepose_ros.topic_table import PUBLISHED, OutputTopic

_OWN = "~/"

OUTPUTS = {
    output.name.removeprefix(_OWN): output for output in PUBLISHED if output.name.startswith(_OWN)
}
"""The node's own topics, by their names below `~/`."""


def message_class(name: str) -> type[Any]:
    """The class of a message type, such as `sensor_msgs/msg/Image`."""
    package, _, kind = name.partition("/msg/")
    found: type[Any] = getattr(importlib.import_module(f"{package}.msg"), kind)
    return found


def _profile(output: OutputTopic) -> QoSProfile:
    return (qos.latched if output.is_latched else qos.reliable)(output.depth)


class PosePublishers:
    """Lifecycle publishers, which publish only while the node is active.

    Attributes:
        publishers: by the names in `OUTPUTS`.
        skeleton: of the poses.
    """

    def __init__(self, node: LifecycleNode, skeleton: JointSet = UPPER_BODY_11) -> None:
        """Creates the publishers.

        Args:
            node: that publishes.
            skeleton: of the model's poses.

        Raises:
            Exception: rclpy's, for an invalid QoS override.
        """
        self._node = node
        self.skeleton = skeleton
        self._shown: frozenset[markers.MarkerKey] = frozenset()
        self._shown_header = Header()
        self.publishers: dict[str, LifecyclePublisher] = {}
        try:
            for name, output in OUTPUTS.items():
                self.publishers[name] = node.create_lifecycle_publisher(
                    message_class(output.type),
                    output.name,
                    _profile(output),
                    qos_overriding_options=qos.overridable(),
                )
        except Exception:
            self.destroy()
            raise

    def destroy(self) -> None:
        """Destroys the publishers."""
        while self.publishers:
            _, publisher = self.publishers.popitem()
            self._node.destroy_lifecycle_publisher(publisher)

    @property
    def topics(self) -> list[str]:
        """Full names of all topics."""
        return [publisher.topic_name for publisher in self.publishers.values()]

    def publish_skeleton(self) -> None:
        """Publishes the names of joints and limbs, latched."""
        self.publishers["skeleton"].publish(messages.skeleton_message(self.skeleton))

    def publish_joints(self, joints: Pose2DArray) -> None:
        """Publishes the joints of all people in an image."""
        self.publishers["joints"].publish(joints)

    def clear_markers(self) -> None:
        """Deletes the markers that RViz currently shows."""
        if self._shown:
            deletions = markers.deletions(self._shown, self._shown_header)
            self._shown = frozenset()
            self.publishers["markers"].publish(MarkerArray(markers=deletions))

    def publish_markers(
        self,
        poses: Sequence[Pose],
        header: Header,
        camera: CameraModel,
        positions: Sequence[FloatArray] | None,
        settings: PoseParameters,
        others: Sequence[Marker] = (),
    ) -> None:
        """Publishes markers, and deletes those of people who are gone.

        Args:
            poses: people in an image.
            header: of the image.
            camera: of the image.
            positions: see `markers.pose_markers`.
            settings: how they are drawn.
            others: further markers.
        """
        style = marker_style(settings)
        message, self._shown = markers.marker_array(
            self._shown, poses, header, camera, style, positions, others
        )
        self._shown_header = header
        self.publish("markers", message)

    def publish(self, name: str, message: Any) -> None:
        """Publishes a message on one of `OUTPUTS`."""
        self.publishers[name].publish(message)

    def has_subscribers(self, name: str) -> bool:
        """Whether anybody listens to one of `OUTPUTS`."""
        return bool(self.publishers[name].get_subscription_count())


def marker_style(settings: PoseParameters) -> markers.MarkerStyle:
    """How markers are drawn."""
    return markers.MarkerStyle(
        settings.marker_depth,
        settings.marker_lifetime,
        settings.joint_threshold,
        settings.labels,
    )

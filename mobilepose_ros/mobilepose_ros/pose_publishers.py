"""The pose node's publishers: joints, joints in metres, markers, overlay and skeleton."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Sequence
from typing import Any

from mobilepose_msgs.msg import Pose2DArray
from rclpy.lifecycle import LifecycleNode, LifecyclePublisher
from rclpy.qos import QoSProfile
from std_msgs.msg import Header
from visualization_msgs.msg import MarkerArray

from mobilepose_core import Pose, draw_poses
from mobilepose_core import Skeleton as JointSet
from mobilepose_core.skeleton import UPPER_BODY_11
from mobilepose_core.typing import ImageArray
from mobilepose_ros import images, markers, messages, qos
from mobilepose_ros.camera_model import CameraModel
from mobilepose_ros.image_scale import Size
from mobilepose_ros.joint_locator import JointLocator, Positions
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

    def publish_views(
        self,
        frame: ImageArray,
        poses: Sequence[Pose],
        header: Header,
        settings: PoseParameters,
        locator: JointLocator,
        arrival: float,
    ) -> None:
        """Publishes joints in metres, markers and overlay, each only if it has subscribers.

        Args:
            frame: (H, W, 3) BGR; not modified.
            poses: people in it, joints in its pixels.
            header: of the image.
            settings: how poses are drawn.
            locator: finds the positions in metres; later, if that needs a depth image.
            arrival: of the image, s of `time.monotonic`.
        """
        if self._has_subscribers("markers") or self._has_subscribers("joints_3d"):
            height, width = frame.shape[:2]
            size = (width, height)
            publish = functools.partial(self._publish_in_metres, poses, header, size, settings)
            locator.locate(poses, header, size, arrival, publish)
        else:
            locator.skip(header)
        if self._has_subscribers("overlay"):
            picture = draw_poses(frame, poses, settings.joint_threshold, settings.labels)
            self.publishers["overlay"].publish(images.image_from_bgr(picture, header))

    def clear_markers(self) -> None:
        """Deletes the markers that RViz currently shows."""
        if self._shown:
            deletions = markers.deletions(self._shown, self._shown_header)
            self._shown = frozenset()
            self.publishers["markers"].publish(MarkerArray(markers=deletions))

    def _publish_in_metres(
        self,
        poses: Sequence[Pose],
        header: Header,
        size: Size,
        settings: PoseParameters,
        camera: CameraModel,
        positions: Positions | None,
    ) -> None:
        if positions is not None and self._has_subscribers("joints_3d"):
            self.publishers["joints_3d"].publish(
                messages.pose_3d_array(poses, positions, header, *size, self.skeleton)
            )
        if self._has_subscribers("markers"):
            self._publish_markers(poses, header, camera, positions, settings)

    def _publish_markers(
        self,
        poses: Sequence[Pose],
        header: Header,
        camera: CameraModel,
        positions: Positions | None,
        settings: PoseParameters,
    ) -> None:
        style = markers.MarkerStyle(
            settings.marker_depth,
            settings.marker_lifetime,
            settings.joint_threshold,
            settings.labels,
        )
        message, self._shown = markers.marker_array(
            self._shown, poses, header, camera, style, positions
        )
        self._shown_header = header
        self.publishers["markers"].publish(message)

    def _has_subscribers(self, name: str) -> bool:
        return bool(self.publishers[name].get_subscription_count())

"""What the node publishes: its topics, and what is made of poses for those who listen."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

from mobilepose_msgs.msg import Pose2DArray, Pose3DArray, Skeleton
from rclpy.lifecycle import LifecycleNode, LifecyclePublisher
from rclpy.qos import QoSProfile
from sensor_msgs.msg import Image
from std_msgs.msg import Header
from visualization_msgs.msg import MarkerArray

from mobilepose_core import Pose
from mobilepose_core import Skeleton as JointSet
from mobilepose_core.io import drawing
from mobilepose_core.skeleton import UPPER_BODY_11
from mobilepose_core.typing import ImageArray
from mobilepose_ros import images, markers, messages, qos
from mobilepose_ros.calibration import Calibration
from mobilepose_ros.parameters import PoseParameters
from mobilepose_ros.space import Places, Size, Space

TOPICS: dict[str, tuple[type[Any], Callable[[], QoSProfile]]] = {
    "joints": (Pose2DArray, lambda: qos.reliable(10)),
    "joints_3d": (Pose3DArray, lambda: qos.reliable(10)),
    "markers": (MarkerArray, lambda: qos.reliable(1)),
    "overlay": (Image, lambda: qos.reliable(1)),
    "skeleton": (Skeleton, qos.latched),
}
"""By name below `~/`: the type, and the QoS."""


class Outputs:
    """The publishers, which are silent unless the node is active.

    Attributes:
        publishers: by the names in `TOPICS`.
        skeleton: of the poses.
    """

    def __init__(self, node: LifecycleNode, skeleton: JointSet = UPPER_BODY_11) -> None:
        """Creates the publishers.

        Args:
            node: that publishes.
            skeleton: of the model's poses.

        Raises:
            Exception: rclpy's, where the QoS of one is overridden by what is none.
        """
        self._node = node
        self.skeleton = skeleton
        self._shown: frozenset[markers.Key] = frozenset()
        self._shown_header = Header()
        self.publishers: dict[str, LifecyclePublisher] = {}
        try:
            for name, (kind, profile) in TOPICS.items():
                self.publishers[name] = node.create_lifecycle_publisher(
                    kind, f"~/{name}", profile(), qos_overriding_options=qos.overridable()
                )
        except Exception:
            self.destroy()
            raise

    def destroy(self) -> None:
        """Ends the publishers."""
        while self.publishers:
            _, publisher = self.publishers.popitem()
            self._node.destroy_lifecycle_publisher(publisher)

    @property
    def topics(self) -> list[str]:
        """Full names of all."""
        return [publisher.topic_name for publisher in self.publishers.values()]

    def publish_skeleton(self) -> None:
        """Says how joints are named and joined, to late joiners too."""
        self.publishers["skeleton"].publish(messages.skeleton_message(self.skeleton))

    def publish_joints(self, joints: Pose2DArray) -> None:
        """Publishes the joints of everyone in an image."""
        self.publishers["joints"].publish(joints)

    def show(
        self,
        frame: ImageArray,
        poses: Sequence[Pose],
        header: Header,
        settings: PoseParameters,
        space: Space,
        arrival: float,
    ) -> None:
        """Publishes joints in metres, markers and overlay, each as far as someone listens.

        Args:
            frame: (H, W, 3) BGR; not drawn on.
            poses: the people in it, joints in its pixels.
            header: the image's.
            settings: how poses are drawn.
            space: says where the people are, later where that takes a depth image.
            arrival: of the image, s of `time.monotonic`.
        """
        if self._is_heard("markers") or self._is_heard("joints_3d"):
            height, width = frame.shape[:2]
            show = functools.partial(self._show_in_space, poses, header, (width, height), settings)
            space.locate(poses, header, (width, height), arrival, show)
        else:
            space.rest(header)
        if self._is_heard("overlay"):
            picture = drawing.draw(frame, poses, settings.joint_threshold, settings.labels)
            self.publishers["overlay"].publish(images.image_from_bgr(picture, header))

    def clear_markers(self) -> None:
        """Deletes the markers that RViz shows."""
        if self._shown:
            gone = markers.deletions(self._shown, self._shown_header)
            self._shown = frozenset()
            self.publishers["markers"].publish(MarkerArray(markers=gone))

    def _show_in_space(
        self,
        poses: Sequence[Pose],
        header: Header,
        size: Size,
        settings: PoseParameters,
        camera: Calibration,
        places: Places | None,
    ) -> None:
        if places is not None and self._is_heard("joints_3d"):
            self.publishers["joints_3d"].publish(
                messages.pose_3d_array(poses, places, header, *size, self.skeleton)
            )
        if self._is_heard("markers"):
            self._show_markers(poses, header, camera, places, settings)

    def _show_markers(
        self,
        poses: Sequence[Pose],
        header: Header,
        camera: Calibration,
        places: Places | None,
        settings: PoseParameters,
    ) -> None:
        look = markers.Look(
            settings.marker_depth,
            settings.marker_lifetime,
            settings.joint_threshold,
            settings.labels,
        )
        message, self._shown = markers.marker_array(
            self._shown, poses, header, camera, look, places
        )
        self._shown_header = header
        self.publishers["markers"].publish(message)

    def _is_heard(self, name: str) -> bool:
        return bool(self.publishers[name].get_subscription_count())

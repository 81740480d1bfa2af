"""The person follower's publishers: the target, its pose, and its TF frame."""

from __future__ import annotations

from typing import Any

from geometry_msgs.msg import PoseStamped
from mobilepose_msgs.msg import Target
from rclpy.lifecycle import LifecycleNode, LifecyclePublisher

from mobilepose_ros import qos, transforms
from mobilepose_ros.follower_topics import TARGET, TARGET_POSE
from mobilepose_ros.pose_publishers import message_class
from mobilepose_ros.stamps import nanoseconds
from mobilepose_ros.target_messages import transform_message
from mobilepose_ros.topic_table import OutputTopic


class TargetPublishers:
    """Lifecycle publishers, and a broadcaster where tf2_ros is installed.

    Attributes:
        no_frame: why there is no TF frame although one is wanted; empty otherwise.
    """

    def __init__(self, node: LifecycleNode, frame: str) -> None:
        """Creates the publishers.

        Args:
            node: that publishes.
            frame: name of the TF frame; empty for none.

        Raises:
            Exception: rclpy's, for an invalid QoS override.
        """
        self._node, self._frame = node, frame
        self._made: list[LifecyclePublisher] = []
        self._broadcaster: Any = None
        self._last_frame = 0
        self.no_frame = ""
        try:
            self._targets, self._poses = self._made_for(TARGET), self._made_for(TARGET_POSE)
        except Exception:
            self.destroy()
            raise
        if frame:
            try:
                self._broadcaster = transforms.tf2().TransformBroadcaster(node)
            except ValueError as error:
                self.no_frame = f"no TF frame {frame}: {error}; or set target_frame to nothing"

    @property
    def topics(self) -> list[str]:
        """Full names of the node's own topics."""
        return [publisher.topic_name for publisher in self._made]

    def publish(self, target: Target, pose: PoseStamped | None, sends_frame: bool = True) -> None:
        """Publishes a target, and where it is, if that is known; also as a frame if allowed."""
        self._targets.publish(target)
        if pose is None:
            return
        self._poses.publish(pose)
        stamp = nanoseconds(pose.header.stamp)
        if self._broadcaster is None or not sends_frame or not pose.header.frame_id:
            return
        if stamp > self._last_frame:  # TF takes each stamp once
            self._last_frame = stamp
            self._broadcaster.sendTransform(transform_message(pose, self._frame))

    def restart(self) -> None:
        """Takes stamps that went back: a recording began anew."""
        self._last_frame = 0

    def destroy(self) -> None:
        """Destroys the publishers."""
        for publisher in self._made:
            self._node.destroy_publisher(publisher)
        self._made.clear()
        if self._broadcaster is not None:
            self._node.destroy_publisher(self._broadcaster.pub_tf)
            self._broadcaster = None

    def _made_for(self, output: OutputTopic) -> LifecyclePublisher:
        publisher: LifecyclePublisher = self._node.create_lifecycle_publisher(
            message_class(output.type),
            output.name,
            qos.reliable(output.depth),
            qos_overriding_options=qos.overridable(),
        )
        self._made.append(publisher)
        return publisher

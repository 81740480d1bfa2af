"""The person follower's publishers: the target, its pose, markers, and TF frame."""

from __future__ import annotations

from typing import Any

from geometry_msgs.msg import PoseStamped
from mobilepose_msgs.msg import Target
from rclpy.lifecycle import LifecycleNode, LifecyclePublisher

from mobilepose_core.typing import Float64Array
from mobilepose_ros import qos, transforms
from mobilepose_ros.follower_topics import MARKERS, TARGET, TARGET_POSE
from mobilepose_ros.pose_publishers import message_class
from mobilepose_ros.stamps import nanoseconds
from mobilepose_ros.target_markers import TargetMarkers
from mobilepose_ros.target_messages import transform_message
from mobilepose_ros.topic_table import OutputTopic


class TargetPublishers:
    """Lifecycle publishers, and a broadcaster where tf2_ros is installed.

    Attributes:
        markers: of the target.
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
        self.markers = TargetMarkers()
        try:
            self._targets, self._poses = self._made_for(TARGET), self._made_for(TARGET_POSE)
            self._markers = self._made_for(MARKERS)
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

    def publish(
        self,
        target: Target,
        pose: PoseStamped | None,
        velocity: Float64Array | None = None,
        sends_frame: bool = True,
    ) -> None:
        """Publishes a target, and where it is, if that is known.

        Args:
            target: after a message.
            pose: where it is; None if that is not known.
            velocity: (3,) m/s in the frame of the pose; None without one.
            sends_frame: whether the pose may be a TF frame, too.
        """
        self._targets.publish(target)
        self.markers.see(target, pose)
        if self._markers.get_subscription_count():
            self._markers.publish(self.markers.array(target, velocity))
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
        """Takes stamps that went back: a recording began anew, or the node was inactive."""
        self._last_frame = 0
        self.markers.forget()

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

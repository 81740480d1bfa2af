"""What the nodes use of tf2_ros, over real topics: PyPI has no wheel of tf2.

Transforms are taken as they are, without interpolation: the newest one that is not later than asked
for. Tests may import it only after tf2_msgs was built.
"""

import threading

import numpy as np
from geometry_msgs.msg import TransformStamped
from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile
from rclpy.time import Time
from tf2_msgs.msg import TFMessage

from mobilepose_ros.rotations import matrix_of, quaternion_of


class TransformException(Exception):  # noqa: N818
    """A transform is not known."""


class TransformBroadcaster:
    """Publishes transforms on /tf."""

    def __init__(self, node: Node, qos: QoSProfile | None = None) -> None:
        self.pub_tf = node.create_publisher(TFMessage, "/tf", qos or QoSProfile(depth=100))

    def sendTransform(self, transform):  # noqa: N802
        """Publishes one transform or several."""
        several = transform if hasattr(transform, "__iter__") else [transform]
        self.pub_tf.publish(TFMessage(transforms=list(several)))


class StaticTransformBroadcaster(TransformBroadcaster):
    """Publishes latched transforms on /tf_static."""

    def __init__(self, node: Node, qos: QoSProfile | None = None) -> None:
        latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
        self.pub_tf = node.create_publisher(TFMessage, "/tf_static", qos or latched)


class Buffer:
    """All transforms that were heard."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._parents: dict[str, list[TransformStamped]] = {}
        self._static: dict[str, TransformStamped] = {}

    def set_transform(self, transform, authority):
        with self._lock:
            self._parents.setdefault(transform.child_frame_id, []).append(transform)

    def set_transform_static(self, transform, authority):
        with self._lock:
            self._static[transform.child_frame_id] = transform

    def clear(self):
        """Forgets all transforms but static ones."""
        with self._lock:
            self._parents.clear()

    def lookup_transform(self, target_frame, source_frame, time):
        """From the source frame to the target frame.

        Raises:
            TransformException: they are not connected, or not yet at that time.
        """
        source, to_source = self._root(source_frame, time)
        target, to_target = self._root(target_frame, time)
        if source != target:
            raise TransformException(f"{target_frame} and {source_frame} are not connected")
        (turn, place), (other, origin) = to_source, to_target
        found = TransformStamped(child_frame_id=source_frame)
        found.header.frame_id = target_frame
        found.header.stamp = self._stamp(time, source_frame, target_frame)
        found.transform.rotation = quaternion_of(other.T @ turn)
        moved = found.transform.translation
        moved.x, moved.y, moved.z = (other.T @ (place - origin)).tolist()
        return found

    def _stamp(self, time, *frames):
        """Of a transform: as asked for, or the newest at which all of it is known."""
        if time.nanoseconds:
            return time.to_msg()
        stamps = []
        for frame in frames:
            while (step := self._above(frame, time)) is not None:
                stamps.append(step.header.stamp)
                if frame in self._static:
                    stamps.pop()  # static ones are known at all times
                frame = step.header.frame_id
        return min(stamps, key=lambda one: (one.sec, one.nanosec), default=time.to_msg())

    def _root(self, frame, time):
        """The frame without a parent above a frame, and rotation and place of the frame in it."""
        turn, place = np.eye(3), np.zeros(3)
        while (step := self._above(frame, time)) is not None:
            one, moved = matrix_of(step.transform.rotation), step.transform.translation
            turn, place = one @ turn, one @ place + (moved.x, moved.y, moved.z)
            frame = step.header.frame_id
        return frame, (turn, place)

    def _above(self, frame, time):
        with self._lock:
            if frame in self._static:
                return self._static[frame]
            known = list(self._parents.get(frame, ()))
        if not known:
            return None
        if time.nanoseconds == 0:
            return known[-1]
        if Time.from_msg(known[-1].header.stamp).nanoseconds < time.nanoseconds:
            raise TransformException(f"extrapolation of {frame} into the future")
        earlier = [
            one for one in known if Time.from_msg(one.header.stamp).nanoseconds <= time.nanoseconds
        ]
        if not earlier:
            raise TransformException(f"extrapolation of {frame} into the past")
        return earlier[-1]


class TransformListener:
    """Fills a buffer from /tf and /tf_static."""

    def __init__(self, buffer: Buffer, node: Node) -> None:
        self.buffer, self.node = buffer, node
        group = ReentrantCallbackGroup()
        latched = QoSProfile(depth=100, durability=DurabilityPolicy.TRANSIENT_LOCAL)
        self.tf_sub = node.create_subscription(
            TFMessage, "/tf", self.callback, QoSProfile(depth=100), callback_group=group
        )
        self.tf_static_sub = node.create_subscription(
            TFMessage, "/tf_static", self.static_callback, latched, callback_group=group
        )

    def unregister(self):
        """Ends the subscriptions."""
        self.node.destroy_subscription(self.tf_sub)
        self.node.destroy_subscription(self.tf_static_sub)

    def callback(self, data):
        for transform in data.transforms:
            self.buffer.set_transform(transform, "default_authority")

    def static_callback(self, data):
        for transform in data.transforms:
            self.buffer.set_transform_static(transform, "default_authority")

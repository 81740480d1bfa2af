"""TF through tf2_ros, where that is installed: PyPI has no wheel of it."""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any

from geometry_msgs.msg import TransformStamped
from rclpy.clock import JumpHandle, JumpThreshold
from rclpy.duration import Duration
from rclpy.node import Node
from rclpy.time import Time

from mobilepose_ros.stamp_order import JUMP
from mobilepose_ros.stamps import SECOND, nanoseconds

PACKAGE = "tf2_ros"

INSTALL = "sudo apt install ros-jazzy-tf2-ros-py"


def tf2() -> ModuleType:
    """The package tf2_ros.

    Raises:
        ValueError: it cannot be imported.
    """
    try:
        return importlib.import_module(PACKAGE)
    except ImportError as error:
        raise ValueError(
            f"TF needs the package {PACKAGE}, which cannot be imported ({error}): {INSTALL}"
        ) from error


def refusal(publish_tf: bool) -> str:
    """Why the parameter publish_tf cannot have that value; empty if it can."""
    try:
        if publish_tf:
            tf2()
    except ValueError as error:
        return f"publish_tf is true, but {error}"
    return ""


TOLERANCE = 0.5
"""TF may be so far from the stamp of an image, s: odometry comes many times a second, and a little
later than images."""


class TransformInput:
    """Listens to /tf and /tf_static, while transforms are wanted.

    After a jump back of simulated time it forgets the transforms of before; static ones stay.
    """

    def __init__(self, node: Node) -> None:
        """Does not listen yet.

        Args:
            node: owns the subscriptions.
        """
        self._node = node
        self._package: Any = None
        self._listener: Any = None
        self._buffer: Any = None
        self._jumps: JumpHandle | None = None

    @property
    def is_listening(self) -> bool:
        """Whether it subscribes."""
        return self._listener is not None

    def listen(self, is_wanted: bool) -> None:
        """Subscribes or unsubscribes, if that is not so yet; call it from the executor's thread.

        Raises:
            ValueError: tf2_ros cannot be imported.
        """
        if is_wanted and self._listener is None:
            self._package = tf2()
            buffer = self._package.Buffer()
            self._listener = self._package.TransformListener(buffer, self._node)
            self._buffer = buffer
            self._jumps = self._node.get_clock().create_jump_callback(
                JumpThreshold(
                    min_forward=None, min_backward=Duration(seconds=-JUMP), on_clock_change=True
                ),
                post_callback=lambda _: self.clear(),
            )
        elif not is_wanted and self._listener is not None:
            listener, self._listener, self._buffer = self._listener, None, None
            listener.unregister()
            if self._jumps is not None:
                self._jumps.unregister()
                self._jumps = None

    def clear(self) -> None:
        """Forgets all transforms but static ones: a recording or simulation began anew."""
        if (buffer := self._buffer) is not None:
            buffer.clear()

    def lookup(
        self, target: str, source: str, stamp: Time, tolerance: float = TOLERANCE
    ) -> TransformStamped | None:
        """The transform from frame `source` to frame `target` at a time.

        Where TF does not know it at that time, the newest one; None where it knows none at all.

        Args:
            target: frame that coordinates are wanted in.
            source: frame that coordinates are given in.
            stamp: of the image; 0 if it has none: it was taken now.
            tolerance: how far the newest one may be from there, s.

        Raises:
            ValueError: it is farther.
        """
        if (buffer := self._buffer) is None:
            return None
        taken = stamp if stamp.nanoseconds else self._node.get_clock().now()
        try:
            return buffer.lookup_transform(target, source, taken)
        except self._package.TransformException:
            pass
        try:
            newest = buffer.lookup_transform(target, source, Time())
        except self._package.TransformException:
            return None
        apart = abs(taken.nanoseconds - nanoseconds(newest.header.stamp)) / SECOND
        if apart > tolerance:
            raise ValueError(
                f"TF's newest transform from {source} to {target} is more than {tolerance} s from "
                "the stamp of the image: is the robot's odometry running, and are the clocks "
                "synchronised?"
            )
        return newest

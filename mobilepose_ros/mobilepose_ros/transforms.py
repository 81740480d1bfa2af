"""TF through tf2_ros, where that is installed: PyPI has no wheel of it."""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any

from geometry_msgs.msg import TransformStamped
from rclpy.node import Node
from rclpy.time import Time

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


class TransformInput:
    """Listens to /tf and /tf_static, while transforms are wanted."""

    def __init__(self, node: Node) -> None:
        """Does not listen yet.

        Args:
            node: owns the subscriptions.
        """
        self._node = node
        self._listener: Any = None
        self._buffer: Any = None

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
            package = tf2()
            buffer = package.Buffer()
            self._listener = package.TransformListener(buffer, self._node)
            self._buffer = buffer
        elif not is_wanted and self._listener is not None:
            listener, self._listener, self._buffer = self._listener, None, None
            listener.unregister()

    def lookup(self, target: str, source: str, stamp: Time) -> TransformStamped | None:
        """The transform from frame `source` to frame `target` at a time, or the newest one.

        None as long as none is known.

        Args:
            target: frame that coordinates are wanted in.
            source: frame that coordinates are given in.
            stamp: of the image; TF may be a little behind it.
        """
        if (buffer := self._buffer) is None:
            return None
        for time in (stamp, Time()):
            try:
                return buffer.lookup_transform(target, source, time)
            except tf2().TransformException:
                continue
        return None

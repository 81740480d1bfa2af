"""Joints in metres for an image: its camera model, and the depth image that belongs to it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np
from rclpy.node import Node
from sensor_msgs.msg import Image
from std_msgs.msg import Header

from mobilepose_core import Pose
from mobilepose_core.messages import CameraModel, CameraModelCache, DepthMap, Size, people_in_metres
from mobilepose_core.typing import Float32Array
from mobilepose_ros import frame_ids, silence, topics
from mobilepose_ros.camera_info_input import CameraInfoInput
from mobilepose_ros.depth_input import DepthInput
from mobilepose_ros.input_watch import InputWatch
from mobilepose_ros.parameters import PoseParameters
from mobilepose_ros.reminders import LOG_INTERVAL
from mobilepose_ros.warn_once import WarnOnce

Positions = list[Float32Array]
"""For each person (K, 3) m in the optical frame, NaN where unknown."""

Publish = Callable[[CameraModel, Positions | None], None]
"""Takes an image's camera model and the positions of its people."""

GRACE = 1.0
"""How much later than the first image the calibration may arrive without a warning, s."""


class JointLocator:
    """Subscribes to the calibration and, if depth is used, to depth images.

    Subscription callbacks run in another thread than the methods about images.

    Attributes:
        trouble: why joints in metres are unknown although depth is used, what is wrong with the
            calibration, or that a default is used for it; empty if nothing is wrong, or if there
            are no subscribers.
    """

    def __init__(
        self, node: Node, settings: PoseParameters, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Subscribes.

        Args:
            node: owns the subscriptions, and logs problems.
            settings: the current parameters.
            clock: steady, s; measures silence.

        Raises:
            Exception: rclpy's, for an invalid QoS override.
        """
        self.trouble = ""
        self._node = node
        self._cameras = CameraModelCache(self._report_calibration, settings.rectified)
        self._warnings = WarnOnce(node.get_logger())
        self._uncalibrated_since: float | None = None
        self._has_logged_default = False
        self._info_watch = InputWatch(node, silence.of_calibration, clock, once=True)
        self._depth_watch = InputWatch(node, silence.of_depth, clock)
        self._info = CameraInfoInput(
            node, topics.of_camera_info(node), self._cameras.put, self._info_watch
        )
        self._depth: DepthInput | None = None
        try:
            if settings.use_depth:
                self._depth = DepthInput(node, settings, self._depth_watch)
        except Exception:
            self._info.destroy()
            raise

    def destroy(self) -> None:
        """Unsubscribes; pending requests are dropped."""
        self._info.destroy()
        if self._depth is not None:
            self._depth.destroy()

    @property
    def topics(self) -> list[str]:
        """Full names of the subscribed topics."""
        return [self._info.topic] if self._depth is None else [self._info.topic, self._depth.topic]

    def update_subscriptions(self) -> None:
        """Subscribes to a latched calibration once one is published; call it periodically."""
        self._info.update_subscriptions()

    def figures(self) -> dict[str, str]:
        """How many images had depth, for diagnostics."""
        return {} if self._depth is None else self._depth.report.figures()

    def silence(self, timeout: float) -> str:
        """Why joints in metres are impossible: no calibration yet, or no depth for a while.

        Empty if that has lasted for less than `timeout` seconds, if it is 0, or without depth.
        """
        if self._depth is None:
            return ""
        watches = (self._info_watch, self._depth_watch)
        return "; ".join(filter(None, (watch.silence(timeout) for watch in watches)))

    def locate(
        self, poses: Sequence[Pose], header: Header, size: Size, arrival: float, publish: Publish
    ) -> None:
        """Finds the camera model of an image and, by its depth image, the joints in metres.

        Args:
            poses: people in the image, joints in its pixels.
            header: of the image.
            size: of the image.
            arrival: of the image, s of `time.monotonic`.
            publish: called with the results: immediately without depth, otherwise from another
                thread once the depth image has arrived. The camera model is a default if there is
                no calibration; the positions are None without depth.
        """
        if self._depth is None:
            camera = self._camera(header, size)
            self.trouble = self._current_trouble(camera, "", header)
            publish(camera or CameraModel.of_image(*size), None)
            return

        def finish(depth: Image | None, reason: str) -> None:
            camera = self._camera(header, size)
            positions, error = self._positions(depth, reason, camera, poses, size)
            self.trouble = self._current_trouble(camera, error, header, depth)
            publish(camera or CameraModel.of_image(*size), positions)

        width, height = size
        self._depth.request(header.stamp, arrival, finish, 3 * width * height)

    def skip(self, header: Header) -> None:
        """Tells that positions of an image are not needed."""
        self.trouble = ""
        if self._depth is not None:
            self._depth.skip(header.stamp)

    def _camera(self, header: Header, size: Size) -> CameraModel | None:
        return self._cameras.get(*size, header.stamp)

    def _positions(
        self,
        depth: Image | None,
        reason: str,
        camera: CameraModel | None,
        poses: Sequence[Pose],
        size: Size,
    ) -> tuple[Positions, str]:
        """The positions of all people, and why they are unknown."""
        try:
            if camera is None:
                raise ValueError(
                    self._cameras.error or f"no calibration was received on {self._info.topic}"
                )
            if depth is None:
                raise ValueError(reason)
            return people_in_metres(poses, DepthMap.from_image(depth), camera, *size), ""
        except ValueError as error:
            text = f"no joints in metres: {error}"
            self._node.get_logger().warning(text, throttle_duration_sec=LOG_INTERVAL)
            return [np.full((len(pose.joints), 3), np.nan, np.float32) for pose in poses], text

    def _current_trouble(
        self, camera: CameraModel | None, error: str, header: Header, depth: Image | None = None
    ) -> str:
        """What is wrong with the depth of an image or recent ones, or with its calibration."""
        unpublished = ""
        if self._depth is not None and error:
            unpublished = self._depth.report.unpublished_trouble
        elif self._depth is not None and (recent := self._depth.report.trouble):
            error = f"no joints in metres: {recent}"
        if self._cameras.error and not error:
            error = f"calibration not used: {self._cameras.error}"
        warnings = [
            self._cameras.doubt,
            frame_ids.of_camera_info(self._cameras.frame_id, header.frame_id),
        ]
        if depth is not None:
            warnings.append(frame_ids.of_depth(depth.header.frame_id, header.frame_id))
        parts = (
            error,
            unpublished,
            self._default_camera_warning(camera),
            self._warnings.warn(warnings),
        )
        return "; ".join(filter(None, parts))

    def _default_camera_warning(self, camera: CameraModel | None) -> str:
        """That a default camera has been used for longer than `GRACE`; empty otherwise."""
        if camera is not None:
            self._uncalibrated_since = None
            return ""
        now = time.monotonic()
        self._uncalibrated_since = self._uncalibrated_since or now
        if now - self._uncalibrated_since < GRACE:
            return ""
        text = (
            f"markers assume a camera with a field of view of 53 degrees: no usable CameraInfo on "
            f"{self._info.topic}; publish one, or remap `camera_info` to its topic "
            "(camera_info:=TOPIC). Until then ~/people has no positions"
        )
        if not self._has_logged_default:
            self._node.get_logger().warning(text)
            self._has_logged_default = True
        return text

    def _report_calibration(self, error: str) -> None:
        self._node.get_logger().warning(
            f"calibration not used: {error}", throttle_duration_sec=LOG_INTERVAL
        )

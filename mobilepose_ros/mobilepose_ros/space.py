"""Where in space an image's people are: by the camera's calibration, and by depth images."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np
from rclpy.node import Node
from sensor_msgs.msg import Image
from std_msgs.msg import Header

from mobilepose_core import Pose
from mobilepose_core.typing import Float32Array
from mobilepose_ros import frame_ids, silence, topics
from mobilepose_ros.calibration import Calibration, CalibrationCache
from mobilepose_ros.camera_infos import CameraInfoInput
from mobilepose_ros.depth import DepthMap
from mobilepose_ros.depth_check import people_in_metres
from mobilepose_ros.depth_input import DepthInput
from mobilepose_ros.input_watch import InputWatch
from mobilepose_ros.parameters import PoseParameters

Places = list[Float32Array]
"""For each person (K, 3) m in the optical frame, NaN where unknown."""

Size = tuple[int, int]
"""Width and height of an image, pixels."""

Show = Callable[[Calibration, Places | None], None]
"""Takes the camera of an image, and the places of its people."""

LOG_INTERVAL = 5.0
"""Shortest time between two log lines of the same kind, s."""

GRACE = 1.0
"""A calibration may come so much later than the first image, s."""


class Space:
    """Subscribes to the calibration, and to depth images where there are to be any.

    Callbacks run in another thread than the methods that are asked about images.

    Attributes:
        trouble: why the people of images lately are not known in metres though depth is to say so,
            what is wrong with the calibration or speaks against it, or that a guess is used for it;
            empty where nothing
            is, or nobody asks.
    """

    def __init__(
        self, node: Node, settings: PoseParameters, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Subscribes.

        Args:
            node: that receives, and logs what is wrong with what it receives.
            settings: those of now.
            clock: a steady one that times silence, s.

        Raises:
            Exception: rclpy's, where the QoS is overridden by what is none.
        """
        self.trouble = ""
        self._node = node
        self._cameras = CalibrationCache(self._report_calibration, settings.rectified)
        self._doubts = frame_ids.Doubts(node.get_logger())
        self._guessed_since: float | None = None
        self._has_told_guess = False
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
        """Unsubscribes, and answers nothing any more."""
        self._info.destroy()
        if self._depth is not None:
            self._depth.destroy()

    @property
    def topics(self) -> list[str]:
        """Full names of those that come in."""
        return [self._info.topic] if self._depth is None else [self._info.topic, self._depth.topic]

    def look(self) -> None:
        """Takes the calibration that was published before the node started, once it is found."""
        self._info.look()

    def figures(self) -> dict[str, str]:
        """How many images had depth, as texts by their names."""
        return {} if self._depth is None else self._depth.report.figures()

    def silence(self, timeout: float) -> str:
        """Why joints cannot be told in metres: no calibration came yet, or no depth any more.

        Empty where that is not so for `timeout` seconds, for 0, and where depth is not used.
        """
        if self._depth is None:
            return ""
        watches = (self._info_watch, self._depth_watch)
        return "; ".join(filter(None, (watch.silence(timeout) for watch in watches)))

    def locate(
        self, poses: Sequence[Pose], header: Header, size: Size, arrival: float, show: Show
    ) -> None:
        """The camera of an image, and the joints in metres by the depth image that goes with it.

        Args:
            poses: the people in the image, joints in its pixels.
            header: the image's.
            size: width and height of the image, pixels.
            arrival: of the image, s of `time.monotonic`.
            show: takes both: at once where there is to be no depth, or else in another thread, once
                the depth image has come. A guess for a camera of which nothing is known; no places
                where people are not looked for in depth images.
        """
        if self._depth is None:
            camera = self._camera(header, size)
            self.trouble = self._trouble(camera, "", header)
            show(camera or Calibration.of_image(*size), None)
            return

        def answer(depth: Image | None, why: str) -> None:
            camera = self._camera(header, size)
            places, wrong = self._by_depth(depth, why, camera, poses, size)
            self.trouble = self._trouble(camera, wrong, header, depth)
            show(camera or Calibration.of_image(*size), places)

        self._depth.ask(header.stamp, arrival, answer)

    def rest(self, header: Header) -> None:
        """Nobody asks where the people of an image are: nothing is in the way."""
        self.trouble = ""
        if self._depth is not None:
            self._depth.skip(header.stamp)

    def _camera(self, header: Header, size: Size) -> Calibration | None:
        return self._cameras.get(*size, header.stamp)

    def _by_depth(
        self,
        depth: Image | None,
        why: str,
        camera: Calibration | None,
        poses: Sequence[Pose],
        size: Size,
    ) -> tuple[Places, str]:
        """Everybody's place, and why it is unknown."""
        try:
            if camera is None:
                raise ValueError(
                    self._cameras.wrong or f"no calibration came on {self._info.topic}"
                )
            if depth is None:
                raise ValueError(why)
            return people_in_metres(poses, DepthMap.from_image(depth), camera, *size), ""
        except ValueError as error:
            wrong = f"no joints in metres: {error}"
            self._node.get_logger().warning(wrong, throttle_duration_sec=LOG_INTERVAL)
            return [np.full((len(pose.joints), 3), np.nan, np.float32) for pose in poses], wrong

    def _trouble(
        self, camera: Calibration | None, wrong: str, header: Header, depth: Image | None = None
    ) -> str:
        """What is wrong at an image: with its depth, lately too, or with its calibration."""
        if not wrong and self._depth is not None and (lately := self._depth.report.trouble):
            wrong = f"no joints in metres: {lately}"
        if self._cameras.wrong and not wrong:
            wrong = f"calibration not used: {self._cameras.wrong}"
        doubts = [
            self._cameras.doubt,
            frame_ids.of_camera_info(self._cameras.frame_id, header.frame_id),
        ]
        if depth is not None:
            doubts.append(frame_ids.of_depth(depth.header.frame_id, header.frame_id))
        return "; ".join(filter(None, (wrong, self._guess(camera), self._doubts.say(doubts))))

    def _guess(self, camera: Calibration | None) -> str:
        """That a guess is used for the camera; empty where none is, or not for long yet."""
        if camera is not None:
            self._guessed_since = None
            return ""
        now = time.monotonic()
        self._guessed_since = self._guessed_since or now
        if now - self._guessed_since < GRACE:
            return ""
        text = (
            f"markers use a guess for the camera, 53 degrees wide: no usable CameraInfo on "
            f"{self._info.topic}; publish one, or remap `camera_info` to its topic "
            "(camera_info:=TOPIC)"
        )
        if not self._has_told_guess:
            self._node.get_logger().warning(text)
            self._has_told_guess = True
        return text

    def _report_calibration(self, wrong: str) -> None:
        self._node.get_logger().warning(
            f"calibration not used: {wrong}", throttle_duration_sec=LOG_INTERVAL
        )

"""Where in space an image's people are: by the camera's calibration, and by depth images."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from rclpy.node import Node
from sensor_msgs.msg import CameraInfo, Image
from std_msgs.msg import Header

from mobilepose_core import Pose, skeleton
from mobilepose_ros import matched_subscription, topics
from mobilepose_ros.calibration import Calibration, CalibrationCache
from mobilepose_ros.depth import DepthMap, joints_in_metres
from mobilepose_ros.matched_subscription import MatchedSubscription
from mobilepose_ros.parameters import PoseParameters
from mobilepose_ros.recent import RecentMessages

Places = list[npt.NDArray[np.float32]]
"""For each person (11, 3) m in the optical frame, NaN where unknown."""

LOG_INTERVAL = 5.0
"""Shortest time between two log lines of the same kind, s."""


class Space:
    """Subscribes to the calibration, and to depth images where there are to be any.

    Neither is waited for: an image takes what has come. Callbacks run in another thread than the
    methods that are asked about images.

    Attributes:
        trouble: why the people of the last image are not known in metres though depth is to say
            so, or what is wrong with the calibration; empty where nothing is, or nobody asks.
    """

    def __init__(self, node: Node, settings: PoseParameters) -> None:
        """Subscribes.

        Args:
            node: that receives, and logs what is wrong with what it receives.
            settings: those of now.

        Raises:
            Exception: rclpy's, where the QoS is overridden by what is none.
        """
        self.trouble = ""
        self._node = node
        self._tolerance = settings.depth_tolerance
        self._cameras = CalibrationCache(self._report_calibration, settings.rectified)
        self._depths: RecentMessages[Image] | None = None
        self._subscriptions: list[MatchedSubscription] = []
        try:
            self._subscribe(CameraInfo, topics.of_camera_info(node), self._cameras.put)
            if settings.use_depth:
                self._depths = RecentMessages()
                self._subscribe(Image, "depth", self._depths.put, settings.image_reliability)
        except Exception:
            self.destroy()
            raise

    def destroy(self) -> None:
        """Unsubscribes."""
        while self._subscriptions:
            self._subscriptions.pop().destroy()

    def locate(
        self, poses: Sequence[Pose], header: Header, width: int, height: int
    ) -> tuple[Calibration, Places | None]:
        """The camera of an image, and the joints in metres by the depth image that goes with it.

        Args:
            poses: the people in the image, joints in its pixels.
            header: the image's.
            width: of the image, pixels.
            height: of the image, pixels.

        Returns:
            A guess for a camera of which nothing is known. No places where people are not looked
            for in depth images.
        """
        camera = self._cameras.get(width, height)
        trouble = f"calibration not used: {self._cameras.wrong}" if self._cameras.wrong else ""
        places = None
        if self._depths is not None:
            try:
                places = self._by_depth(self._depths, camera, poses, header, width, height)
            except ValueError as error:
                places = [np.full((skeleton.JOINT_COUNT, 3), np.nan, np.float32) for _ in poses]
                trouble = f"no joints in metres: {error}"
                self._node.get_logger().warning(trouble, throttle_duration_sec=LOG_INTERVAL)
        self.trouble = trouble
        return camera or Calibration.of_image(width, height), places

    def rest(self) -> None:
        """Nobody asks where people are: nothing is in the way."""
        self.trouble = ""

    def _by_depth(
        self,
        depths: RecentMessages[Image],
        camera: Calibration | None,
        poses: Sequence[Pose],
        header: Header,
        width: int,
        height: int,
    ) -> Places:
        if camera is None:
            raise ValueError(self._cameras.wrong or "no calibration came on camera_info")
        image = depths.nearest(header.stamp, self._tolerance)
        if image is None:
            raise ValueError(
                f"no depth image within {self._tolerance:g} s of the image's stamp; is `depth` "
                "remapped to its topic, and depth_tolerance long enough?"
            )
        depth = DepthMap.from_image(image)
        return [joints_in_metres(pose, depth, camera, width, height) for pose in poses]

    def _report_calibration(self, wrong: str) -> None:
        self._node.get_logger().warning(
            f"calibration not used: {wrong}", throttle_duration_sec=LOG_INTERVAL
        )

    def _subscribe(
        self,
        kind: type[object],
        topic: str,
        take: Callable[..., None],
        reliability: str = matched_subscription.AUTO,
    ) -> None:
        self._subscriptions.append(
            matched_subscription.subscribe_to_newest(self._node, kind, topic, take, reliability)
        )

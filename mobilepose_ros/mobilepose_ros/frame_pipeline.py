"""An image's way through the node: from the message to the published joints."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

from rclpy.impl.rcutils_logger import RcutilsLogger
from sensor_msgs.msg import CompressedImage
from std_msgs.msg import Header

from mobilepose_core import PersonBoxes, PoseEstimator, Rotation
from mobilepose_core.io import BitDepth
from mobilepose_core.messages import compressed_images
from mobilepose_core.typing import ImageArray
from mobilepose_ros import frame_ids, images, messages, stamps
from mobilepose_ros.answered_image import AnsweredImage
from mobilepose_ros.boxes_input import BoxesInput
from mobilepose_ros.counters import FrameTimes, Performance
from mobilepose_ros.image_input import AnyImage
from mobilepose_ros.joint_locator import JointLocator
from mobilepose_ros.parameters import PoseParameters
from mobilepose_ros.pose_publishers import PosePublishers
from mobilepose_ros.reminders import LOG_INTERVAL
from mobilepose_ros.stamp_faults import StampFaults
from mobilepose_ros.stamp_order import StampOrder, Step
from mobilepose_ros.views import Views
from mobilepose_ros.warn_once import WarnOnce

AHEAD_TEXT = (
    "an image is stamped far ahead of the one before: its arrival counts, unless the next image "
    "goes on from there; does the driver take its stamps from one clock?"
)


class ReceivedImage(NamedTuple):
    """An image message with its time of arrival.

    Attributes:
        image: the message.
        arrival: s of `time.monotonic`.
        now: time of arrival by the clock that stamps images, ns.
    """

    image: AnyImage
    arrival: float
    now: int


class FramePipeline:
    """Converts an image, estimates its poses and publishes them; runs on the inference thread."""

    def __init__(
        self,
        estimator: PoseEstimator,
        publishers: PosePublishers,
        views: Views,
        locator: JointLocator,
        boxes: BoxesInput | None,
        performance: Performance,
        log: RcutilsLogger,
    ) -> None:
        """Takes what the steps need.

        Args:
            estimator: finds and tracks people.
            publishers: publish the poses.
            views: publish everything else that is made of the poses.
            locator: finds the joints' positions in metres.
            boxes: detections by another node; None if this node detects people itself.
            performance: records the processing times.
            log: of the node.
        """
        self._estimator = estimator
        self._publishers = publishers
        self._views = views
        self._locator = locator
        self._boxes = boxes
        self._performance = performance
        self._bit_depth = BitDepth(log.info)
        self._log = log
        self._warnings = WarnOnce(log)
        self._stamp_faults = StampFaults(log)
        self._order = StampOrder()
        self._image_trouble = self._views_trouble = ""

    @property
    def trouble(self) -> str:
        """What is wrong with the last image although it was processed; empty if nothing."""
        return "; ".join(filter(None, [self._image_trouble, self._views_trouble]))

    def process(
        self,
        received: ReceivedImage,
        settings: PoseParameters,
        stop_waiting: Callable[[], bool],
    ) -> None:
        """Publishes the poses in an image, and then all that is made of them.

        Args:
            received: the image.
            settings: the current parameters.
            stop_waiting: whether to stop waiting for boxes, because a newer image has arrived.

        Raises:
            FrameError: the image is invalid.
        """
        image, arrival = received.image, received.arrival
        header = image.header
        age = stamps.age(header.stamp, received.now)
        stamp, jump = self._video_stamp(header, received.now)
        self._image_trouble = self._warnings.warn([frame_ids.missing(header.frame_id), jump])
        if self._boxes is not None:
            self._boxes.wait(header, arrival, stop_waiting)
        begin = time.monotonic()
        frame = self._to_bgr(image, settings.max_image_pixels)
        height, width = frame.shape[:2]
        converted = time.monotonic()
        rotation = Rotation(settings.image_rotation)
        boxes = self._boxes_in(received, rotation, width, height)
        self._estimator.tracking = settings.tracking
        self._estimator.smoothing = settings.smoothing
        poses = self._estimator(rotation.upright(frame), stamp, boxes, arrival)
        self._stamp_faults.report(self._estimator.clock)
        poses = rotation.poses_in_image(poses, width, height)
        poses.sort(key=lambda pose: pose.track_id)
        inferred = time.monotonic()
        joints = messages.pose_array(poses, header, width, height, self._publishers.skeleton)
        built = time.monotonic()
        self._publishers.publish_joints(joints)
        published = time.monotonic()
        times = FrameTimes(
            age=age,
            waiting=begin - arrival,
            conversion=converted - begin,
            inference=inferred - converted,
            messages=built - inferred,
            publication=published - built,
        )
        self._performance.answered(times, len(poses))
        answered = AnsweredImage(frame, poses, header, self._estimator.clock.now, arrival)
        self._publish_views(answered, settings)

    def _publish_views(self, answered: AnsweredImage, settings: PoseParameters) -> None:
        """Publishes what is made of an image's poses; an error does not concern the poses."""
        try:
            self._views.publish(answered, settings, self._locator)
        except Exception as error:
            self._views_trouble = f"joints published, but not all that is made of them: {error!r}"
            self._log.error(self._views_trouble, throttle_duration_sec=LOG_INTERVAL)
        else:
            self._views_trouble = ""

    def _video_stamp(self, header: Header, now: int) -> tuple[float | None, str]:
        """The stamp, s, and what is wrong with it; the last one again where it jumped ahead.

        Tracks would end in the time between.
        """
        stamp, fault = stamps.nanoseconds(header.stamp), ""
        is_outlier = bool(stamp) and self._order.take(stamp, now) is Step.OUTLIER
        if is_outlier and self._order.jump > 0:
            stamp, fault = self._order.last, AHEAD_TEXT
        return stamp / stamps.SECOND or None, fault

    def _to_bgr(self, image: AnyImage, max_pixels: int) -> ImageArray:
        if isinstance(image, CompressedImage):
            return compressed_images.bgr_from_compressed(image, self._bit_depth, max_pixels)
        return images.bgr_from_image(image, self._bit_depth, max_pixels)

    def _boxes_in(
        self, received: ReceivedImage, rotation: Rotation, width: int, height: int
    ) -> PersonBoxes | None:
        """Another node's detections for an image, in the upright image; None without any."""
        if self._boxes is None:
            return None
        boxes = self._boxes.of_image(received.image.header, received.arrival, width, height)
        return None if boxes is None else rotation.boxes_upright(boxes, width, height)

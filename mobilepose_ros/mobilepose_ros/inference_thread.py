"""An image's way through the node, on a thread of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import NamedTuple

from rclpy.impl.rcutils_logger import RcutilsLogger
from sensor_msgs.msg import CompressedImage

from mobilepose_core import PoseEstimator
from mobilepose_core.errors import FrameError
from mobilepose_core.inference.rotation import Rotation
from mobilepose_core.io.bit_depth import BitDepth
from mobilepose_core.typing import ImageArray
from mobilepose_ros import compressed_images, frame_ids, images, messages, stamps
from mobilepose_ros.boxes_input import BoxesInput
from mobilepose_ros.counters import Drop, FrameTimes, Performance
from mobilepose_ros.frame_slot import FrameSlot
from mobilepose_ros.image_input import AnyImage
from mobilepose_ros.outputs import Outputs
from mobilepose_ros.parameters import PoseParameters
from mobilepose_ros.rate_limit import RateLimit
from mobilepose_ros.space import LOG_INTERVAL, Space
from mobilepose_ros.stamp_faults import StampFaults


class Arrival(NamedTuple):
    """An image, and when it came in: s of a steady clock, and ns of that which its stamp is of."""

    image: AnyImage
    time: float
    now: int


class InferenceThread:
    """Answers the newest of the images that it is given, one at a time, until it is closed.

    Attributes:
        trouble: what speaks against the last image though it is answered; empty where nothing does.
    """

    def __init__(
        self,
        estimator: PoseEstimator,
        outputs: Outputs,
        space: Space,
        boxes: BoxesInput | None,
        performance: Performance,
        settings: Callable[[], PoseParameters],
        log: RcutilsLogger,
    ) -> None:
        """Starts the thread.

        Args:
            estimator: finds poses; starts anew here.
            outputs: publish them.
            space: says where they are.
            boxes: of people whom another node found; None where none does.
            performance: told what becomes of every image.
            settings: those of now; asked once for an image, so that it sees all of a change.
            log: of the node.
        """
        self._estimator = estimator
        self._outputs = outputs
        self._space = space
        self._boxes = boxes
        self._performance = performance
        self._settings = settings
        self._log = log
        self._depth = BitDepth(log.info)
        self._doubts = frame_ids.Doubts(log)
        self.trouble = ""
        self._limit = RateLimit()
        self._stamp_faults = StampFaults(log)
        self._slot: FrameSlot[Arrival] = FrameSlot()
        estimator.resume()
        estimator.forget()
        performance.restart()
        self._thread = threading.Thread(target=self._run, name="inference")
        self._thread.start()

    def put(self, image: AnyImage, now: int) -> None:
        """Leaves an image to be answered; never waits.

        Args:
            image: of any kind, bad ones too.
            now: time of the clock that its stamp is of, ns.
        """
        self._performance.arrived()
        if not self._limit.passes(self._settings().max_rate):
            self._performance.dropped(Drop.LIMITED)
        elif self._slot.put(Arrival(image, time.monotonic(), now)):
            self._performance.dropped(Drop.REPLACED)

    def close(self) -> None:
        """Ends the thread, in the middle of an inference too."""
        if self._slot.close():
            self._performance.dropped(Drop.STOPPED)
        self._estimator.interrupt()
        self._thread.join()

    def _run(self) -> None:
        while (arrival := self._slot.take()) is not None:
            try:
                self._answer(arrival)
            except Exception as error:
                if self._slot.closed:
                    self._performance.dropped(Drop.STOPPED)
                else:
                    self._drop_failed(error)

    def _answer(self, arrival: Arrival) -> None:
        image, settings = arrival.image, self._settings()
        self._estimator.tracking = settings.tracking
        self._estimator.smoothing = settings.smoothing
        rotation = Rotation(settings.image_rotation)
        self.trouble = self._doubts.say([frame_ids.missing(image.header.frame_id)])
        if self._boxes is not None:
            self._boxes.wait(image.header, arrival.time, lambda: self._slot.ends_waiting)
        taken = time.monotonic()
        try:
            age = stamps.age(image.header.stamp, arrival.now)
            frame = _picture(image, self._depth)
            converted = time.monotonic()
            height, width = frame.shape[:2]
            boxes = None
            if self._boxes is not None:
                boxes = self._boxes.of_image(image.header, arrival.time, width, height)
            if boxes is not None:
                boxes = rotation.boxes_upright(boxes, width, height)
            stamp = stamps.seconds(image.header.stamp) or None
            poses = self._estimator(rotation.upright(frame), stamp, boxes, arrival.time)
            self._stamp_faults.look(self._estimator.clock)
        except FrameError as error:
            self._drop_bad(error)
            return
        poses = rotation.poses_in_image(poses, width, height)
        poses.sort(key=lambda pose: pose.track_id)
        inferred = time.monotonic()
        joints = messages.pose_array(poses, image.header, width, height, self._outputs.skeleton)
        built = time.monotonic()
        self._outputs.publish_joints(joints)
        published = time.monotonic()
        self._outputs.show(frame, poses, image.header, settings, self._space, arrival.time)
        times = FrameTimes(
            age=age,
            waiting=taken - arrival.time,
            conversion=converted - taken,
            inference=inferred - converted,
            messages=built - inferred,
            publication=published - built,
        )
        self._performance.answered(times, len(poses))

    def _drop_bad(self, error: FrameError) -> None:
        self._performance.dropped(Drop.BAD, str(error))
        number = self._performance.counters.dropped[Drop.BAD]
        self._log.error(
            f"bad image dropped (number {number}): {error}", throttle_duration_sec=LOG_INTERVAL
        )

    def _drop_failed(self, error: Exception) -> None:
        self._performance.dropped(Drop.FAILED, repr(error))
        number = self._performance.counters.dropped[Drop.FAILED]
        self._log.error(
            f"image dropped (number {number}): {error!r}", throttle_duration_sec=LOG_INTERVAL
        )


def _picture(image: AnyImage, depth: BitDepth) -> ImageArray:
    """(H, W, 3) BGR of a message; FrameError where there is none in it."""
    if isinstance(image, CompressedImage):
        return compressed_images.bgr_from_compressed(image, depth)
    return images.bgr_from_image(image, depth)

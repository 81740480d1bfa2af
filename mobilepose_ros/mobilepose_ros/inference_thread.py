"""The thread that processes the newest image, one at a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from rclpy.impl.rcutils_logger import RcutilsLogger

from mobilepose_core import FrameError, PoseEstimator
from mobilepose_ros.counters import Drop, Performance
from mobilepose_ros.frame_pipeline import FramePipeline, ReceivedImage
from mobilepose_ros.frame_slot import FrameSlot
from mobilepose_ros.image_input import AnyImage
from mobilepose_ros.parameters import PoseParameters
from mobilepose_ros.rate_limit import RateLimit
from mobilepose_ros.reminders import LOG_INTERVAL


class InferenceThread:
    """Passes the newest image to the pipeline, and counts the images that are dropped."""

    def __init__(
        self,
        estimator: PoseEstimator,
        pipeline: FramePipeline,
        performance: Performance,
        settings: Callable[[], PoseParameters],
        log: RcutilsLogger,
    ) -> None:
        """Starts the thread.

        Args:
            estimator: the pipeline's; its tracks are reset here.
            pipeline: processes an image.
            performance: records the outcome for every image.
            settings: returns the current ones. Called once per image, so that a change of several
                parameters is applied as a whole.
            log: of the node.
        """
        self._estimator = estimator
        self._pipeline = pipeline
        self._performance = performance
        self._settings = settings
        self._log = log
        self._limit = RateLimit()
        self._slot: FrameSlot[ReceivedImage] = FrameSlot()
        estimator.resume()
        estimator.forget()
        performance.restart()
        self._thread = threading.Thread(target=self._run, name="inference")
        self._thread.start()

    def put(self, image: AnyImage, now: int) -> None:
        """Queues an image for processing; never blocks.

        Args:
            image: of any type; it need not be valid.
            now: current time of the clock that stamps images, ns.
        """
        self._performance.arrived()
        if not self._limit.passes(self._settings().max_rate):
            self._performance.dropped(Drop.LIMITED)
        elif self._slot.put(ReceivedImage(image, time.monotonic(), now)):
            self._performance.dropped(Drop.REPLACED)

    def close(self) -> None:
        """Ends the thread; cancels a running inference."""
        if self._slot.close():
            self._performance.dropped(Drop.STOPPED)
        self._estimator.interrupt()
        self._thread.join()

    def _run(self) -> None:
        while (received := self._slot.take()) is not None:
            try:
                self._pipeline.process(received, self._settings(), lambda: self._slot.ends_waiting)
            except FrameError as error:
                self._drop(Drop.BAD, f"{error}")
            except Exception as error:
                if self._slot.closed:
                    self._performance.dropped(Drop.STOPPED)
                else:
                    self._drop(Drop.FAILED, repr(error))

    def _drop(self, reason: Drop, details: str) -> None:
        self._performance.dropped(reason, details)
        number = self._performance.counters.dropped[reason]
        what = "bad image" if reason == Drop.BAD else "image"
        self._log.error(
            f"{what} dropped (number {number}): {details}", throttle_duration_sec=LOG_INTERVAL
        )

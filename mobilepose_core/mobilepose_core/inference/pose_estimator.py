"""`PoseEstimator`: the whole pipeline, from a frame to the poses of tracked people."""

from __future__ import annotations

import math
import time as clock
from collections import Counter
from enum import Enum
from numbers import Real
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from mobilepose_core import crop
from mobilepose_core.errors import FrameError, MobilePoseError, ModelError
from mobilepose_core.inference.deprecated import DeprecatedNames
from mobilepose_core.inference.detection import person_detector, verification
from mobilepose_core.inference.detection.person_detector import PersonDetector
from mobilepose_core.inference.pose_model import PoseModel
from mobilepose_core.inference.tracking import association
from mobilepose_core.inference.tracking.settings import Tracking
from mobilepose_core.inference.tracking.smoothing import Smoother, Smoothing
from mobilepose_core.inference.tracking.tracker import SPARE, Prediction, Tracker
from mobilepose_core.pose import PersonBoxes, Pose, no_boxes
from mobilepose_core.typing import AnyArray, ImageArray, IndexArray

USUAL_FRAMES = ((640, 480), (1280, 720))
"""Frame sizes for warm-up: the aspect ratios of most cameras."""

MOST_IN_PHOTOGRAPH = 100
"""Most detections in a photograph that the pose network verifies, the surest ones."""

TRUSTED_AFTER = 10
"""Stamps that went back are trusted again after they advanced for so many frames in a row."""

OTHER_CLOCK = 86_400.0
"""Step between two stamps from which they are taken to be of different clocks, s."""


class VideoState(NamedTuple):
    """What an estimator knows of the video so far; it can be pickled.

    Attributes:
        clock: the time of the video.
        tracker: the tracks.
        smoother: the smoothed joints.
    """

    clock: FrameClock
    tracker: Tracker
    smoother: Smoother


class PoseEstimator(DeprecatedNames):
    """Estimates the poses of the people in a frame, and tracks them from frame to frame.

    An estimator tracks people in one video: use one per video. `photograph` and `detect` keep no
    state and are thread-safe, even while another thread processes a video.

    A pickled or copied estimator keeps its model's name or path, its device and its settings. It
    loads the networks again and starts without tracks. A forked process must create its own:
    ONNX Runtime's threads do not survive a fork.

    Attributes:
        model: the pose network, stateless.
        tracking: how people are tracked; changes apply from the next frame on.
        smoothing: how much joints are smoothed; not at all by default.
        clock: the time of the video, and counts of timestamp faults.

    Example:
        >>> estimator = PoseEstimator("final")
        >>> for pose in estimator(frame):
        ...     x, y, score = pose["left_wrist"]
    """

    def __init__(
        self,
        model: str | Path | PoseModel = "final",
        device: str = "auto",
        threads: int = 0,
        finder: str | Path = person_detector.DEFAULT,
        tracking: Tracking | None = None,
        smoothing: Smoothing | None = None,
        find_size: int = 0,
    ) -> None:
        """Loads the networks.

        Args:
            model: a released model's name, a path to an .onnx file, or a loaded model, which
                estimators may share.
            device: one of `devices.DEVICES`.
            threads: CPU threads; 0 takes one per core.
            finder: the person detector: `detector`, `full_frame`, the path of a detector's .onnx
                file, or `boxes`.
            tracking: how people are tracked.
            smoothing: how much joints are smoothed.
            find_size: side, in pixels, of the square with as many pixels as the canvas that
                `detector` looks at a frame on, a multiple of 32 from 96 to 1280: the larger, the
                smaller the people who are found, and the longer it takes; 0 takes 256. In a video
                every second look is 1.5 times as wide and high; a photograph, and the first frame
                of a video, get both.

        Raises:
            ModelError: no such model or detector, one that is damaged or not one of ours, or a size
                for a detector that has none to choose.
            DeviceError: an unknown device, no number of threads, or the file cannot be loaded.
            MobilePoseError: tracking or smoothing is of another type.
        """
        self.tracking, self.smoothing = tracking, smoothing
        self._made_of = (model, device, threads, finder)
        self._find_size = find_size
        self.model = model if isinstance(model, PoseModel) else PoseModel(model, device, threads)
        self.detector = person_detector.make_detector(
            finder, self.model, device, threads, find_size
        )
        self.clock = FrameClock()
        self._tracker = Tracker(self.model.framing)
        self._smoother = Smoother()

    def __call__(
        self,
        frame: AnyArray,
        time: float | None = None,
        boxes: PersonBoxes | None = None,
        arrival: float | None = None,
    ) -> list[Pose]:
        """The people in the next frame of a video.

        Args:
            frame: (H, W, 3) uint8, BGR.
            time: capture time, s, by a clock that all frames share; None if unknown. Times that
                repeat or go back are corrected, see `FrameClock`.
            boxes: people detected in this frame by another detector; replaces ours.
            arrival: arrival time, s by `time.monotonic`; now by default. Used where `time` does
                not advance.

        Returns:
            A pose for each visible person, joints in pixels of the frame.

        Raises:
            FrameError: the frame's shape or type is wrong, it has no pixels, or the time or arrival
                is not finite.
            MobilePoseError: the boxes are of another type.
        """
        frame = check_frame(frame)
        for name, seconds in (("time", time), ("arrival", arrival)):
            if seconds is not None and not (isinstance(seconds, Real) and math.isfinite(seconds)):
                raise FrameError(f"a frame's {name} is a finite number of seconds, got {seconds!r}")
        _check_type("boxes", boxes, PersonBoxes)
        now = self.clock.advance(time, clock.monotonic() if arrival is None else arrival)
        height, width = frame.shape[:2]
        tracked = self._tracker.predict(now, self._tracking, (width, height))
        if boxes is None and tracked.needs_detection and self.detector is not None:
            is_first = tracked.looks == 0
            boxes = self.detector(frame) if is_first else self._look(frame, tracked.looks)
        if boxes is None:
            poses, confirmed = self.model(frame, tracked.regions, tracked.boxes), None
        else:
            poses, confirmed = self._with_detections(frame, tracked, boxes.of_joints())
        people = self._tracker.update(poses, frame, confirmed)
        if self._smoothing.time or self._smoother.state is not None:
            people = self._smoother(people, now, self._smoothing, (width, height))
        return people

    @property
    def detector(self) -> PersonDetector | None:
        """Detects people who are not tracked yet; None if their boxes are given."""
        return self._detector

    @detector.setter
    def detector(self, detector: PersonDetector | None) -> None:
        self._detector = detector
        if detector is not None:
            self._look = person_detector.look_of(detector)

    @property
    def tracking(self) -> Tracking:
        """How people are tracked; see the class."""
        return self._tracking

    @tracking.setter
    def tracking(self, tracking: Tracking | None) -> None:
        _check_type("tracking", tracking, Tracking)
        self._tracking = tracking or Tracking()

    @property
    def smoothing(self) -> Smoothing:
        """How much joints are smoothed; see the class."""
        return self._smoothing

    @smoothing.setter
    def smoothing(self, smoothing: Smoothing | None) -> None:
        _check_type("smoothing", smoothing, Smoothing)
        self._smoothing = smoothing or Smoothing()

    def photograph(self, frame: AnyArray, boxes: PersonBoxes | None = None) -> list[Pose]:
        """The people in a single photograph, independent of any video.

        Keeps no state: threads may share an estimator for photographs. Nobody is tracked, so that
        there may be more people than `tracking.max_people`.

        Args:
            frame: (H, W, 3) uint8, BGR.
            boxes: people detected in it by another detector; replaces ours.

        Returns:
            The poses, with a track_id of -1.

        Raises:
            FrameError: the frame's shape or type is wrong, or it has no pixels.
            MobilePoseError: the boxes are of another type.
        """
        frame = check_frame(frame)
        _check_type("boxes", boxes, PersonBoxes)
        if boxes is None:
            boxes = no_boxes() if self.detector is None else self.detector(frame)
        return self._verified(frame, boxes.of_joints()).poses

    def detect(self, frame: AnyArray) -> PersonBoxes:
        """The verified detections in a single frame, independent of any video.

        Args:
            frame: (H, W, 3) uint8, BGR.

        Returns:
            Boxes around the joints of the people who would be tracked from this frame on: means of
            the detector's boxes and those of the poses, with the scores of both fused.

        Raises:
            FrameError: the frame's shape or type is wrong, or it has no pixels.
            ModelError: the estimator has no detector.
        """
        frame = check_frame(frame)
        if self.detector is None:
            raise ModelError(
                f"person detector {person_detector.BOXES!r} has no network to detect with; make "
                "the estimator with another one"
            )
        return self._verified(frame, self.detector(frame).of_joints()).boxes

    def warm_up(self, people: int) -> None:
        """Runs the networks once for every input shape, if CUDA graphs are used.

        A new input shape takes a GPU up to a second. Shapes outside the warm-up are frames of
        another aspect ratio than 4:3 and 16:9, and more people than these.

        Args:
            people: the largest number of tracked people.
        """
        if self.model.uses_cuda_graphs:
            self.model.warm_up(people + SPARE)
            for width, height in USUAL_FRAMES:
                if self.detector is not None:
                    self.detector(np.zeros((height, width, 3), np.uint8))

    def forget(self) -> None:
        """Drops all tracks: people in the next frame get new IDs."""
        self.clock.restart()
        self._tracker.reset()
        self._smoother.forget()

    def begin_video(self) -> None:
        """Starts another video: drops all tracks, and numbers people from 1 again."""
        self.clock = FrameClock()
        self._tracker = Tracker(self.model.framing)
        self._smoother.forget()

    @property
    def video(self) -> VideoState:
        """What is known of the video so far: pickle it to go on later, in another process.

        It is not a copy: the next frame changes it.
        """
        return VideoState(self.clock, self._tracker, self._smoother)

    def continue_video(self, video: VideoState) -> None:
        """Goes on with a video from a state that an estimator of the same model had."""
        self.clock, self._tracker, self._smoother = video

    def interrupt(self) -> None:
        """Cancels a call in another thread, and later ones, with ONNX Runtime's exception."""
        self.model.interrupt()
        if self.detector is not None:
            self.detector.interrupt()

    def resume(self) -> None:
        """Allows calls again after `interrupt`."""
        self.model.resume()
        if self.detector is not None:
            self.detector.resume()

    def __reduce__(self) -> tuple[Any, ...]:
        return PoseEstimator, (*self._made_of, self.tracking, self.smoothing, self._find_size)

    def _verified(self, frame: ImageArray, detections: PersonBoxes) -> verification.Verified:
        """The verified detections in a frame without tracked people, best first, each once."""
        best = detections.best(np.arange(len(detections)), MOST_IN_PHOTOGRAPH)
        regions, poses = verification.first_poses(self.model, frame, best)
        threshold = self._tracking.person_threshold
        people = verification.verify_detections(self.model, frame, best, regions, poses, threshold)
        poses = people.poses
        kept = [i for i in association.pose_nms(poses) if poses[i].person_score >= threshold]
        return verification.Verified(people.boxes[kept], [poses[index] for index in kept])

    def _with_detections(
        self, frame: ImageArray, tracked: Prediction, detections: PersonBoxes
    ) -> tuple[list[Pose], IndexArray]:
        """Poses of tracked and newly detected people, and indices of the confirmed tracks."""
        owners = association.match_boxes(detections.boxes, tracked.boxes)
        if not self.model.skeleton.spans_upper_body:  # joints do not tell where people are
            seen = verification.first_regions(self.model, frame, detections, crop.FOLLOW_MARGIN)
            tracked = tracked.moved(owners, seen, detections.boxes)
        new = detections.best(np.flatnonzero(owners < 0), tracked.capacity)
        regions = verification.first_regions(self.model, frame, new)
        boxes = np.concatenate([tracked.boxes, new.boxes])
        poses = self.model(frame, tracked.regions + regions, boxes)
        count, threshold = len(tracked.regions), self._tracking.person_threshold
        verified = verification.verify_detections(
            self.model, frame, new, regions, poses[count:], threshold
        )
        confirmed = owners[detections.scores >= detections.sure_from]
        return poses[:count] + verified.poses, confirmed


def check_frame(frame: AnyArray) -> ImageArray:
    """The frame itself; raises FrameError unless it is a (H, W, 3) uint8 image with pixels."""
    if not isinstance(frame, np.ndarray) or frame.dtype != np.uint8:
        found = frame.dtype if isinstance(frame, np.ndarray) else type(frame).__name__
        raise FrameError(f"a frame is an array of uint8, got {found}")
    if frame.ndim != 3 or frame.shape[2] != 3 or frame.size == 0:
        raise FrameError(f"a frame is (H, W, 3) BGR with at least one pixel, got {frame.shape}")
    return frame


def _check_type(name: str, value: object, expected: type) -> None:
    """Raises MobilePoseError unless an argument is None or of a type."""
    if value is not None and not isinstance(value, expected):
        raise MobilePoseError(f"{name} is a {expected.__name__} or None, got {value!r}")


class StampFault(Enum):
    """A fault of a frame's timestamp."""

    MISSING = "no stamp"
    REPEATED = "the stamp of the frame before"
    BACKWARD = "an earlier stamp than the frame before"


class FrameClock:
    """A monotonic video time that survives faulty timestamps.

    The clock follows the stamps while they advance. Where they repeat, it adds the time between
    arrivals, and the next new stamp adds the rest; this covers stamps in whole seconds and stamps
    that stand still. Stamps that go back (a recording that restarts, two cameras) are trusted again
    after they advanced for `TRUSTED_AFTER` frames; until then arrivals count.

    Attributes:
        now: s since the first frame.
        faults: number of frames with each fault.
    """

    def __init__(self) -> None:
        self.now = 0.0
        self.faults: Counter[StampFault] = Counter()
        self.restart()

    def restart(self) -> None:
        """Forgets the last stamp: the next frame adds no time."""
        self._stamp: float | None = None
        self._arrival: float | None = None
        self._ahead = 0.0
        self._distrust = 0

    def advance(self, stamp: float | None, arrival: float) -> float:
        """The video time of the next frame, s.

        Args:
            stamp: s by the clock that all stamps share; None if the frame has none.
            arrival: when the frame arrived, s by a monotonic clock.
        """
        if self._arrival is not None:
            self.now += self._step(stamp, max(0.0, arrival - self._arrival))
        elif stamp is None:
            self.faults[StampFault.MISSING] += 1
        self._stamp, self._arrival = stamp, arrival
        return self.now

    def _step(self, stamp: float | None, passed: float) -> float:
        """Seconds since the last frame, given those that passed between the arrivals."""
        ahead, self._ahead = self._ahead, 0.0
        if stamp is None:
            self.faults[StampFault.MISSING] += 1
            return passed
        if self._stamp is None:
            return passed
        step = stamp - self._stamp
        if step == 0:
            self.faults[StampFault.REPEATED] += 1
            self._ahead = ahead + passed
            return passed
        if step < 0:
            self.faults[StampFault.BACKWARD] += 1
            self._distrust = TRUSTED_AFTER
            return passed
        if self._distrust:
            self._distrust -= 1
            return passed
        return passed if step > OTHER_CLOCK else max(0.0, step - ahead)

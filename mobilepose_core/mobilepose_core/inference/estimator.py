"""`PoseEstimator`: the whole pipe from a frame to poses."""

from __future__ import annotations

import functools
import math
import time as clock
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from mobilepose_core import crop
from mobilepose_core.inference import appearance, association, newcomers
from mobilepose_core.inference import finder as finders
from mobilepose_core.inference.boxes import PersonBoxes
from mobilepose_core.inference.frame_clock import FrameClock
from mobilepose_core.inference.pose import UNTRACKED, Pose
from mobilepose_core.inference.session import PoseSession
from mobilepose_core.inference.smoothing import Smoother, Smoothing
from mobilepose_core.inference.tracker import SPARE, Tracker, Tracking
from mobilepose_core.inference.windows import Windows
from mobilepose_core.skeleton import UPPER_BODY_11

Frame = npt.NDArray[np.uint8]

Picture: TypeAlias = npt.NDArray[Any]
"""What callers have, such as cv2.imread's result; checked to be a frame when it comes."""

USUAL_FRAMES = ((640, 480), (1280, 720))
"""Width and height of what most cameras give, up to a factor."""


class PoseEstimator:
    """Finds the joints of the people in a frame, and follows them from frame to frame.

    A call belongs to one video: an estimator for each video, or for each thread that has one.
    `photograph` and `find` keep nothing, and may be called from any number of threads at once, also
    while another thread's video goes on.

    Pickled or copied, an estimator takes along its model's name or path, its device and its
    settings, and loads the networks anew; it follows nobody then. A process that is forked must
    make its own: ONNX Runtime's threads do not come along.

    Attributes:
        session: the network.
        finder: finds people who are not followed yet; None where their boxes are given.
        tracking: how people are followed; holds from the next frame on.
        smoothing: how much joints are steadied; not at all by default.
        clock: the time of the video, and how many frames had a fault in their times.

    Example:
        >>> estimator = PoseEstimator("final")
        >>> for pose in estimator(frame):
        ...     x, y, score = pose["left_wrist"]
    """

    def __init__(
        self,
        model: str | Path = "final",
        device: str = "auto",
        threads: int = 0,
        finder: str | Path = finders.DEFAULT,
        tracking: Tracking | None = None,
        smoothing: Smoothing | None = None,
    ) -> None:
        """Loads the networks; see `PoseSession` and `make_finder` for the errors.

        Args:
            model: a released model's name, or a path to an .onnx file.
            device: one of `devices.DEVICES`.
            threads: of the CPU; 0 takes one for each core.
            finder: `detector`, `full_frame`, the path of a detector's .onnx file, or `boxes`.
            tracking: how people are followed.
            smoothing: how much joints are steadied.
        """
        self._made_of = (model, device, threads, finder)
        self.session = PoseSession(model, device, threads)
        if self.session.skeleton != UPPER_BODY_11 or self.session.framing.aspect != 1:
            raise ValueError(
                f"{self.session.model.path} finds the joints of skeleton "
                f"{self.session.skeleton.name!r}; expected {UPPER_BODY_11.name}"
            )
        self.finder = finders.make_finder(finder, self.look, device, threads)
        self.tracking = tracking or Tracking()
        self.smoothing = smoothing or Smoothing()
        self.clock = FrameClock()
        self._tracker = Tracker()
        self._smoother = Smoother()

    def __call__(
        self,
        frame: Picture,
        time: float | None = None,
        boxes: PersonBoxes | None = None,
        arrival: float | None = None,
    ) -> list[Pose]:
        """The people in a frame, the frames being those of one video in their order.

        Args:
            frame: (H, W, 3) uint8, BGR.
            time: when it was taken, s, by a clock that all frames share; None where that is
                unknown. Times that repeat or go back are made up for, see `FrameClock`.
            boxes: people whom something else found in this frame; the finder is not asked then.
            arrival: when it came in, s by `time.monotonic`; now by default. It counts where `time`
                does not advance.

        Returns:
            A pose for each person who is seen, joints in pixels of the frame.

        Raises:
            ValueError: the frame has another shape or type, or no pixels, or the time is not
                finite.
        """
        frame = check_frame(frame)
        height, width = frame.shape[:2]
        if time is not None and not math.isfinite(time):
            raise ValueError(f"a frame's time is a finite number of seconds, got {time}")
        now = self.clock.advance(time, clock.monotonic() if arrival is None else arrival)
        self._tracker.begin_frame(now, self.tracking, (width, height))
        poses = self._poses(frame, self._tracker, boxes)
        looks = functools.partial(appearance.looks_of, frame)
        people = self._tracker.update(poses, width, height, looks)
        return self._smoother(people, now, self.smoothing, (width, height))

    def photograph(self, frame: Picture, boxes: PersonBoxes | None = None) -> list[Pose]:
        """The people in a photograph by itself, whatever is followed in others.

        Nothing is kept: several threads may share an estimator for photographs.

        Args:
            frame: (H, W, 3) uint8, BGR.
            boxes: people whom something else found in it; the finder is not asked then.

        Returns:
            As the first frame of a video gives them, with a track_id of -1: nobody is followed.

        Raises:
            ValueError: the frame has another shape or type, or no pixels.
        """
        frame = check_frame(frame)
        height, width = frame.shape[:2]
        tracker = Tracker()
        tracker.begin_frame(0.0, self.tracking)
        poses = tracker.update(self._poses(frame, tracker, boxes), width, height)
        return [pose.with_id(UNTRACKED) for pose in poses]

    def find(self, frame: Picture) -> PersonBoxes:
        """The people in a frame by itself, whatever is followed in others.

        Args:
            frame: (H, W, 3) uint8, BGR.

        Returns:
            Boxes around the joints of those who would be followed from this frame on, halfway
            between the finder's and those of their poses, with scores of both together.

        Raises:
            ValueError: the frame has another shape or type, or boxes are to be given.
        """
        frame = check_frame(frame)
        if self.finder is None:
            raise ValueError(f"person finder {finders.BOXES!r} finds nobody: boxes are given to it")
        found = Tracker(self.tracking).newcomers(self.finder(frame))
        people, poses = self._judged(
            frame, found, self.look(frame, newcomers.regions_of(found.boxes))
        )
        least = self.tracking.person_threshold
        return people[[i for i in association.singles(poses) if poses[i].score >= least]]

    def look(self, frame: Frame, regions: list[crop.Region]) -> list[Pose]:
        """The pose in each upright region of a frame, as one batch, followed or not."""
        if not regions:
            return []
        height, width = frame.shape[:2]
        windows = Windows(regions, self.session.size)
        borders = windows.borders(width, height)
        joints, scores, summaries = self.session.summed_up(windows.cut(frame), borders)
        found = windows.to_image(joints)
        return [
            Pose(*person, summary=None if summaries is None else summaries[index])
            for index, person in enumerate(zip(found, scores, strict=True))
        ]

    def prepare(self, people: int) -> None:
        """Has a GPU meet what it may be given before the first frame comes, if it keeps graphs.

        What a GPU has not met costs it up to a second, in the midst of a video otherwise: frames of
        another shape than 4:3 and 16:9 the first time, and more people than these.

        Args:
            people: followed at most.
        """
        if self.session.keeps_graphs:
            self.session.prepare(people + SPARE)
            for width, height in USUAL_FRAMES:
                if self.finder is not None:
                    self.finder(np.zeros((height, width, 3), np.uint8))

    def forget(self) -> None:
        """Stops following: whoever comes next gets an id that nobody had."""
        self.clock.restart()
        self._tracker.forget()
        self._smoother.forget()

    def begin_video(self) -> None:
        """Stops following, and numbers people from 1 again: the next frame is of another video."""
        self.clock = FrameClock()
        self._tracker = Tracker()
        self._smoother.forget()

    def interrupt(self) -> None:
        """Ends a call that another thread makes, and later ones, with ONNX Runtime's exception."""
        self.session.interrupt()
        if self.finder is not None:
            self.finder.interrupt()

    def resume(self) -> None:
        """Takes `interrupt` back."""
        self.session.resume()
        if self.finder is not None:
            self.finder.resume()

    def __reduce__(self) -> tuple[Any, ...]:
        return PoseEstimator, (*self._made_of, self.tracking, self.smoothing)

    def _poses(self, frame: Frame, tracker: Tracker, boxes: PersonBoxes | None) -> list[Pose]:
        """The poses of those whom a tracker follows, and of newcomers; it is told of these."""
        if boxes is None and self.finder is not None and tracker.needs_finder:
            boxes = self.finder(frame)
        followed = tracker.regions()
        found = None if boxes is None else tracker.newcomers(boxes)
        if found is None or not len(found):
            return self.look(frame, followed)
        poses = self.look(frame, followed + newcomers.regions_of(found.boxes))
        _, poses[len(followed) :] = self._judged(frame, found, poses[len(followed) :])
        return poses

    def _judged(
        self, frame: Frame, found: PersonBoxes, poses: list[Pose]
    ) -> tuple[PersonBoxes, list[Pose]]:
        look = functools.partial(self.look, frame)
        threshold = self.tracking.person_threshold
        found, poses = newcomers.looked_at_closer(found, poses, look, threshold)
        session = self.session
        are_chances = session.calibration is not None
        return newcomers.judged(found, poses, threshold, session.presence, are_chances)


def check_frame(frame: Picture) -> Frame:
    """The frame itself; raises ValueError for what is no (H, W, 3) uint8 picture with pixels."""
    if not isinstance(frame, np.ndarray) or frame.dtype != np.uint8:
        found = frame.dtype if isinstance(frame, np.ndarray) else type(frame).__name__
        raise ValueError(f"a frame is an array of uint8, got {found}")
    if frame.ndim != 3 or frame.shape[2] != 3 or frame.size == 0:
        raise ValueError(f"a frame is (H, W, 3) BGR with at least one pixel, got {frame.shape}")
    return frame

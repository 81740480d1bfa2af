"""`PoseEstimator`: the whole pipe from a frame to poses."""

from __future__ import annotations

import time as clock
from pathlib import Path

import numpy as np
import numpy.typing as npt

from mobilepose_core import crop
from mobilepose_core.inference import finder
from mobilepose_core.inference.pose import Pose
from mobilepose_core.inference.session import PoseSession
from mobilepose_core.inference.smoothing import Smoother, Smoothing
from mobilepose_core.inference.tracker import Tracker, region_around

PERSON_THRESHOLD = 0.33
"""A pose whose joints score less than this in the mean is nobody.

With the released model somebody scores more in 93 % of films' frames and 97 % of studio photographs
that were never trained on, and so does something in 1.2 % of photographs without people.
"""

Frame = npt.NDArray[np.uint8]


class PoseEstimator:
    """Finds the joints of the people in a frame, and follows them from frame to frame.

    Attributes:
        session: the network.
        smoothing: how much joints are steadied; not at all by default.

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
        person_threshold: float = PERSON_THRESHOLD,
    ) -> None:
        """Loads a model; see `PoseSession` for its arguments and errors.

        Args:
            model: a released model's name, or a path to an .onnx file.
            device: `auto`, `cpu` or `cuda`.
            threads: of the CPU; 0 takes one for each core.
            person_threshold: mean score of a pose's joints from which it is a person.
        """
        self.session = PoseSession(model, device, threads)
        self.smoothing = Smoothing()
        self._tracker = Tracker(person_threshold)
        self._smoother = Smoother()

    def __call__(self, frame: Frame, time: float | None = None) -> list[Pose]:
        """The people in a frame, the frames being those of one video in their order.

        Args:
            frame: (H, W, 3) uint8, BGR.
            time: when it was taken, s, by a clock that all frames share; now by default. Smoothing
                alone asks for it.

        Returns:
            A pose for each person, joints in pixels of the frame.

        Raises:
            ValueError: the frame has another shape or type, or no pixels.
        """
        check_frame(frame)
        regions = self._tracker.regions()
        poses = self.look(frame, regions) if regions else self._search(frame)
        people = self._tracker.update(poses)
        return self._smoother(people, clock.monotonic() if time is None else time, self.smoothing)

    def look(self, frame: Frame, regions: list[crop.Region]) -> list[Pose]:
        """The pose in each region of a frame, as one batch, followed or not."""
        if not regions:
            return []
        size = self.session.size
        crops = np.stack([crop.cut(frame, region, size) for region in regions])
        joints, scores = self.session(crops)
        return [
            Pose(crop.transform(crop.invert(crop.crop_from_image(region, size)), points), score)
            for region, points, score in zip(regions, joints, scores, strict=True)
        ]

    @property
    def person_threshold(self) -> float:
        """Mean score of a pose's joints from which it is a person; holds from the next frame on."""
        return self._tracker.person_threshold

    @person_threshold.setter
    def person_threshold(self, score: float) -> None:
        self._tracker.person_threshold = score

    def forget(self) -> None:
        """Stops following: the next frame is of another video."""
        self._tracker.forget()
        self._smoother.forget()

    def interrupt(self) -> None:
        """Ends a call that another thread makes, and later ones, with ONNX Runtime's exception."""
        self.session.interrupt()

    def resume(self) -> None:
        """Takes `interrupt` back."""
        self.session.resume()

    def _search(self, frame: Frame) -> list[Pose]:
        """The best pose of a coarse look over the frame, looked at again in a crop that fits it."""
        height, width = frame.shape[:2]
        coarse = self.look(frame, finder.regions_to_search(width, height))
        best = max(coarse, key=lambda pose: pose.score)
        if best.score < self._tracker.person_threshold * _COARSE:
            return []
        return [best, *self.look(frame, [region_around(best)])]


_COARSE = 0.5
"""Share of the threshold that a coarse look, at a person too small or large, has to reach."""


def check_frame(frame: Frame) -> None:
    """Raises ValueError for what is not an (H, W, 3) uint8 picture with pixels in it."""
    if not isinstance(frame, np.ndarray) or frame.dtype != np.uint8:
        found = frame.dtype if isinstance(frame, np.ndarray) else type(frame).__name__
        raise ValueError(f"a frame is an array of uint8, got {found}")
    if frame.ndim != 3 or frame.shape[2] != 3 or frame.size == 0:
        raise ValueError(f"a frame is (H, W, 3) BGR with at least one pixel, got {frame.shape}")

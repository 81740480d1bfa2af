"""Names that `PoseEstimator` had before 0.2, kept for one release with a warning."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from mobilepose_core.typing import AnyArray

if TYPE_CHECKING:
    from mobilepose_core.inference.detection.person_detector import PersonDetector
    from mobilepose_core.inference.pose_model import PoseModel
    from mobilepose_core.pose import PersonBoxes


class DeprecatedNames:
    """`session`, `finder`, `find` and `prepare` of a `PoseEstimator`."""

    model: PoseModel
    detector: PersonDetector | None

    if TYPE_CHECKING:

        def detect(self, frame: AnyArray) -> PersonBoxes:
            """Of `PoseEstimator`."""

        def warm_up(self, people: int) -> None:
            """Of `PoseEstimator`."""

    @property
    def session(self) -> PoseModel:
        """Now `model`."""
        _warn("session", "model")
        return self.model

    @property
    def finder(self) -> PersonDetector | None:
        """Now `detector`."""
        _warn("finder", "detector")
        return self.detector

    @finder.setter
    def finder(self, detector: PersonDetector | None) -> None:
        _warn("finder", "detector")
        self.detector = detector

    def find(self, frame: AnyArray) -> PersonBoxes:
        """Now `detect`."""
        _warn("find", "detect")
        return self.detect(frame)

    def prepare(self, people: int) -> None:
        """Now `warm_up`."""
        _warn("prepare", "warm_up")
        self.warm_up(people)


def _warn(old: str, new: str) -> None:
    message = f"PoseEstimator.{old} is now {new}; the old name goes with the next release"
    warnings.warn(message, DeprecationWarning, stacklevel=3)

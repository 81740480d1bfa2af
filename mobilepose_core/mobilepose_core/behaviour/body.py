"""One person's joints by name: in the image, and in space where depth is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from mobilepose_core import heading
from mobilepose_core.pose import UNTRACKED, Pose
from mobilepose_core.typing import Float64Array, FloatArray

MIN_SCORE = 0.3
"""A joint that scores less is not seen. Scores of released models are probabilities of a joint
that is right to a fifth of the torso."""

TORSO = ("left_shoulder", "right_shoulder", "left_hip", "right_hip")
FACE = ("left_eye", "right_eye", "nose")
EARS = ("left_ear", "right_ear")
SIDES = ("left", "right")


@dataclass(frozen=True, eq=False)
class Body:
    """A person's joints, addressed by name. Any skeleton will do: what it lacks is not seen.

    Attributes:
        points: (2,) x, y in image pixels of every joint that is known, by name.
        scores: in [0, 1], by name.
        places: (3,) m in the camera's optical frame, by name, where depth is known.
        heading: (2,) cosine and sine as the pose network tells them, see `mobilepose_core.heading`;
            None if it does not. Its length says how sure it is.
        track_id: of the person.
        last_length: pixels of the torso when it was last seen; None if it was not.
    """

    points: Mapping[str, Float64Array]
    scores: Mapping[str, float]
    places: Mapping[str, Float64Array] = field(default_factory=dict)
    heading: FloatArray | None = None
    track_id: int = UNTRACKED
    last_length: float | None = None

    @classmethod
    def of(cls, pose: Pose, places: FloatArray | None = None) -> Body:
        """The body of a pose of any skeleton.

        Args:
            pose: joints in image pixels.
            places: (K, 3) m in the optical frame, NaN where unknown, in the order of the pose's
                joints; None without depth.

        Raises:
            ValueError: there are more or fewer places than joints.
        """
        joints = list(pose)
        points = {name: np.array([x, y]) for name, x, y, _ in joints if np.isfinite(x + y)}
        scores = {name: score for name, _, _, score in joints}
        if places is not None and len(places) != len(joints):
            raise ValueError(f"{len(joints)} joints have as many places, got {len(places)}")
        known = {} if places is None else _finite([name for name, *_ in joints], places)
        return cls(points, scores, known, pose.heading, pose.track_id)

    def has(self, *names: str, score: float = MIN_SCORE) -> bool:
        """Whether all these joints are seen, at that score at least."""
        return all(name in self.points and self.scores[name] >= score for name in names)

    def middle(self, part: str) -> Float64Array | None:
        """(2,) between the left one and the right one, such as `hip`; None unless both are seen."""
        left, right = f"left_{part}", f"right_{part}"
        if not self.has(left, right):
            return None
        return np.asarray((self.points[left] + self.points[right]) / 2)

    def mean(self, names: Sequence[str]) -> Float64Array | None:
        """(2,) the mean of those of some joints that are seen; None if none is."""
        seen = [self.points[name] for name in names if self.has(name)]
        return np.mean(seen, axis=0) if seen else None

    @cached_property
    def torso(self) -> Float64Array | None:
        """(2,) from the hips to the shoulders, image pixels; None unless all four are seen."""
        shoulders, hips = self.middle("shoulder"), self.middle("hip")
        return None if shoulders is None or hips is None else shoulders - hips

    @cached_property
    def torso_length(self) -> float | None:
        """Pixels; where hips are not seen, as last seen, or else by the width of the shoulders.

        None without shoulders. A person whose hips were never seen and who is turned aside seems
        smaller than they are.
        """
        torso = self.torso
        if torso is not None:
            return float(np.hypot(*torso)) or None
        if self.last_length is not None:
            return self.last_length
        if not self.has("left_shoulder", "right_shoulder"):
            return None
        width = np.hypot(*(self.points["left_shoulder"] - self.points["right_shoulder"]))
        return float(width / heading.SHOULDERS) or None


def _finite(names: Sequence[str], places: FloatArray) -> dict[str, Float64Array]:
    return {
        name: np.asarray(place, np.float64)
        for name, place in zip(names, places, strict=True)
        if np.isfinite(place).all()
    }


def ramp(value: float, low: float, high: float) -> float:
    """0 up to `low`, 1 from `high` on, linear between; falling where `high` is below `low`."""
    return min(max((value - low) / (high - low), 0.0), 1.0)

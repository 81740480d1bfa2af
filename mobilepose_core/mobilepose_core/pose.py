"""What is known of one person in one picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from mobilepose_core import crop, skeleton

Floats = npt.NDArray[np.float32]

UNTRACKED = -1

FOLLOW_SCORE = 0.1
"""Joints below this score say nothing of where a person is."""


@dataclass(frozen=True, eq=False)
class Pose:
    """One person's joints.

    Attributes:
        joints: (11, 2) float32 x, y in image pixels, canonical order, all of them always.
        scores: (11,) float32 in [0, 1].
        track_id: the same for the same person from frame to frame; -1 where not followed.
        summary: (C,) float32 by which `presence.Presence` says whether there is somebody; None of a
            network that gives none.
    """

    joints: Floats
    scores: Floats
    track_id: int = UNTRACKED
    summary: Floats | None = None

    def __getitem__(self, name: str) -> tuple[float, float, float]:
        """x, y in image pixels and score of one joint.

        Raises:
            KeyError: no joint of that name.
        """
        if name not in skeleton.INDEX:
            raise KeyError(f"joint {name!r} unknown; known: {', '.join(skeleton.JOINTS)}")
        index = skeleton.INDEX[name]
        x, y = self.joints[index]
        return float(x), float(y), float(self.scores[index])

    def __iter__(self) -> Iterator[tuple[str, float, float, float]]:
        """Name, x, y and score of every joint, in canonical order."""
        return ((name, *self[name]) for name in skeleton.JOINTS)

    @cached_property
    def score(self) -> float:
        """Of the person as a whole: the mean over the joints, in [0, 1]."""
        return float(sum(self.scores.tolist()) / len(self.scores))

    @cached_property
    def box(self) -> Floats:
        """(4,) x0, y0, x1, y1 in image pixels around the joints that were seen, or around all."""
        seen = self.joints[self.scores >= FOLLOW_SCORE]
        return crop.box_around(seen if len(seen) > 1 else self.joints)

    @cached_property
    def middle(self) -> npt.NDArray[np.floating]:
        """(2,) of the box, image pixels."""
        return crop.middles(self.box)

    def with_id(self, track_id: int) -> Pose:
        """The same person with an id; what was derived from the joints is not derived again."""
        pose = object.__new__(Pose)
        vars(pose).update(vars(self), track_id=track_id)
        return pose

    def to_dict(self) -> dict[str, object]:
        """As plain values, for JSON."""
        return {
            "track_id": self.track_id,
            "score": round(self.score, 4),
            "joints": [
                {"name": name, "x": round(x, 2), "y": round(y, 2), "score": round(score, 4)}
                for name, x, y, score in self
            ],
        }


def boxes_of(poses: Sequence[Pose]) -> Floats:
    """(P, 4) x0, y0, x1, y1 in image pixels, those of some people."""
    return np.array([pose.box for pose in poses], dtype=np.float32).reshape(-1, 4)

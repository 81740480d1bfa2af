"""Jitter of the joints of standing people, and lag of the joints of moving people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from mobilepose_core import skeleton
from mobilepose_core.evaluation.scenes import TruePerson
from mobilepose_core.pose import Pose
from mobilepose_core.typing import FloatArray

SLOWEST = 1.0
"""Joints that move less than this between frames do not count for lag, pixels."""


@dataclass
class Steadiness:
    """Sums over pairs of consecutive frames in which a person was tracked."""

    _before: dict[int, tuple[TruePerson, Pose]] = field(default_factory=dict)
    _jitters: list[FloatArray] = field(default_factory=list)
    _shares: list[FloatArray] = field(default_factory=list)
    _behind: float = 0.0
    _moved: float = 0.0

    def begin_scene(self) -> None:
        """Starts another video."""
        self._before.clear()

    def add(self, pairs: Sequence[tuple[TruePerson, Pose]]) -> None:
        """Adds the matched people and poses of a frame."""
        for person, pose in pairs:
            if person.number in self._before:
                self._compare(*self._before[person.number], person, pose)
        self._before = {person.number: (person, pose) for person, pose in pairs}

    @property
    def jitter_px(self) -> float:
        """Mean change of a joint's error between frames, pixels; NaN without data."""
        return _mean(self._jitters)

    @property
    def jitter(self) -> float:
        """The same in torso lengths."""
        return _mean(self._shares)

    @property
    def lag(self) -> float:
        """Lag of the joints of moving people in frames, by least squares; NaN without data."""
        return self._behind / self._moved if self._moved else float("nan")

    def _compare(self, old: TruePerson, old_pose: Pose, person: TruePerson, pose: Pose) -> None:
        seen = old.visible & person.visible & np.isfinite(pose.joints - old_pose.joints).all(axis=1)
        error, step = pose.joints - person.joints, person.joints - old.joints
        if person.is_still:
            jitters = np.linalg.norm(error - (old_pose.joints - old.joints), axis=1)[seen]
            hips, shoulders = skeleton.torso_ends(person.joints)
            self._jitters.append(jitters)
            self._shares.append(jitters / float(np.linalg.norm(hips - shoulders)))
            return
        moving = seen & (np.linalg.norm(step, axis=1) >= SLOWEST)
        self._behind -= float((error * step)[moving].sum())
        self._moved += float((step * step)[moving].sum())


def _mean(parts: Sequence[FloatArray]) -> float:
    values = np.concatenate(parts) if parts else np.zeros(0)
    return float(values.mean()) if values.size else float("nan")

"""Steady joints: a filter that averages long while a joint rests, and hardly while it moves.

Casiez, Roussel and Vogel, "1 Euro Filter: A Simple Speed-based Low-pass Filter for Noisy Input in
Interactive Systems", CHI 2012.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from mobilepose_core.inference.pose import Pose

Floats = npt.NDArray[np.float64]

SPEED_TIME = 1 / (2 * math.pi)
"""Over which speeds are averaged, s: the paper's cut-off of 1 Hz."""

LONGEST_GAP = 0.5
"""A person who was not seen for longer starts anew, s."""


@dataclass(frozen=True)
class Smoothing:
    """How much joints are steadied.

    Attributes:
        time: over which a joint at rest is averaged, s; 0 leaves joints as they were found.
        speed: at which a joint is averaged over half of that, in lengths of the person's box per
            second; at three times the speed it is a quarter, and so on.
    """

    time: float = 0.0
    speed: float = 0.5

    def __post_init__(self) -> None:
        if not (math.isfinite(self.time) and self.time >= 0):
            raise ValueError(f"the time of smoothing is 0 s or more, got {self.time}")
        if not (math.isfinite(self.speed) and self.speed > 0):
            raise ValueError(f"the speed of smoothing is more than 0, got {self.speed}")


@dataclass(frozen=True)
class _State:
    """What is known of a person's joints.

    Attributes:
        time: of the last frame, s.
        joints: (11, 2) steadied, image pixels.
        velocities: (11, 2) averaged, image pixels per second.
    """

    time: float
    joints: Floats
    velocities: Floats


class Smoother:
    """Steadies the joints of people who are followed, each on their own."""

    def __init__(self) -> None:
        self._states: dict[int, _State] = {}

    def __call__(self, poses: Sequence[Pose], time: float, smoothing: Smoothing) -> list[Pose]:
        """A frame's people with their joints steadied; scores stay.

        Args:
            poses: followed, joints in image pixels.
            time: of the frame, s, by a clock that all frames of a video share. A frame that is not
                later than the last, or much later, starts anew.
            smoothing: how much.
        """
        if smoothing.time == 0:
            self._states.clear()
            return list(poses)
        before = self._states
        self._states = {
            p.track_id: _next(before.get(p.track_id), p, time, smoothing) for p in poses
        }
        return [
            replace(pose, joints=self._states[pose.track_id].joints.astype(np.float32))
            for pose in poses
        ]

    def forget(self) -> None:
        """Starts everybody anew."""
        self._states.clear()


def _next(state: _State | None, pose: Pose, time: float, smoothing: Smoothing) -> _State:
    found = pose.joints.astype(np.float64)
    if state is None or not 0 < time - state.time <= LONGEST_GAP:
        return _State(time, found, np.zeros_like(found))
    passed = time - state.time
    velocities = _averaged(state.velocities, (found - state.joints) / passed, passed, SPEED_TIME)
    x0, y0, x1, y1 = pose.box
    length = max(float(x1 - x0), float(y1 - y0), 1.0)
    speeds = np.linalg.norm(velocities, axis=1, keepdims=True) / length
    times = smoothing.time / (1 + speeds / smoothing.speed)
    return _State(time, _averaged(state.joints, found, passed, times), velocities)


def _averaged(old: Floats, new: Floats, passed: float, time: float | Floats) -> Floats:
    """Exponential average with a time constant, s."""
    share = passed / (passed + time)
    averaged: Floats = old + share * (new - old)
    return averaged

"""Smoothing of joints: a low-pass filter whose time constant shrinks with a joint's speed.

Casiez, Roussel and Vogel, "1 Euro Filter: A Simple Speed-based Low-pass Filter for Noisy Input in
Interactive Systems", CHI 2012.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mobilepose_core.errors import check_number
from mobilepose_core.inference.tracking.frame_size import rescaled, scale_between
from mobilepose_core.pose import Pose, boxes_of
from mobilepose_core.typing import Float64Array, ImageSize

SPEED_TIME = 1 / (2 * math.pi)
"""Time constant of the speed's average, s: the paper's cut-off of 1 Hz."""

LONGEST_GAP = 0.5
"""The filter restarts for a person who was unseen for longer, s."""


LEAST_SPEED = 1e-6
"""Of `Smoothing.speed`, at 0 of which nothing would be smoothed."""


@dataclass(frozen=True)
class Smoothing:
    """How much joints are smoothed.

    Attributes:
        time: time constant for a joint at rest, s; 0 turns smoothing off.
        speed: at which the time constant is halved, in lengths of the person's box per second; at
            three times the speed it is a quarter, and so on.
    """

    time: float = 0.0
    speed: float = 0.5

    def __post_init__(self) -> None:
        """Raises MobilePoseError for a value that smoothing cannot use."""
        check_number("time of smoothing", self.time, 0)
        check_number("speed of smoothing", self.speed, LEAST_SPEED)


@dataclass(frozen=True)
class _State:
    """The filter's state after a frame.

    Attributes:
        time: of the frame, s.
        size: of the frame; None if unknown.
        rows: row of each person in the arrays, by track ID.
        joints: (P, K, 2) smoothed, image pixels.
        velocities: (P, K, 2) averaged, image pixels per second.
    """

    time: float
    size: ImageSize | None
    rows: dict[int, int]
    joints: Float64Array
    velocities: Float64Array

    def resized(self, size: ImageSize | None) -> _State:
        """The state in a frame of another size."""
        scale = scale_between(self.size, size)
        if scale is None:
            return self
        return _State(
            self.time, size, self.rows, rescaled(self.joints, scale), self.velocities * scale
        )


class Smoother:
    """Smooths the joints of each tracked person.

    Attributes:
        state: after the last frame; None if the filter restarts.
    """

    def __init__(self) -> None:
        self.state: _State | None = None

    def __call__(
        self,
        poses: Sequence[Pose],
        time: float,
        smoothing: Smoothing,
        size: ImageSize | None = None,
    ) -> list[Pose]:
        """A frame's poses with smoothed joints; scores do not change.

        Args:
            poses: of tracked people, joints in image pixels.
            time: of the frame, s, by a clock that all frames of a video share. At an equal time
                joints keep their position; a frame that is earlier than the last, or much later,
                restarts the filter.
            smoothing: how much.
            size: of the frame; None if it never changes.
        """
        if smoothing.time == 0 or not poses:
            self.forget()
            return list(poses)
        before = None if self.state is None else self.state.resized(size)
        self.state = _next(before, poses, time, smoothing, size)
        smooth = self.state.joints.astype(np.float32)
        return [replace(p, joints=joints) for p, joints in zip(poses, smooth, strict=True)]

    def forget(self) -> None:
        """Restarts the filter for everyone."""
        self.state = None


def _next(
    before: _State | None,
    poses: Sequence[Pose],
    time: float,
    smoothing: Smoothing,
    size: ImageSize | None,
) -> _State:
    ids = [pose.track_id for pose in poses]
    joints = np.array([pose.joints for pose in poses], dtype=np.float64)
    state = _State(time, size, {i: row for row, i in enumerate(ids)}, joints, np.zeros_like(joints))
    if before is None or not 0 <= time - before.time <= LONGEST_GAP:
        return state
    known = [row for row, i in enumerate(ids) if i in before.rows]
    if not known:
        return state
    rows, passed = [before.rows[ids[row]] for row in known], time - before.time
    found, last = joints[known], before.joints[rows]
    if passed == 0:
        joints[known], state.velocities[known] = last, before.velocities[rows]
        return state
    velocities = _averaged(before.velocities[rows], (found - last) / passed, passed, SPEED_TIME)
    boxes = boxes_of(poses)[known]
    lengths = (boxes[:, 2:] - boxes[:, :2]).max(axis=1, initial=1)[:, None, None]
    speeds = np.linalg.norm(velocities, axis=2, keepdims=True) / lengths
    times = smoothing.time / (1 + speeds / smoothing.speed)
    joints[known], state.velocities[known] = _averaged(last, found, passed, times), velocities
    return state


def _averaged(
    old: Float64Array, new: Float64Array, passed: float, time: float | Float64Array
) -> Float64Array:
    """Exponential average with a time constant, s."""
    share = passed / (passed + time)
    averaged: Float64Array = old + share * (new - old)
    return averaged

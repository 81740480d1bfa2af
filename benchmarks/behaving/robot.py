"""A robot that follows a pose as Nav2's following server documents it.

The server filters the poses of the target, keeps a distance from the filtered one and drives by the
law of Park and Kuipers, "A smooth control law for graceful motion of differential wheeled mobile
robots in 2D environment", ICRA 2011. This one stops where it is too near.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from mobilepose_core.behaviour import CameraPose
from mobilepose_core.typing import Float64Array

DETECTION_TIMEOUT = 2.0
"""The server's `detection_timeout`: an older pose is not followed, s."""

FILTER_COEFFICIENT = 0.1
"""The server's `filter_coef`: share of a pose in the filtered one, at each step of 20 ms."""

PROJECTION = 0.25
"""The server drives to a point so much nearer than the distance to keep, m."""

TOLERANCE = 0.15
"""The server's `linear_tolerance`, m, and `angular_tolerance`, radians."""

K_PHI, K_DELTA, BETA, LAMBDA, SLOWDOWN = 3.0, 2.0, 0.4, 2.0, 0.25
"""The controller's defaults."""

FASTEST, TURNING = 1.4, 1.5
"""Of the robot, m/s and radians/s."""

SPEEDING_UP, TURNING_UP = 1.5, 4.0
"""Of the robot, m/s^2 and radians/s^2."""

ODOMETRY_ERROR = 0.02
"""Share by which odometry is wrong, of ways and of turns."""

OPTICAL = np.array([[0, 0, 1], [-1, 0, 0], [0, -1, 0]], np.float64)
"""From an optical frame that looks along x to REP-103's axes."""


@dataclass
class Planar:
    """A place on the floor and a heading.

    Attributes:
        x, y: m.
        yaw: radians, counter-clockwise from x.
    """

    x: float = 0.0
    y: float = 0.0
    yaw: float = 0.0

    def move(self, way: float, turn: float) -> None:
        """Moves ahead by m, and turns by radians."""
        self.yaw = math.remainder(self.yaw + turn, 2 * math.pi)
        self.x += way * math.cos(self.yaw)
        self.y += way * math.sin(self.yaw)

    def camera(self, height: float) -> CameraPose:
        """Of a camera that looks ahead."""
        cos, sin = math.cos(self.yaw), math.sin(self.yaw)
        turn = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])
        return CameraPose(turn @ OPTICAL, np.array([self.x, self.y, height]))


@dataclass
class FollowingRobot:
    """Drives on a floor without obstacles.

    Attributes:
        distance: to keep, m.
        real: where it is.
        odometry: where it thinks it is.
    """

    distance: float
    real: Planar = field(default_factory=Planar)
    odometry: Planar = field(default_factory=Planar)
    _filtered: Float64Array | None = None
    _detected: tuple[float, Float64Array] | None = None
    _speed: float = 0.0
    _turning: float = 0.0

    def detect(self, stamp: float, place: Float64Array) -> None:
        """Takes a target pose: its stamp, s, and its place in the frame of the odometry, m."""
        self._detected = stamp, place[:2]

    def step(self, now: float, step: float) -> None:
        """Drives for a moment, s."""
        speed, turning = self._command(now)
        speeding, curving = SPEEDING_UP * step, TURNING_UP * step
        self._speed += min(max(speed - self._speed, -speeding), speeding)
        self._turning += min(max(turning - self._turning, -curving), curving)
        way, turn = self._speed * step, self._turning * step
        self.real.move(way, turn)
        self.odometry.move(way * (1 + ODOMETRY_ERROR), turn * (1 + ODOMETRY_ERROR))

    def _command(self, now: float) -> tuple[float, float]:
        if self._detected is None or now - self._detected[0] > DETECTION_TIMEOUT:
            self._filtered = None
            return 0.0, 0.0
        target, before = self._detected[1], self._filtered
        self._filtered = (
            target if before is None else before + FILTER_COEFFICIENT * (target - before)
        )
        ahead = self._filtered - (self.odometry.x, self.odometry.y)
        away = float(np.hypot(*ahead))
        bearing = math.remainder(math.atan2(ahead[1], ahead[0]) - self.odometry.yaw, 2 * math.pi)
        left = away - self.distance
        if abs(left) < TOLERANCE and abs(bearing) < TOLERANCE:
            return 0.0, 0.0
        left += PROJECTION
        if left < 0.05:  # too near: turns on the spot
            return 0.0, min(max(K_DELTA * bearing, -TURNING), TURNING)
        curvature = (K_DELTA * bearing + (1 + K_PHI) * math.sin(bearing)) / left
        speed = FASTEST / (1 + BETA * abs(curvature) ** LAMBDA)
        speed = min(speed, FASTEST * left / SLOWDOWN)
        return speed, min(max(curvature * speed, -TURNING), TURNING)

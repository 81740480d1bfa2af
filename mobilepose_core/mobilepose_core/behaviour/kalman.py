"""A Kalman filter of place and velocity in space, at constant velocity with random acceleration.

Bar-Shalom, Li and Kirubarajan, "Estimation with Applications to Tracking and Navigation", 2001,
chapter 6.2: white-noise acceleration. Written out because it is short: filterpy, the package for
it, had its last release in 2018.
"""

from __future__ import annotations

import numpy as np

from mobilepose_core.typing import Float64Array, FloatArray

ACCELERATION = 1.0
"""Power of people's acceleration, m^2/s^3: velocity changes by 1 m/s within a second."""

SPEED = 1.0
"""Standard deviation of the velocity of somebody who was just seen, m/s along each axis."""

_EYE: Float64Array = np.eye(3)


class ConstantVelocity:
    """Place and velocity of one person.

    Attributes:
        time: of the state, s.
        state: (6,) place, m, and velocity, m/s.
        covariance: (6, 6) of the state.
    """

    def __init__(
        self,
        time: float,
        place: FloatArray,
        covariance: FloatArray,
        speed: float = SPEED,
        acceleration: float = ACCELERATION,
    ) -> None:
        """Begins at a first measurement (3,) with its covariance (3, 3)."""
        self.time = time
        self.state = np.concatenate([np.asarray(place, np.float64), np.zeros(3)])
        self.covariance = np.zeros((6, 6))
        self.covariance[:3, :3] = covariance
        self.covariance[3:, 3:] = speed**2 * np.eye(3)
        self._acceleration = acceleration

    def predict(self, time: float) -> tuple[Float64Array, Float64Array]:
        """State (6,) and covariance (6, 6) at a time, s; an earlier one is that of now."""
        step = max(0.0, time - self.time)
        move = np.eye(6)
        move[:3, 3:] = step * _EYE
        noise = np.empty((6, 6))
        noise[:3, :3] = step**3 / 3 * _EYE
        noise[:3, 3:] = noise[3:, :3] = step**2 / 2 * _EYE
        noise[3:, 3:] = step * _EYE
        noise *= self._acceleration
        return move @ self.state, move @ self.covariance @ move.T + noise

    def move(self, turn: FloatArray, shift: FloatArray) -> None:
        """Goes over to another frame: (3, 3) rotation and (3,) translation into it, m."""
        both = np.zeros((6, 6))
        both[:3, :3] = both[3:, 3:] = turn
        self.state = both @ self.state
        self.state[:3] += shift
        self.covariance = both @ self.covariance @ both.T

    def innovation(self, time: float, place: FloatArray, covariance: FloatArray) -> float:
        """Normalised innovation squared (NIS) of a measurement: chi-square of 3 if it fits."""
        state, predicted = self.predict(time)
        apart = place - state[:3]
        return float(apart @ np.linalg.solve(predicted[:3, :3] + covariance, apart))

    def update(self, time: float, place: FloatArray, covariance: FloatArray) -> None:
        """Takes a measurement (3,) m with its covariance (3, 3)."""
        state, predicted = self.predict(time)
        gain = np.linalg.solve(predicted[:3, :3] + covariance, predicted[:3]).T
        keep = np.eye(6)
        keep[:, :3] -= gain
        self.time = max(self.time, time)
        self.state = state + gain @ (place - state[:3])
        self.covariance = keep @ predicted @ keep.T + gain @ covariance @ gain.T

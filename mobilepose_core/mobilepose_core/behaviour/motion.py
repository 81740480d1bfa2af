"""One person's place over time: filtered, predicted to any time, begun anew after a gap.

What is systematic in a position (how tall the person is) is kept out of the filter, which would
average it away, and is added to the covariance of the answer.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mobilepose_core.behaviour.kalman import ConstantVelocity
from mobilepose_core.behaviour.position import Position
from mobilepose_core.typing import Float64Array, FloatArray

GATE = 16.27
"""NIS above which a position is not that person's: one in a thousand is (chi-square of 3)."""

MOST_REJECTED = 5
"""So many positions in a row outside the gate begin the filter anew: the person is there."""

LONGEST_GAP = 1.5
"""Without a position for longer, nobody knows where the person is, s: the filter begins anew with
the next one."""


@dataclass(frozen=True, eq=False)
class Motion:
    """Where somebody is, and how they move.

    Attributes:
        time: of this, s.
        place: (3,) m in the optical frame.
        velocity: (3,) m/s, relative to the camera, or to the world where `Behaviour.move` tells how
            the camera moves.
        covariance: (3, 3) m^2 of the place.
        velocity_covariance: (3, 3) m^2/s^2.
        source: of the last position.
    """

    time: float
    place: Float64Array
    velocity: Float64Array
    covariance: Float64Array
    velocity_covariance: Float64Array
    source: str


class PersonFilter:
    """Filters the positions of one person."""

    def __init__(self) -> None:
        """Knows nothing yet."""
        self._filter: ConstantVelocity | None = None
        self._last: Position | None = None
        self._rejected = 0

    def update(self, time: float, position: Position) -> bool:
        """Takes a position.

        Args:
            time: of the image, s.
            position: of the person in it.

        Returns:
            Whether it was taken: not if it is of an earlier time, outside the gate, or not finite.
        """
        if not np.isfinite([position.place, *position.covariance]).all():
            return False
        if self._filter is None or self._last is None:
            self._begin(time, position)
            return True
        if time < self._filter.time:
            return False
        if time - self._filter.time > LONGEST_GAP:
            self._begin(time, position)
            return True
        changes = self._last.source != position.source
        bias = self._last.bias + position.bias if changes else np.zeros((3, 3))
        if self._filter.innovation(time, position.place, position.noise + bias) > GATE:
            self._rejected += 1
            if self._rejected >= MOST_REJECTED:
                self._begin(time, position)
            return self._rejected == 0
        if changes:  # the old place was off by another bias than the new one is
            self._filter.covariance[:3, :3] += bias
        self._filter.update(time, position.place, position.noise)
        self._last, self._rejected = position, 0
        return True

    def move(self, turn: FloatArray, shift: FloatArray) -> None:
        """Goes over to the optical frame after the camera moved; see `Behaviour.move`."""
        if self._filter is not None and self._last is not None:
            self._filter.move(turn, shift)
            self._last = replace(self._last, bias=turn @ self._last.bias @ turn.T)

    def at(self, time: float) -> Motion | None:
        """Place and velocity at a time, s, such as now, when an image is a little old already.

        None before the first position, and after `LONGEST_GAP` without one.
        """
        if self._filter is None or self._last is None or time - self._filter.time > LONGEST_GAP:
            return None
        state, covariance = self._filter.predict(time)
        return Motion(
            max(time, self._filter.time),
            state[:3],
            state[3:],
            covariance[:3, :3] + self._last.bias,
            covariance[3:, 3:],
            self._last.source,
        )

    def _begin(self, time: float, position: Position) -> None:
        self._filter = ConstantVelocity(time, position.place, position.noise)
        self._last, self._rejected = position, 0

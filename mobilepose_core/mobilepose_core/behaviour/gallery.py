"""How a person looks, and how others look who are not that person."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mobilepose_core.typing import FloatArray

Distance = Callable[[FloatArray, FloatArray], FloatArray]
"""Distances (P, Q) in [0, 1] of P appearances and Q others, as `appearance_distance` gives them."""

MOST_LOOKS = 12
"""Appearances that are kept of the target: front, back, in light and in shade."""

MOST_STRANGERS = 40

NEW_LOOK = 0.1
"""An appearance that differs less from a known one adds nothing."""


class Gallery:
    """Appearances of one person, and of strangers who were seen beside them."""

    def __init__(self, distance: Distance) -> None:
        """Knows no appearance yet."""
        self._distance = distance
        self._looks: list[FloatArray] = []
        self._strangers: list[FloatArray] = []

    @property
    def is_empty(self) -> bool:
        """Whether nothing is known of the person."""
        return not self._looks

    def distance(self, appearance: FloatArray) -> float:
        """To the most similar appearance of the person; 1 if none is known."""
        return self._least(self._looks, appearance)

    def distance_to_strangers(self, appearance: FloatArray) -> float:
        """To the most similar stranger; 1 if none is known."""
        return self._least(self._strangers, appearance)

    def add(self, appearance: FloatArray) -> None:
        """Another appearance of the person."""
        if self.distance(appearance) >= NEW_LOOK or not self._looks:
            self._looks.append(appearance)
            del self._looks[1 : max(1, len(self._looks) - MOST_LOOKS + 1)]  # the first stays

    def add_stranger(self, appearance: FloatArray) -> None:
        """The appearance of somebody else."""
        if self.distance_to_strangers(appearance) >= NEW_LOOK or not self._strangers:
            self._strangers = [*self._strangers, appearance][-MOST_STRANGERS:]

    def _least(self, known: list[FloatArray], appearance: FloatArray) -> float:
        if not known:
            return 1.0
        return float(self._distance(np.array(known), appearance[None]).min())

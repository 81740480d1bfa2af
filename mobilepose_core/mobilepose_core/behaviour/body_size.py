"""How long a person's limbs are: an adult's proportions, and as measured from joints in space.

Proportions are those of Winter, "Biomechanics and Motor Control of Human Movement", 4th ed., figure
4.1, in statures; hips are as wide as data sets mark them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields

import numpy as np

from mobilepose_core import heading
from mobilepose_core.behaviour.body import SIDES
from mobilepose_core.behaviour.ranges import TORSO_LENGTH
from mobilepose_core.typing import FloatArray

TORSO = 0.288
"""From the middle of the shoulder joints to that of the hip joints."""

UPPER_ARM, FOREARM, THIGH, SHIN = 0.176, 0.146, 0.245, 0.246

HIP_WIDTH = 0.11
"""Between the hip joints."""

NECK, HEAD = 0.05, 0.132
"""From the middle of the shoulders to where the head turns, and from there to its top."""

EYES = (0.07, 0.075)
"""How far the eyes are before and above where the head turns."""

PLAUSIBLE = (0.3, 1.5)
"""Shortest and longest limbs that are measured, relative to an adult's."""

WINDOW = 128
"""Images that a length is the median of."""

NOTICEABLE = 0.1
"""A change of a length by this share is worth another model. An image's length is off by 10 to 15 %
(2 to 4 cm at both ends), the median of 32 images by 3 %: noise alone rarely gets there, and less is
not seen beside the joints' own noise."""


@dataclass(frozen=True)
class BodySize:
    """The lengths of a kinematic model, between joints, m.

    Attributes:
        torso: from the middle of the hips to that of the shoulders.
        shoulder_width, hip_width: from left to right.
        upper_arm, forearm, thigh, shin: of both sides.
    """

    torso: float
    shoulder_width: float
    hip_width: float
    upper_arm: float
    forearm: float
    thigh: float
    shin: float

    @classmethod
    def of_torso(cls, length: float) -> BodySize:
        """With an adult's proportions, by the length of the torso, m."""
        stature = length / TORSO
        return cls(
            length,
            heading.SHOULDERS * length,
            HIP_WIDTH * stature,
            UPPER_ARM * stature,
            FOREARM * stature,
            THIGH * stature,
            SHIN * stature,
        )

    @property
    def stature(self) -> float:
        """How tall somebody with that torso is by an adult's proportions, m."""
        return self.torso / TORSO


ADULT = BodySize.of_torso(TORSO_LENGTH)
"""The size of somebody who was not measured."""

_NAMES = tuple(row.name for row in fields(BodySize))


class SizeEstimate:
    """Measures one person over time, and says when a model of them needs other lengths.

    Images are looked at when their number has doubled, and later every `WINDOW`: a model is made
    anew a few times at first, while the medians settle, and rarely afterwards.

    Attributes:
        size: the latest that was told; an adult's before.
    """

    def __init__(self) -> None:
        """Has measured nothing yet."""
        self.size = ADULT
        self._lengths = {name: deque[float](maxlen=WINDOW) for name in _NAMES}
        self._images = 0
        self._next_look = 1

    def update(self, places: Mapping[str, FloatArray]) -> BodySize | None:
        """Takes the joints of an image.

        Args:
            places: (3,) m of the joints that are known, by name.

        Returns:
            The size for a new model: with the first measurement of the torso, and when a length has
            changed noticeably since; otherwise None. What is not measured has the proportions of an
            adult with that torso.
        """
        for name, length in _measured(places):
            low, high = (share * getattr(ADULT, name) for share in PLAUSIBLE)
            if low <= length <= high:
                self._lengths[name].append(length)
        torso = self._lengths["torso"]
        if not torso:
            return None
        self._images += 1
        if self._images < self._next_look:
            return None
        is_first = self._images == 1
        self._next_look += min(self._images, WINDOW)
        size = self._median()
        changes = [abs(getattr(size, name) / getattr(self.size, name) - 1) for name in _NAMES]
        if not is_first and max(changes) < NOTICEABLE:
            return None
        self.size = size
        return size

    def _median(self) -> BodySize:
        medians = {
            name: float(np.median(lengths)) for name, lengths in self._lengths.items() if lengths
        }
        guess = BodySize.of_torso(medians["torso"])
        return BodySize(*(medians.get(name, getattr(guess, name)) for name in _NAMES))


def _measured(places: Mapping[str, FloatArray]) -> Iterator[tuple[str, float]]:
    middles = {}
    for part, name in (("shoulder", "shoulder_width"), ("hip", "hip_width")):
        left, right = (places.get(f"{side}_{part}") for side in SIDES)
        if left is not None and right is not None:
            middles[part] = (left + right) / 2
            yield name, _distance(left, right)
    if len(middles) == 2:
        yield "torso", _distance(*middles.values())
    for side in SIDES:
        for name, start, end in (
            ("upper_arm", "shoulder", "elbow"),
            ("forearm", "elbow", "wrist"),
            ("thigh", "hip", "knee"),
            ("shin", "knee", "ankle"),
        ):
            one, other = places.get(f"{side}_{start}"), places.get(f"{side}_{end}")
            if one is not None and other is not None:
                yield name, _distance(one, other)


def _distance(one: FloatArray, other: FloatArray) -> float:
    return float(np.linalg.norm(one - other))

"""Which way a torso faces, and whether that is towards the camera.

A heading is the turn from facing the camera, seen from above, counter-clockwise for the person:
0 faces the camera, 90 degrees the picture's right, 180 degrees away from the camera
(`mobilepose_core.heading` has the same convention).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mobilepose_core import heading as upper_body
from mobilepose_core.behaviour.body import EARS, FACE, Body
from mobilepose_core.behaviour.camera import LEVEL_UP, cross, unit
from mobilepose_core.typing import Float64Array, FloatArray

FACING = math.radians(45)
"""Somebody whose torso is turned less than this faces the camera."""

MOST_DEVIATION = 1.2
"""A heading that is less sure than this, radians, says nothing."""

WIDTH_SPREAD = 0.1
"""Of the shoulders' width in torso lengths, as a share."""

WIDTH_NOISE = 0.14
"""Of the cosine, by joints that are off by 0.06 torso lengths each."""

NARROWEST, WIDEST = 0.18, 0.6
"""Shoulders nearer in space than this are one seen twice, farther are not one person's, m."""

PLACE_DEVIATION = 0.04
"""Of a shoulder or hip in space, m."""

TURNING = 1.0
"""People turn by so much within a second, radians; it grows with the root of time."""

CONTRADICTIONS = 5
"""So many headings in a row that contradict the filtered one replace it."""

CLEAR = 0.4
"""Cosine from which shoulders say that somebody is seen from the front, or from behind."""


@dataclass(frozen=True)
class TorsoHeading:
    """A turn from facing the camera.

    Attributes:
        angle: radians, in (-pi, pi].
        deviation: its standard deviation, radians.
    """

    angle: float
    deviation: float

    @property
    def cosine(self) -> float:
        """1 faces the camera, -1 shows their back."""
        return math.cos(self.angle)

    @property
    def sine(self) -> float:
        """1 faces the picture's right."""
        return math.sin(self.angle)

    def facing_score(self, limit: float = FACING) -> float:
        """Probability that the turn is less than a limit, radians."""
        scale = math.sqrt(2) * max(self.deviation, 1e-3)
        turns = (self.angle - 2 * math.pi, self.angle, self.angle + 2 * math.pi)
        below = sum(math.erf((limit - a) / scale) - math.erf((-limit - a) / scale) for a in turns)
        return min(1.0, below / 2)

    def direction(self, ray: FloatArray, up: FloatArray = LEVEL_UP) -> Float64Array:
        """(3,) horizontal unit vector in the optical frame: where the torso faces.

        NaN for somebody straight above or below the camera.

        Args:
            ray: (3,) towards the person.
            up: (3,) against gravity.
        """
        towards, right = _axes(ray, up)
        return self.cosine * towards + self.sine * right


def heading_of(body: Body, up: FloatArray = LEVEL_UP) -> TorsoHeading | None:
    """The heading by all that is known: the network's, joints in space, joints in the image."""
    found = (of_network(body), in_space(body, up), in_picture(body))
    return combined([one for one in found if one is not None])


def beyond_picture(body: Body, up: FloatArray = LEVEL_UP) -> TorsoHeading | None:
    """The heading without the shoulders' width in the image; see `position.locate`."""
    found = (of_network(body), in_space(body, up))
    return combined([one for one in found if one is not None])


def of_network(body: Body) -> TorsoHeading | None:
    """As the pose network tells it: its length is that of a mean of directions."""
    if body.heading is None or not np.isfinite(body.heading).all():
        return None
    cosine, sine = (float(value) for value in body.heading)
    length = min(max(math.hypot(cosine, sine), 1e-6), 0.995)
    return _sure(math.atan2(sine, cosine), math.sqrt(-2 * math.log(length)))


def in_space(body: Body, up: FloatArray = LEVEL_UP) -> TorsoHeading | None:
    """By the places of shoulders and hips."""
    pairs = [
        (body.places[f"left_{part}"], body.places[f"right_{part}"])
        for part in ("shoulder", "hip")
        if {f"left_{part}", f"right_{part}"} <= body.places.keys()
    ]
    across = [left - right for left, right in pairs]
    level = [one - (one @ up) * up for one in across]
    kept = [one for one in level if NARROWEST <= np.linalg.norm(one) <= WIDEST]
    if not kept:
        return None
    total = np.sum(kept, axis=0)
    length = float(np.linalg.norm(total))
    if not length > 0:
        return None
    towards, right = _axes(np.mean([left + right for left, right in pairs], axis=0), up)
    faces = cross(total, up)
    angle = math.atan2(float(faces @ right), float(faces @ towards))
    return _sure(angle, PLACE_DEVIATION * math.sqrt(2 * len(kept)) / length)


def in_picture(body: Body) -> TorsoHeading | None:
    """By the width of the shoulders in torso lengths, and by the nose; None without the torso.

    A face that is not seen between shoulders as from the front, or seen between those of a back, is
    a contradiction: then nothing is said.
    """
    torso = body.torso
    if torso is None or not torso.any():
        return None
    length = float(np.hypot(*torso))
    across = np.array([-torso[1], torso[0]]) / length**2
    apart = body.points["left_shoulder"] - body.points["right_shoulder"]
    cosine = float(apart @ across) / upper_body.SHOULDERS
    face = [name for name in FACE if name in body.scores]
    shown = sum(body.has(name) for name in face)
    if face and ((cosine > CLEAR and not shown) or (cosine < -CLEAR and shown == len(face))):
        return None
    turn = math.acos(min(max(cosine, -1.0), 1.0))
    noise = math.hypot(WIDTH_SPREAD * cosine, WIDTH_NOISE)
    deviation = noise / max(math.sin(turn), math.sqrt(noise))
    side = _side(body, across)
    if side:
        return _sure(side * turn, deviation)
    nearest = 0.0 if cosine > 0 else math.pi
    return _sure(nearest, math.hypot(abs(turn - nearest), deviation))


def _side(body: Body, across: FloatArray) -> int:
    """1 for a nose right of the middle of ears or shoulders, -1 left of it, 0 where unclear."""
    middle = body.middle("shoulder")
    if not body.has("nose") or middle is None:
        return 0
    if body.has(*EARS):
        middle = np.mean([body.points[name] for name in EARS], axis=0)
    aside = float((body.points["nose"] - middle) @ across)
    return 0 if abs(aside) < upper_body.LEAST_OFFSET else 1 if aside > 0 else -1


def combined(headings: Sequence[TorsoHeading]) -> TorsoHeading | None:
    """The mean by inverse variance, the surest first; one that contradicts it is left out."""
    if not headings:
        return None
    first, *others = sorted(headings, key=lambda one: one.deviation)
    angle, precision = first.angle, first.deviation**-2
    for other in others:
        apart = wrapped(other.angle - angle)
        if abs(apart) <= 3 * math.hypot(other.deviation, precision**-0.5):
            precision += other.deviation**-2
            angle += apart * other.deviation**-2 / precision
    return TorsoHeading(wrapped(angle), precision**-0.5)


class HeadingFilter:
    """One person's heading over time; a turn round at once is believed if it stays.

    Attributes:
        heading: at the last update; None before the first.
    """

    def __init__(self) -> None:
        """Knows nothing yet."""
        self.heading: TorsoHeading | None = None
        self._time = 0.0
        self._contradicted = 0

    def update(self, time: float, seen: TorsoHeading | None) -> TorsoHeading | None:
        """The heading at a time, s, after what was seen then, which may be nothing."""
        step, self._time = max(0.0, time - self._time), max(time, self._time)
        if self.heading is not None:
            spread = math.hypot(self.heading.deviation, TURNING * math.sqrt(step))
            self.heading = _sure(self.heading.angle, spread)
        if seen is None or self.heading is None:
            self.heading = self.heading or seen
            return self.heading
        apart = abs(wrapped(seen.angle - self.heading.angle))
        is_other = apart > 3 * math.hypot(seen.deviation, self.heading.deviation)
        self._contradicted = self._contradicted + 1 if is_other else 0
        if not is_other:
            self.heading = combined([self.heading, seen])
        elif self._contradicted >= CONTRADICTIONS:
            self.heading, self._contradicted = seen, 0
        return self.heading


def wrapped(angle: float) -> float:
    """An angle in [-pi, pi], radians."""
    return math.remainder(angle, 2 * math.pi)


def _axes(ray: FloatArray, up: FloatArray) -> tuple[Float64Array, Float64Array]:
    """(3,) horizontal unit vectors: towards the camera, and to the picture's right.

    NaN for somebody straight above or below the camera, for whom neither exists.
    """
    level = ray - (ray @ up) * up
    level = unit(level) if level.any() else np.full(3, np.nan)
    return -level, cross(level, up)


def _sure(angle: float, deviation: float) -> TorsoHeading | None:
    is_sure = math.isfinite(angle) and deviation <= MOST_DEVIATION
    return TorsoHeading(wrapped(angle), deviation) if is_sure else None

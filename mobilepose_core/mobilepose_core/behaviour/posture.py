"""Standing, sitting, lying, bent, from the directions of torso, thighs and shanks relative to up.

Without knees only the torso speaks: `upright`, `lying` or `bent`. Where it points at the camera,
the picture does not tell, and the posture is unknown.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mobilepose_core.behaviour.body import SIDES, Body, ramp
from mobilepose_core.behaviour.camera import LEVEL_UP, PICTURE_UP
from mobilepose_core.typing import FloatArray

STANDING, SITTING, LYING, BENT, UPRIGHT = "standing", "sitting", "lying", "bent", "upright"
POSTURES = (STANDING, SITTING, LYING, BENT, UPRIGHT)
UNKNOWN = "unknown"

LEAST_SCORE = 0.5
"""A posture that scores less is unknown."""

UPRIGHT_TILT = (math.radians(55), math.radians(35))
"""Tilt of a torso from up: surely not upright, surely."""

RECLINED_TILT = (math.radians(75), math.radians(50))
"""Likewise of somebody who sits."""

LYING_TILT = (math.radians(55), math.radians(75))
"""Surely not lying, surely."""

LYING_TILT_ALONE = (math.radians(65), math.radians(85))
"""Likewise where no legs are seen: it may be bent deeply."""

UPSIDE_DOWN = (math.radians(140), math.radians(120))
"""Surely upside down, surely not."""

THIGH_DROP = (0.25, 0.6)
"""How far the knee is below the hip, torso lengths: surely sits, surely stands."""

THIGH_RATIO = (0.35, 0.7)
"""The same in drops of the shank, which a torso that leans does not change."""

SHANK_DROP = (0.15, 0.5)
"""How far the ankle is below the knee: surely kneels, surely stands."""

FORESHORTENED = (1.2, 0.95)
"""Width of the shoulders in torso lengths: the torso surely points at the camera, surely not."""

STANDING_HEIGHT = (0.62, 0.76)
"""Of the hips above the ground, m: surely not standing, surely."""

FLOOR_HEIGHT = (0.45, 0.3)
"""Surely not lying on the floor, surely may be."""

SEAT_HEIGHT = (0.75, 0.65)
"""Surely not sitting, surely may be."""


@dataclass(frozen=True)
class BodyAngles:
    """What the joints say of a posture.

    Attributes:
        tilt: of the torso from up, radians.
        thigh_drop: how far knees are below hips, torso lengths; None if no leg is seen.
        shank_drop: how far ankles are below knees; None likewise.
        shoulder_width: torso lengths.
    """

    tilt: float
    thigh_drop: float | None
    shank_drop: float | None
    shoulder_width: float


def stance(body: Body, up: FloatArray = PICTURE_UP) -> BodyAngles | None:
    """By the picture; None unless shoulders and hips are seen."""
    torso = body.torso
    if torso is None or not torso.any():
        return None
    length = float(np.hypot(*torso))
    across = body.points["left_shoulder"] - body.points["right_shoulder"]
    return BodyAngles(
        _angle(torso, up),
        _drop(body, "hip", "knee", up, length),
        _drop(body, "knee", "ankle", up, length),
        float(np.hypot(*across)) / length,
    )


def stance_in_space(body: Body, up: FloatArray = LEVEL_UP) -> BodyAngles | None:
    """By places, m; None unless shoulders and hips have theirs."""
    places = body.places
    if not all(f"{side}_{part}" in places for side in SIDES for part in ("shoulder", "hip")):
        return None
    shoulders, hips = (
        (places[f"left_{part}"] + places[f"right_{part}"]) / 2 for part in ("shoulder", "hip")
    )
    torso = shoulders - hips
    length = float(np.linalg.norm(torso))
    if not length > 0:
        return None
    drops = {
        part: [
            float((places[f"{side}_{part}"] - places[f"{side}_{below}"]) @ up) / length
            for side in SIDES
            if {f"{side}_{part}", f"{side}_{below}"} <= places.keys()
        ]
        for part, below in (("hip", "knee"), ("knee", "ankle"))
    }
    thigh, shank = (max(drops[part], default=None) for part in ("hip", "knee"))
    return BodyAngles(_angle(torso, up), thigh, shank, 0.6)


def scores(stance: BodyAngles, hip_height: float | None = None) -> dict[str, float]:
    """How well each posture fits, in [0, 1].

    Args:
        stance: of the joints.
        hip_height: of the hips above the ground, m, where depth and gravity tell: it divides
            standing from sitting where legs are not seen.
    """
    seen = ramp(stance.shoulder_width, *FORESHORTENED)
    upright = ramp(stance.tilt, *UPRIGHT_TILT) * seen
    lying = LYING_TILT if stance.thigh_drop is not None else LYING_TILT_ALONE
    flat = ramp(stance.tilt, *lying) * ramp(stance.tilt, *UPSIDE_DOWN) * seen
    leaning = min(1 - ramp(stance.tilt, *UPRIGHT_TILT), ramp(stance.tilt, *UPSIDE_DOWN)) * seen
    if stance.thigh_drop is None:
        return _without_legs(upright, flat, leaning * (1 - flat), hip_height)
    thighs, shanks = ramp(stance.thigh_drop, *THIGH_DROP), 1.0
    if stance.shank_drop is not None:
        shanks = ramp(stance.shank_drop, *SHANK_DROP)
        if shanks:
            ratio = stance.thigh_drop / stance.shank_drop
            thighs = (thighs + ramp(ratio, *THIGH_RATIO)) / 2
    reclined = ramp(stance.tilt, *RECLINED_TILT) * seen
    found = {
        STANDING: upright * thighs * shanks,
        SITTING: reclined * (1 - thighs),
        LYING: flat * (1 - thighs),
        BENT: leaning * thighs,
        UPRIGHT: 0.0,
    }
    if hip_height is not None:
        found[STANDING] *= ramp(hip_height, *STANDING_HEIGHT)
        found[SITTING] *= ramp(hip_height, *SEAT_HEIGHT)
    return found


def _without_legs(
    upright: float, flat: float, leaning: float, hip_height: float | None
) -> dict[str, float]:
    if hip_height is None:
        return {STANDING: 0.0, SITTING: 0.0, LYING: flat, BENT: leaning, UPRIGHT: upright}
    stands = ramp(hip_height, *STANDING_HEIGHT)
    sits = ramp(hip_height, *SEAT_HEIGHT)
    return {
        STANDING: upright * stands,
        SITTING: upright * sits,
        LYING: flat * ramp(hip_height, *SEAT_HEIGHT),
        BENT: leaning * stands,
        UPRIGHT: upright * (1 - max(stands, sits)),
    }


def best(found: dict[str, float]) -> tuple[str, float]:
    """The posture that fits best and its score; `unknown` where none fits well."""
    name = max(found, key=lambda one: found[one])
    return (name, found[name]) if found[name] >= LEAST_SCORE else (UNKNOWN, found[name])


def _drop(body: Body, part: str, below: str, up: FloatArray, length: float) -> float | None:
    """Of the leg that reaches farther down; None if none is seen."""
    drops = [
        float((body.points[f"{side}_{part}"] - body.points[f"{side}_{below}"]) @ up) / length
        for side in SIDES
        if body.has(f"{side}_{part}", f"{side}_{below}")
    ]
    return max(drops, default=None)


def _angle(vector: FloatArray, up: FloatArray) -> float:
    cosine = float(vector @ up) / float(np.linalg.norm(vector))
    return math.acos(min(max(cosine, -1.0), 1.0))

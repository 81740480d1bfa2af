"""Gestures in one image by the geometry of the joints: scores in [0, 1], None where unknown.

Lengths are in torso lengths, up is a unit vector (2,) in the picture. A gesture whose joints are
not seen is unknown, which is not the same as absent. `hysteresis` makes states of scores over time.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mobilepose_core.behaviour.body import FACE, SIDES, Body, ramp
from mobilepose_core.behaviour.camera import PICTURE_UP, unit
from mobilepose_core.typing import Float64Array, FloatArray

NOSE_HEIGHT = 0.37
"""Of the nose above the shoulders, where it is not seen."""

RAISED = (-0.15, 0.25)
"""Height of a wrist above the nose: surely not raised, surely raised."""

AT_HEAD = (0.2, 0.5)
"""Distance of a wrist from the face: surely a phone, a hand at the head; surely away from it."""

STRAIGHT = (0.88, 0.97)
"""Cosine between upper arm and forearm: surely bent, surely straight."""

REACH = (0.7, 0.9)
"""Distance from shoulder to wrist: foreshortened too much to see a direction, surely not."""

LIFTED = (math.radians(50), math.radians(70))
"""Angle of an arm from hanging: surely hangs, surely points."""

OVERHEAD = (math.radians(155), math.radians(135))
"""Surely raised rather than pointing, surely not."""

UPRIGHT = (0.5, 0.77)
"""Cosine of the torso's tilt: somebody who lies or is bent surely leans on the arm, surely not."""

ON_ELBOW = (0.55, 0.35)
"""Distance of wrists from the opposite elbows, of both in the mean: surely not crossed, surely."""

LEVEL = (0.9, 0.65)
"""Sine of a forearm's slope from across the torso: surely not crossed, surely."""

LEAST_WIDTH = 0.3
"""Of the shoulders of somebody who is not seen from the side."""

EXCHANGED = (-0.1, 0.15)
"""How far the left wrist is on the right of the right one: surely not crossed, surely."""

LEAST_SWING = 0.25
"""A wrist has to go so far between two turns to count as waving."""

SWINGS = (2.0, 4.0)
"""Swings to one side within `WAVE_TIME`: surely not waving, surely."""

WAVE_TIME = 2.5
"""s."""

WAVE_AT_HEAD = (0.35, 0.6)
"""Distance of a waving wrist from the face: surely eats or scratches, surely waves."""

WAVE_HEIGHT = (-0.15, 0.1)
"""Height of a waving wrist above its shoulder: surely jogs or claps, surely waves."""


def raised(body: Body, side: str, up: FloatArray = PICTURE_UP) -> float | None:
    """Whether the left or the right hand is held up beside or above the head, not to it."""
    wrist, shoulder, length = f"{side}_wrist", f"{side}_shoulder", body.torso_length
    if length is None or not body.has(wrist, shoulder):
        return None
    face, middle = body.mean(FACE), body.middle("shoulder")
    if face is None or middle is None:
        height = _height(body.points[wrist] - body.points[shoulder], up, length) - NOSE_HEIGHT
        return ramp(height, *RAISED)
    height = _height(body.points[wrist] - face, up, length)
    away = float(np.hypot(*(body.points[wrist] - face))) / length
    return ramp(height, *RAISED) * ramp(away, *AT_HEAD)


def arms_crossed(body: Body) -> float | None:
    """Whether the arms are crossed before the chest: each wrist near the other side's elbow.

    None for somebody seen from the side, where hands that work before the body look alike.
    """
    length, torso = body.torso_length, body.torso
    names = [f"{side}_{part}" for side in SIDES for part in ("elbow", "wrist", "shoulder")]
    if length is None or not body.has(*names):
        return None
    points = body.points
    across = points["left_shoulder"] - points["right_shoulder"]
    if np.hypot(*across) < LEAST_WIDTH * length:
        return None
    apart = (points["right_wrist"] - points["left_wrist"]) @ unit(across) / length
    near = [points[f"{a}_wrist"] - points[f"{b}_elbow"] for a, b in (SIDES, SIDES[::-1])]
    distance = float(np.mean([np.hypot(*one) for one in near])) / length
    middle = (points["left_wrist"] + points["right_wrist"]) / 2
    shoulders = (points["left_shoulder"] + points["right_shoulder"]) / 2
    axis = unit(torso) if torso is not None else PICTURE_UP
    below = -_height(middle - shoulders, axis, length)
    at_chest = ramp(below, 0.1, 0.25) * ramp(below, 0.95, 0.8)
    fores = [points[f"{side}_wrist"] - points[f"{side}_elbow"] for side in SIDES]
    slope = max(abs(float(fore @ axis)) / max(float(np.hypot(*fore)), 1e-9) for fore in fores)
    level = ramp(slope, *LEVEL)
    return ramp(float(apart), *EXCHANGED) * ramp(distance, *ON_ELBOW) * at_chest * level


def pointing(body: Body, side: str, up: FloatArray = PICTURE_UP) -> float | None:
    """Whether an arm is stretched out to point, by places in space where these are known.

    An arm that points at the camera is too short in the picture to tell: without depth it is 0.
    Both arms stretched out point at nothing: see `pointing_arms`.
    """
    names = [f"{side}_{part}" for part in ("shoulder", "elbow", "wrist")]
    length = body.torso_length
    if length is None or not body.has(*names):
        return None
    upright = 1.0 if (torso := body.torso) is None else ramp(float(unit(torso) @ up), *UPRIGHT)
    if all(name in body.places for name in names) and (arm := _arm_in_space(body, names)):
        return upright * _stretched(arm)
    shoulder, elbow, wrist = (body.points[name] / length for name in names)
    return upright * _stretched(_Arm(elbow - shoulder, wrist - elbow, np.asarray(up)))


def pointing_arms(body: Body, up: FloatArray = PICTURE_UP) -> dict[str, float | None]:
    """`pointing` of both arms by side, where one that points makes the other's score lower."""
    alone = {side: pointing(body, side, up) for side in SIDES}
    left, right = alone["left"], alone["right"]
    if left is None or right is None:
        return alone
    return {"left": left * (1 - right), "right": right * (1 - left)}


@dataclass(frozen=True, eq=False)
class _Arm:
    upper: Float64Array
    fore: Float64Array
    up: Float64Array


def _arm_in_space(body: Body, names: Sequence[str]) -> _Arm | None:
    """Of about a torso's length; None where a place is not the arm's."""
    shoulder, elbow, wrist = (body.places[name] for name in names)
    hips = [body.places[name] for name in ("left_hip", "right_hip") if name in body.places]
    upper, fore = elbow - shoulder, wrist - elbow
    if not (upper.any() and fore.any()) or not hips:
        return None
    torso = np.mean([body.places[names[0]] - hip for hip in hips], axis=0)
    length = float(np.linalg.norm(torso))
    return _Arm(upper / length, fore / length, torso / length) if length > 0 else None


def _stretched(arm: _Arm) -> float:
    if not (arm.upper.any() and arm.fore.any()):
        return 0.0
    whole = arm.upper + arm.fore
    distance = float(np.linalg.norm(whole))
    straight = ramp(float(unit(arm.upper) @ unit(arm.fore)), *STRAIGHT)
    angle = math.acos(min(max(float(-whole @ arm.up) / distance, -1.0), 1.0)) if distance else 0.0
    return straight * ramp(distance, *REACH) * ramp(angle, *LIFTED) * ramp(angle, *OVERHEAD)


def pointing_direction(body: Body, side: str) -> Float64Array | None:
    """(2,) unit vector in the picture, from the shoulder to the wrist."""
    if not body.has(f"{side}_shoulder", f"{side}_wrist"):
        return None
    arm = body.points[f"{side}_wrist"] - body.points[f"{side}_shoulder"]
    return unit(arm) if arm.any() else None


def pointing_ray(body: Body, side: str) -> tuple[Float64Array, Float64Array] | None:
    """Where an arm points in space, by the line from the head through the hand.

    People point so (Nickel and Stiefelhagen, "Visual recognition of pointing gestures for
    human-robot interaction", Image and Vision Computing 25, 2007). From the shoulder where the face
    has no place.

    Returns:
        (3,) the wrist, m in the optical frame, and (3,) the unit vector; None without their places.
    """
    wrist = body.places.get(f"{side}_wrist")
    face = [body.places[name] for name in FACE if name in body.places]
    start = np.mean(face, axis=0) if face else body.places.get(f"{side}_shoulder")
    if wrist is None or start is None or not (wrist - start).any():
        return None
    return wrist, unit(wrist - start)


def hand(body: Body, side: str, up: FloatArray = PICTURE_UP) -> Float64Array | None:
    """(3,) a wrist beside its elbow, above its shoulder, and away from the face, for `waving`.

    Beside the elbow, because walking sways the shoulder too. In torso lengths; None where the arm
    is not seen, or the torso is not upright.
    """
    wrist, elbow, shoulder = (f"{side}_{part}" for part in ("wrist", "elbow", "shoulder"))
    length, torso, face = body.torso_length, body.torso, body.mean(FACE)
    if length is None or not body.has(wrist, elbow, shoulder):
        return None
    if torso is not None and unit(torso) @ up < UPRIGHT[0]:
        return None
    place = body.points[wrist]
    beside = (place - body.points[elbow]) @ (-up[1], up[0]) / length
    above = _height(place - body.points[shoulder], up, length)
    away = 1.0 if face is None else float(np.hypot(*(place - face))) / length
    return np.array([beside, above, away])


def waving(times: FloatArray, hands: FloatArray) -> float | None:
    """Whether a hand that is held up goes to and fro.

    Args:
        times: (N,) s, ascending; what is older than `WAVE_TIME` before the last does not count.
        hands: (N, 3) of `hand`.

    Returns:
        The score; None where a second has not been seen yet.
    """
    recent = times >= times[-1] - WAVE_TIME if len(times) else np.zeros(0, bool)
    times, hands = times[recent], hands[recent]
    if len(times) < 5 or times[-1] - times[0] < WAVE_TIME / 2:
        return None
    _, above, away = np.median(hands, axis=0).tolist()
    held = ramp(above, *WAVE_HEIGHT) * ramp(away, *WAVE_AT_HEAD)
    return ramp(swings(hands[:, 0]), *SWINGS) * held


def swings(places: FloatArray, least: float = LEAST_SWING) -> int:
    """How often a value went up or down by at least so much before it turned."""
    count, direction, extreme = 0, 0, float(places[0])
    low = high = extreme
    for value in places.tolist():
        low, high = min(low, value), max(high, value)
        if direction >= 0 and value <= high - least:
            count, direction, low, high = count + 1, -1, value, value
        elif direction <= 0 and value >= low + least:
            count, direction, low, high = count + 1, 1, value, value
        elif direction > 0:
            low = value
        elif direction < 0:
            high = value
    return count


def _height(vector: FloatArray, up: FloatArray, length: float) -> float:
    return float(vector @ up) / length

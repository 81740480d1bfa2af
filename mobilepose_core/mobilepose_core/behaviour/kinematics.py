"""Joint angles of REP-155's kinematic model of the human, from joints in space.

The model's root is midway between the hips: x forward, y to the left, z towards the head. Names
are REP-155's without the ID of the body. A rotation about a limb that is told by a straight joint
alone would be noise: there it is 0, as in the model's rest pose, and it grows from there with the
bend. So is that of an arm that hangs straight down or up.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence

import numpy as np

from mobilepose_core.behaviour.body import MIN_SCORE, SIDES, ramp
from mobilepose_core.behaviour.body_size import EYES, NECK
from mobilepose_core.behaviour.body_size import TORSO as TORSO_SHARE
from mobilepose_core.behaviour.camera import cross, unit
from mobilepose_core.typing import Float64Array, FloatArray

Vector = tuple[float, float, float]

BEND = (0.1, 0.25)
"""Sine of the bend of an elbow or knee: the side that it is bent to is surely noise (where joints
are off by 1 cm, bends are by 0.08), surely not."""

LIFT = (0.05, 0.15)
"""Sine of an upper arm's angle from straight down or up: likewise, where it is lifted to."""

YAW_CENTRE = 0.75
"""Middle of the half turn that contains the yaw of a shoulder, radians. 0 is outwards, pi/2
forwards. Its ends, which it jumps between, are where upper arms go least: 43 degrees inwards of
forwards, and 43 degrees backwards of outwards."""

SURELY_BENT = 0.5
"""A knee that is bent forwards by less, radians, is a straight one with noise."""

TURN, HALF, QUARTER = 2 * math.pi, math.pi, math.pi / 2

LIMITS: Mapping[str, tuple[float, float]] = {
    "waist": (-QUARTER, QUARTER),
    "r_head": (-QUARTER, QUARTER),
    "y_head": (-QUARTER, QUARTER),
    "p_head": (-HALF, HALF),
    "y_shoulder": (min(0.0, YAW_CENTRE - QUARTER), YAW_CENTRE + QUARTER),
    "p_shoulder": (-QUARTER, 3 * QUARTER),
    "r_shoulder": (-HALF, HALF),
    "elbow": (0.0, HALF),
    "y_hip": (-HALF, HALF),
    "p_hip": (-QUARTER, QUARTER),
    "r_hip": (-HALF, HALF),
    "knee": (-HALF, SURELY_BENT),
}
"""Least and greatest angle of each joint, without its side, radians."""


def seen_places(
    names: Sequence[str], places: FloatArray, scores: FloatArray
) -> dict[str, Float64Array]:
    """(3,) of the joints whose place is known, by name.

    Args:
        names: of the J joints.
        places: (J, 3) m, NaN where unknown.
        scores: (J,) in [0, 1]; what scores less than `MIN_SCORE` is not seen.
    """
    places = np.asarray(places, np.float64)
    is_seen = np.isfinite(places).all(axis=1) & (np.asarray(scores) >= MIN_SCORE)
    return {name: places[i] for i, name in enumerate(names) if is_seen[i]}


def torso_axes(places: Mapping[str, FloatArray]) -> Float64Array | None:
    """(3, 3) x forward, y left, z towards the head, as columns in the frame of the places.

    z leads from the middle of the hips to that of the shoulders; y is the mean of both lines from
    right to left, at right angles to it.

    Args:
        places: (3,) m by name.

    Returns:
        The rotation; None unless shoulders and hips are known and apart.
    """
    shoulders, hips = _pair(places, "shoulder"), _pair(places, "hip")
    if shoulders is None or hips is None:
        return None
    torso = shoulders[0] + shoulders[1] - hips[0] - hips[1]
    aside = cross(shoulders[0] - shoulders[1] + hips[0] - hips[1], torso)
    if not (torso.any() and np.linalg.norm(aside) > 1e-6):
        return None
    z, x = unit(torso), unit(aside)
    return np.column_stack([x, cross(z, x), z])


def joint_angles(places: Mapping[str, FloatArray]) -> dict[str, float]:
    """The angles that are known, by the name of the joint, radians.

    None is known without shoulders and hips. The waist is always 0: what is seen of the hips does
    not tell how the torso is bent against them. Limbs have the directions that they are seen in,
    but for what `BEND` and `LIFT` leave out: a sixth of a straight forearm's or shin's length at
    most, a tenth of an upper arm's. The head is turned as the line of its eyes (and ears), and
    lifted as they are above the shoulders.

    Args:
        places: (3,) m by name, in any right-handed frame.
    """
    axes = torso_axes(places)
    if axes is None:
        return {}
    angles = {"waist": 0.0}
    angles |= _head(places, axes)
    for side in SIDES:
        mirror = 1.0 if side == "left" else -1.0
        upper, fore = _limbs(places, axes, mirror, [f"{side}_{p}" for p in _ARM])
        if upper is not None:
            angles |= {f"{side[0]}_{k}": value for k, value in _arm(upper, fore).items()}
        thigh, shin = _limbs(places, axes, mirror, [f"{side}_{p}" for p in _LEG])
        if thigh is not None:
            leg = _leg(thigh, shin)
            leg["y_hip"] *= mirror  # the one axis that is the same on both sides
            angles |= {f"{side[0]}_{k}": value for k, value in leg.items()}
    return angles


_ARM = ("shoulder", "elbow", "wrist")
_LEG = ("hip", "knee", "ankle")


def _limbs(
    places: Mapping[str, FloatArray], axes: Float64Array, mirror: float, names: Sequence[str]
) -> tuple[Vector | None, Vector | None]:
    """Unit vectors along both limbs in the torso's axes, y outwards; None where unknown."""
    found: list[Vector | None] = []
    for start, end in itertools.pairwise(names):
        one, other = places.get(start), places.get(end)
        if one is None or other is None:
            found.append(None)
            continue
        x, y, z = ((other - one) @ axes).tolist()
        length = math.hypot(x, y, z)
        is_known = math.isfinite(length) and length > 1e-6
        found.append((x / length, mirror * y / length, z / length) if is_known else None)
    return found[0], found[1]


def _arm(upper: Vector, fore: Vector | None) -> dict[str, float]:
    """The angles of an arm, in the axes of its side.

    Rz(-yaw) Rx(pitch) turns the hanging upper arm to where it is, Rz(roll) Ry(-elbow) the forearm.
    """
    x, y, z = upper
    yaw = YAW_CENTRE + math.remainder(math.atan2(x, y) - YAW_CENTRE, HALF)
    yaw *= ramp(math.hypot(x, y), *LIFT)
    sine, cosine = math.sin(yaw), math.cos(yaw)
    pitch = math.atan2(x * sine + y * cosine, -z)
    pitch += TURN if pitch < -QUARTER else 0.0
    angles = {"y_shoulder": yaw, "p_shoulder": pitch}
    if fore is None:
        return angles
    x, y, z = fore[0] * cosine - fore[1] * sine, fore[0] * sine + fore[1] * cosine, fore[2]
    sine, cosine = math.sin(pitch), math.cos(pitch)
    y, z = y * cosine + z * sine, z * cosine - y * sine
    bend = _cross(upper, fore)
    roll = math.atan2(y, x) * ramp(min(math.hypot(x, y), math.hypot(*bend)), *BEND)
    elbow = math.atan2(max(0.0, x * math.cos(roll) + y * math.sin(roll)), -z)
    return angles | {"r_shoulder": roll, "elbow": elbow}


def _leg(thigh: Vector, shin: Vector | None) -> dict[str, float]:
    """The angles of a leg, in the axes of its side.

    Rz(-yaw) Rx(pitch) turns the knee's axis from y to where it is; hip and knee turn about that.
    """
    axis = _knee_axis(thigh, shin)
    yaw = math.atan2(axis[0], axis[1])
    pitch = math.atan2(axis[2], math.hypot(axis[0], axis[1]))
    forward = (math.cos(yaw), -math.sin(yaw), 0.0)
    up = _cross(forward, axis)
    hip = math.atan2(_dot(thigh, forward), -_dot(thigh, up))
    angles = {"y_hip": yaw, "p_hip": pitch, "r_hip": hip}
    if shin is not None:
        both = math.atan2(_dot(shin, forward), -_dot(shin, up))
        knee = math.remainder(both - hip, TURN)
        angles["knee"] = knee if knee <= SURELY_BENT else -HALF  # folded up
    return angles


def _knee_axis(thigh: Vector, shin: Vector | None) -> Vector:
    """At right angles to the thigh, and to the shin of a bent knee; else nearest to the left."""
    level = math.hypot(thigh[0], thigh[2])
    lateral = (0.0, 0.0, math.copysign(1.0, thigh[1]))
    if level > 1e-6:
        aside = -thigh[1] / level
        lateral = (aside * thigh[0], level, aside * thigh[2])
    if shin is None:
        return lateral
    bend = _cross(thigh, shin)
    sine = math.hypot(*bend)
    share = ramp(sine, *BEND)
    if not share:
        return lateral
    sign = 1.0
    if _dot(bend, lateral) < 0:  # bent forwards: a straight leg with noise, or thighs that cross
        is_straight = sine < math.sin(SURELY_BENT) and _dot(thigh, shin) > 0
        sine, sign = (-sine, 1.0) if is_straight else (sine, -1.0)
    other = sign * (1 - share)
    x, y, z = (share * b / sine + other * c for b, c in zip(bend, lateral, strict=True))
    length = math.hypot(x, y, z)
    return x / length, y / length, z / length


def _head(places: Mapping[str, FloatArray], axes: Float64Array) -> dict[str, float]:
    """Rx(roll) Rz(yaw) turns y to the line of the eyes, Ry(-pitch) lifts them."""
    eyes, ears = _pair(places, "eye"), _pair(places, "ear")
    shoulders, hips = _pair(places, "shoulder"), _pair(places, "hip")
    if eyes is None or shoulders is None or hips is None:
        return {}
    line = eyes[0] - eyes[1] if ears is None else eyes[0] - eyes[1] + ears[0] - ears[1]
    x, y, z = (line @ axes).tolist()
    if y <= 0:  # a head does not turn so far
        return {}
    roll, yaw = math.atan2(z, y), math.atan2(-x, math.hypot(y, z))
    chest = (shoulders[0] + shoulders[1]) / 2
    torso = float(np.linalg.norm(chest - (hips[0] + hips[1]) / 2))
    x, y, z = (((eyes[0] + eyes[1]) / 2 - chest) @ axes).tolist()
    z -= NECK / TORSO_SHARE * torso
    y, z = y * math.cos(roll) + z * math.sin(roll), z * math.cos(roll) - y * math.sin(roll)
    x = x * math.cos(yaw) + y * math.sin(yaw)
    if not math.hypot(x, z) > 1e-6:
        return {}
    pitch = math.remainder(math.atan2(z, x) - math.atan2(EYES[1], EYES[0]), TURN)
    return {"r_head": roll, "y_head": yaw, "p_head": pitch}


def _pair(places: Mapping[str, FloatArray], part: str) -> tuple[Float64Array, Float64Array] | None:
    """(3,) the left one and the right one; None unless both are known."""
    left, right = (places.get(f"{side}_{part}") for side in SIDES)
    if left is None or right is None or not np.isfinite(left + right).all():
        return None
    return np.asarray(left, np.float64), np.asarray(right, np.float64)


def _dot(one: Vector, other: Vector) -> float:
    return one[0] * other[0] + one[1] * other[1] + one[2] * other[2]


def _cross(one: Vector, other: Vector) -> Vector:
    (a, b, c), (x, y, z) = one, other
    return b * z - c * y, c * x - a * z, a * y - b * x

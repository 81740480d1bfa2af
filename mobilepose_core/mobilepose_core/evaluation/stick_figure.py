"""People as joints in space: of any size, in any of some postures, with arms that gesture.

Proportions are an adult's by stature, see `behaviour.body_size`. The world is REP-103's: x forward,
y left, z up, m.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mobilepose_core.behaviour.body_size import FOREARM, HIP_WIDTH, SHIN, THIGH, TORSO, UPPER_ARM
from mobilepose_core.typing import Float64Array

Direction = tuple[float, float, float]
"""Forward, outwards from the body, up; any length."""

Arm = tuple[Direction, Direction]
"""Of the upper arm and of the forearm."""

HANGING: Arm = ((0.05, 0.15, -1.0), (0.2, 0.05, -1.0))
RAISED: Arm = ((0.1, 0.5, 0.8), (0.0, 0.0, 1.0))
POINTING_FORWARD: Arm = ((1.0, 0.1, -0.05), (1.0, 0.1, -0.05))
POINTING_ASIDE: Arm = ((0.2, 1.0, 0.0), (0.2, 1.0, 0.0))
CROSSED: Arm = ((0.35, 0.1, -1.0), (0.45, -1.0, 0.15))
ON_PHONE: Arm = ((0.3, 0.45, -1.0), (0.3, -0.35, 1.0))
ON_HIP: Arm = ((-0.2, 0.6, -0.8), (0.3, -0.9, -0.5))
EATING: Arm = ((0.5, 0.2, -1.0), (0.6, -0.4, 0.8))
TYPING: Arm = ((0.3, 0.1, -1.0), (1.0, -0.2, -0.1))

STANDING, SITTING, LYING, BENT = "standing", "sitting", "lying", "bent"

SIDES = {"left": 1.0, "right": -1.0}


def waving(phase: float, swing: float = 0.6) -> Arm:
    """A raised arm whose forearm swings by so many radians to each side."""
    angle = swing * math.sin(phase)
    return (0.1, 0.9, 0.1), (0.0, math.sin(angle), math.cos(angle))


@dataclass(frozen=True)
class StickFigure:
    """A person's size.

    Attributes:
        stature: m.
        torso: from hips to shoulders, in statures.
        width: between the shoulders, in statures.
    """

    stature: float = 1.68
    torso: float = TORSO
    width: float = 0.173

    @classmethod
    def drawn(cls, draw: np.random.Generator) -> StickFigure:
        """An adult: stature of both sexes, proportions as they vary."""
        mean, spread = (1.75, 0.07) if draw.random() < 0.5 else (1.62, 0.065)
        torso, width = draw.normal(1, 0.035, 2)
        return cls(float(draw.normal(mean, spread)), TORSO * float(torso), 0.173 * float(width))

    def joints(
        self,
        posture: str = STANDING,
        left: Arm = HANGING,
        right: Arm = HANGING,
        lean: tuple[float, float] = (0.0, 0.0),
        stride: float = 0.0,
    ) -> dict[str, Float64Array]:
        """(3,) m of COCO's 17 joints of somebody who faces forward.

        The origin is on the ground below the hips.

        Args:
            posture: one of those above.
            left: their left arm, in directions of the torso.
            right: likewise.
            lean: of the torso forwards and to the left, radians, in addition to the posture's.
            stride: how far the left foot is ahead in walking, m.
        """
        hips_at, torso_lean, thigh, shank = _LEGS[posture]
        size = self.stature
        hips = np.array([0.0, 0.0, hips_at * size])
        axes = _leaning(torso_lean + lean[0], lean[1])
        found: dict[str, Float64Array] = {}
        for side, outwards in SIDES.items():
            mirror = np.array([1.0, outwards, 1.0])
            hip = hips + axes @ (0.0, outwards * HIP_WIDTH / 2 * size, 0.0)
            shoulder = hips + axes @ (0.0, outwards * self.width / 2 * size, self.torso * size)
            upper, fore = left if side == "left" else right
            elbow = shoulder + axes @ (mirror * _unit(upper)) * UPPER_ARM * size
            wrist = elbow + axes @ (mirror * _unit(fore)) * FOREARM * size
            step = np.array([outwards * stride / 2, 0.0, 0.0])
            knee = hip + _unit(thigh) * THIGH * size + step / 2
            ankle = knee + _unit(shank) * SHIN * size + step / 2
            head = axes @ (0.07 * size, outwards * 0.018 * size, (self.torso + 0.125) * size)
            ear = axes @ (0.02 * size, outwards * 0.044 * size, (self.torso + 0.115) * size)
            places = (hip, shoulder, elbow, wrist, knee, ankle, hips + head, hips + ear)
            parts = ("hip", "shoulder", "elbow", "wrist", "knee", "ankle", "eye", "ear")
            found |= {f"{side}_{part}": place for part, place in zip(parts, places, strict=True)}
        nose = axes @ np.array([0.085 * size, 0.0, (self.torso + 0.105) * size])
        return found | {"nose": hips + nose}


_LEGS: Mapping[str, tuple[float, float, Direction, Direction]] = {
    STANDING: (0.53, 0.0, (0.0, 0.0, -1.0), (0.0, 0.0, -1.0)),
    SITTING: (0.30, -0.1, (1.0, 0.0, -0.1), (0.1, 0.0, -1.0)),
    LYING: (0.07, -math.pi / 2, (1.0, 0.0, 0.0), (1.0, 0.0, 0.0)),
    BENT: (0.52, 1.2, (-0.1, 0.0, -1.0), (0.1, 0.0, -1.0)),
}
"""Height of the hips in statures, lean of the torso, directions of thighs and shanks."""


def turned(
    joints: Mapping[str, Float64Array], yaw: float, x: float, y: float
) -> dict[str, Float64Array]:
    """Joints of somebody who faces `yaw` radians from x, counter-clockwise, and stands at x, y."""
    turn = np.array(
        [[math.cos(yaw), -math.sin(yaw), 0], [math.sin(yaw), math.cos(yaw), 0], [0, 0, 1]]
    )
    return {name: turn @ place + (x, y, 0.0) for name, place in joints.items()}


def optical(
    joints: Mapping[str, Float64Array], height: float, pitch: float = 0.0
) -> dict[str, Float64Array]:
    """The same joints in the optical frame of a camera above the origin.

    Args:
        joints: m in the world.
        height: of the camera, m.
        pitch: how far it looks down from the horizon, radians; it looks along x.
    """
    level = np.array([[0, -1, 0], [0, 0, -1], [1, 0, 0]], np.float64)
    return {n: _pitched(pitch) @ level @ (p - (0, 0, height)) for n, p in joints.items()}


def up_of(pitch: float) -> Float64Array:
    """(3,) up in the optical frame of such a camera."""
    return np.asarray(_pitched(pitch) @ (0.0, -1.0, 0.0))


def _pitched(pitch: float) -> Float64Array:
    cos, sin = math.cos(pitch), math.sin(pitch)
    return np.array([[1, 0, 0], [0, cos, -sin], [0, sin, cos]])


def _leaning(forwards: float, aside: float) -> Float64Array:
    """(3, 3) from the torso's axes to those of somebody upright."""
    cos, sin = math.cos(forwards), math.sin(forwards)
    forward = np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]])
    cos, sin = math.cos(aside), math.sin(aside)
    return np.asarray(forward @ [[1, 0, 0], [0, cos, sin], [0, -sin, cos]])


def _unit(direction: Direction) -> Float64Array:
    vector = np.array(direction, np.float64)
    return np.asarray(vector / np.linalg.norm(vector))

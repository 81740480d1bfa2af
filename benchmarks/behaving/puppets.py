"""People cut out of photographs whose arms can be moved, as those of paper dolls.

The arms are cut out along their bones and laid over the rest of the person, from which they are
removed. What they hid of the torso is inpainted (Telea, Journal of Graphics Tools 2004).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from mobilepose_core.datasets import cutouts
from mobilepose_core.datasets.cutouts import Cutout
from mobilepose_core.errors import DataError
from mobilepose_core.skeleton import ALL_19
from mobilepose_core.typing import BoolArray, Float32Array, Float64Array, ImageArray

UPPER_ARM, FOREARM = 0.15, 0.115
"""Half the thickness of sleeves, in torso lengths."""

HAND = 0.7
"""Length of a stretched hand, in lengths of the forearm."""

AROUND = 0.03
"""Margin of the arms that is removed from the person, in torso lengths."""

FRONTAL = 0.4
"""Least distance of the left shoulder to the right of the right one, in torso lengths."""

DEEPEST = 0.04
"""How far elbows and wrists may be within the torso, in torso lengths: there they would hide it."""

HANGING = 0.3
"""Least distance of an elbow below its shoulder, in torso lengths."""

FEATHER = 1.5
"""Standard deviation of the blur of an arm's edge, pixels."""

SIDES = ("left", "right")
TORSO = ("left_shoulder", "right_shoulder", "right_hip", "left_hip")

Points = Mapping[str, Float64Array]
"""(2,) x, y in pixels by the names of joints."""


@dataclass(frozen=True, eq=False)
class _Limb:
    """An arm's part: its bone in the cutout's pixels, and the cutout's pixels that belong to it."""

    begin: str
    end: str
    layer: Cutout


class Puppet:
    """A person who stands facing the camera, and whose arms can be moved."""

    def __init__(self, cutout: Cutout) -> None:
        """Takes a person apart.

        Raises:
            DataError: the person does not face the camera with both arms beside the torso.
        """
        self._joints = _named(cutout.joints)
        if not _can_be_taken_apart(self._joints):
            raise DataError("expected somebody who faces the camera, with their arms at their side")
        self._arms = [arm for side in SIDES for arm in self._arm(cutout, side)]
        self._rest = self._without_arms(cutout)

    def draw(self, canvas: ImageArray, points: Points) -> None:
        """Draws the person with shoulders, elbows, wrists and hips at points of the canvas."""
        body = _aligned(self._spine(self._joints), self._spine(points), self._widened(points))
        cutouts.paste(canvas, self._rest, body)
        scale = math.sqrt(abs(np.linalg.det(body[:, :2])))
        for arm in self._arms:
            bone = self._joints[arm.begin], self._joints[arm.end]
            moved = _aligned(bone, (points[arm.begin], points[arm.end]), scale)
            cutouts.paste(canvas, arm.layer, moved)

    def _arm(self, cutout: Cutout, side: str) -> list[_Limb]:
        """Upper arm, and forearm with the hand, which is over it."""
        shoulder, elbow, wrist = (f"{side}_{part}" for part in ("shoulder", "elbow", "wrist"))
        parts = ((shoulder, elbow, UPPER_ARM, 0.0), (elbow, wrist, FOREARM, HAND))
        arms = []
        for begin, end, radius, beyond in parts:
            along = self._along(cutout, begin, end, radius, beyond).astype(np.float32)
            share = cv2.GaussianBlur(along, (0, 0), FEATHER)
            alpha = np.asarray(share * cutout.alpha, np.float32)
            arms.append(_Limb(begin, end, Cutout(cutout.picture, alpha, cutout.joints)))
        return arms

    def _without_arms(self, cutout: Cutout) -> Cutout:
        """Head, torso and legs."""
        arms = np.zeros(cutout.alpha.shape, bool)
        for arm in self._arms:
            is_forearm = arm.end.endswith("wrist")
            radius = (FOREARM if is_forearm else UPPER_ARM) + AROUND
            beyond = HAND if is_forearm else 0.0
            arms |= self._along(cutout, arm.begin, arm.end, radius, beyond)
        torso = np.zeros(cutout.alpha.shape, np.uint8)
        corners = np.array([self._joints[name] for name in TORSO])
        cv2.fillConvexPoly(torso, np.round(corners).astype(np.int32), (1,))
        hidden = (arms & (torso > 0)).astype(np.uint8)
        picture = np.asarray(cv2.inpaint(cutout.picture, hidden, 5, cv2.INPAINT_TELEA), np.uint8)
        kept = np.where(arms & (torso == 0), 0, cutout.alpha).astype(np.float32)
        alpha = np.asarray(cv2.GaussianBlur(kept, (0, 0), cutouts.FEATHER), np.float32)
        return Cutout(picture, alpha, cutout.joints)

    def _along(
        self, cutout: Cutout, begin: str, end: str, radius: float, beyond: float
    ) -> BoolArray:
        """(h, w) the pixels along a bone, and `beyond` of its length further."""
        mask = np.zeros(cutout.alpha.shape, np.uint8)
        a, b = self._joints[begin], self._joints[end]
        (x0, y0), (x1, y1) = (np.round(p).astype(int).tolist() for p in (a, b + beyond * (b - a)))
        cv2.line(mask, (x0, y0), (x1, y1), (1,), max(1, round(2 * radius * self._torso)))
        return mask > 0

    @property
    def _torso(self) -> float:
        """Length of the torso, in the cutout's pixels."""
        top, bottom = self._spine(self._joints)
        return float(np.linalg.norm(top - bottom))

    @staticmethod
    def _spine(points: Points) -> tuple[Float64Array, Float64Array]:
        """The middles of shoulders and hips."""
        shoulders = points["left_shoulder"] + points["right_shoulder"]
        return shoulders / 2, (points["left_hip"] + points["right_hip"]) / 2

    def _widened(self, points: Points) -> float:
        """How many times as wide as the cutout's the shoulders are.

        Those from the side count as half as wide as from the front.
        """
        own, other = (
            float(np.linalg.norm(joints["left_shoulder"] - joints["right_shoulder"]))
            for joints in (self._joints, points)
        )
        top, bottom = self._spine(points)
        lengthened = float(np.linalg.norm(top - bottom)) / self._torso
        return max(other / own, lengthened / 2)


def puppets_of(people: Sequence[Cutout]) -> list[Puppet]:
    """Those people who can be taken apart.

    Raises:
        DataError: there are none.
    """
    fit = [person for person in people if _can_be_taken_apart(_named(person.joints))]
    if not fit:
        raise DataError(
            f"none of {len(people)} people faces the camera with both arms beside the torso"
        )
    return [Puppet(person) for person in fit]


def _named(joints: Float32Array) -> dict[str, Float64Array]:
    return dict(zip(ALL_19.joints, joints.astype(np.float64), strict=True))


def _can_be_taken_apart(joints: Points) -> bool:
    """Whether somebody faces the camera, with elbows below the shoulders and beside the torso."""
    arms = [joints[f"{side}_{part}"] for side in SIDES for part in ("elbow", "wrist")]
    corners = np.array([joints[name] for name in TORSO], np.float32)
    if not np.isfinite([*arms, *corners]).all():
        return False
    left, right = joints["left_shoulder"], joints["right_shoulder"]
    torso = float(np.linalg.norm(corners[:2].mean(axis=0) - corners[2:].mean(axis=0)))
    inside = [cv2.pointPolygonTest(corners, (float(x), float(y)), True) for x, y in arms]
    below = [(joints[f"{s}_elbow"] - joints[f"{s}_shoulder"])[1] for s in SIDES]
    return bool(
        torso > 0
        and left[0] - right[0] > FRONTAL * torso
        and max(inside) < DEEPEST * torso
        and min(below) > HANGING * torso
    )


def _aligned(
    bone: tuple[Float64Array, Float64Array],
    other: tuple[Float64Array, Float64Array],
    across: float,
) -> Float64Array:
    """(2, 3) affine from one bone to another one, which scales by `across` beside it."""
    along, length = _direction(bone)
    other_along, other_length = _direction(other)
    normal, other_normal = (np.array([-y, x]) for x, y in (along, other_along))
    linear = np.outer(other_along, along) * (other_length / length)
    linear += np.outer(other_normal, normal) * across
    return np.column_stack([linear, other[0] - linear @ bone[0]])


def _direction(bone: tuple[Float64Array, Float64Array]) -> tuple[Float64Array, float]:
    """A bone's direction and length, of at least a pixel."""
    vector = bone[1] - bone[0]
    length = max(float(np.linalg.norm(vector)), 1.0)
    return vector / length, length

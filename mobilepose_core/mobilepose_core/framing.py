"""Framing: which part of a person a crop shows, the upper body or the whole body.

All crops are square; a whole-body network takes only their middle columns. Points stay in pixels of
the square.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mobilepose_core import crop, skeleton
from mobilepose_core.typing import BoolArray, Float32Array, FloatArray


@dataclass(frozen=True)
class Framing:
    """The part of a person that a crop is fitted to.

    Attributes:
        joints: the crop is fitted to their box.
        aspect: width of the network's input, in heights.
        legs: distance of the feet below the hips that is expected, in lengths of the upper body's
            box; 0 if crops are fitted to upper bodies.
    """

    joints: tuple[str, ...]
    aspect: float
    legs: float = 0.0

    def width(self, size: int) -> int:
        """Width of the input of a network with crops of `size` pixels, pixels."""
        return round(size * self.aspect)

    def margin(self, size: int) -> int:
        """Columns that are cut off on either side of the square."""
        return (size - self.width(size)) // 2

    def sees(self, points: FloatArray, size: int) -> BoolArray:
        """(...) whether the network sees points (..., 2) of square crops of `size` pixels."""
        beside = np.array([self.margin(size), 0])
        return crop.inside(points - beside, self.width(size), size)

    def box(self, joints: FloatArray) -> Float32Array:
        """(4,) around a person's joints (19, 2) that crops are fitted to; NaN if none is known."""
        return crop.box_of_joints(skeleton.select(joints, self.joints))

    def region(self, joints: FloatArray) -> crop.Region:
        """The upright square whose middle fits a person.

        Args:
            joints: (19, 2) image pixels, of `skeleton.ALL_19`, NaN where unknown.

        Raises:
            ValueError: none of the framing's joints is known.
        """
        return crop.region_of_box(self.box(joints), aspect=self.aspect)


UPPER_BODY = "upper_body"

FRAMINGS: Mapping[str, Framing] = {
    UPPER_BODY: Framing(skeleton.JOINTS, 1.0),
    "body": Framing(skeleton.COCO_17.joints, 0.75, legs=1.2),
}

"""Framing: which part of a person a crop shows, the upper body or the whole body.

All crops are square; a whole-body network takes only their middle columns. Points stay in pixels of
the square.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mobilepose_core import crop, skeleton
from mobilepose_core.pose import PersonBoxes, Pose
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

    def box_of_pose(self, pose: Pose) -> Float32Array:
        """(4,) the box of a pose that crops are fitted to, image pixels."""
        if not self.legs:
            return pose.upper_body
        if pose.skeleton.spans_body:
            return pose.box
        whole: Float32Array = self._whole(pose.upper_body[None], np.inf)[0]
        return whole

    def boxes_of_detections(self, people: PersonBoxes, height: int) -> Float32Array:
        """(N, 4) the boxes that first crops of detected people are fitted to, image pixels.

        Whole bodies are where the detector says so; otherwise they are expected below the upper
        bodies, down to the end of the image. Of 291 people in photographs of COCO that our detector
        finds, 91 % lie whole in such a crop, with legs of 1.0 85 %. Of those with ankles 85 % have
        the size, up to a factor of 1.4, that a crop fitted to all joints gives them; recropping
        around the first pose corrects it.

        Args:
            people: with boxes of upper bodies.
            height: of the image, pixels.
        """
        if not self.legs:
            return people.boxes
        return self._whole(people.boxes, height - 1) if people.bodies is None else people.bodies

    def regions_around(self, boxes: FloatArray, margin: float = crop.MARGIN) -> list[crop.Region]:
        """The upright squares whose middles fit boxes (N, 4) of either kind above."""
        return crop.regions_around(boxes, margin, self.aspect)

    def _whole(self, boxes: Float32Array, lowest: float) -> Float32Array:
        """(N, 4) upper bodies with the legs that are expected below, down to `lowest`."""
        whole = boxes.copy()
        lengths = np.fmax.reduce(boxes[:, 2:] - boxes[:, :2], axis=1)
        below = np.fmin(boxes[:, 3] + self.legs * lengths, lowest)
        whole[:, 3] = np.fmax(boxes[:, 3], below)
        return whole


UPPER_BODY = "upper_body"

FRAMINGS: Mapping[str, Framing] = {
    UPPER_BODY: Framing(skeleton.JOINTS, 1.0),
    "body": Framing(skeleton.COCO_17.joints, 0.75, legs=1.2),
}

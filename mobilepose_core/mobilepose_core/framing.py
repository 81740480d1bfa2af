"""Framing: which part of a person a crop shows, the upper body or the whole body.

All crops are square; a whole-body network takes only their middle columns. Points stay in pixels of
the square.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mobilepose_core import crop, skeleton
from mobilepose_core.typing import FloatArray


@dataclass(frozen=True)
class Framing:
    """The part of a person that a crop is fitted to.

    Attributes:
        joints: the crop is fitted to their box.
        aspect: width of the network's input, in heights.
    """

    joints: tuple[str, ...]
    aspect: float

    def width(self, size: int) -> int:
        """Width of the input of a network with crops of `size` pixels, pixels."""
        return round(size * self.aspect)

    def margin(self, size: int) -> int:
        """Columns that are cut off on either side of the square."""
        return (size - self.width(size)) // 2

    def region(self, joints: FloatArray) -> crop.Region:
        """The upright square whose middle fits a person.

        Args:
            joints: (19, 2) image pixels, of `skeleton.ALL_19`, NaN where unknown.

        Raises:
            ValueError: none of the framing's joints is known.
        """
        box = crop.box_of_joints(skeleton.select(joints, self.joints))
        return crop.region_of_box(box, aspect=self.aspect)


UPPER_BODY = "upper_body"

FRAMINGS: Mapping[str, Framing] = {
    UPPER_BODY: Framing(skeleton.JOINTS, 1.0),
    "body": Framing(skeleton.COCO_17.joints, 0.75),
}

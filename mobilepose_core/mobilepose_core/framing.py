"""How much of a person a network looks at: the upper body in a square, or all of them upright.

The crops of a network of whole bodies are the middle of the square crops that everything here is
about: as high, but narrower. Points stay in the square's pixels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mobilepose_core import crop, skeleton
from mobilepose_core.typing import FloatArray


@dataclass(frozen=True)
class Framing:
    """What of a person a crop is fitted to.

    Attributes:
        joints: whose box it is fitted to.
        aspect: width of what the network sees, in heights.
    """

    joints: tuple[str, ...]
    aspect: float

    def width(self, size: int) -> int:
        """Of what a network with crops of `size` pixels sees, pixels."""
        return round(size * self.aspect)

    def margin(self, size: int) -> int:
        """How many columns it does not see on either side of the square."""
        return (size - self.width(size)) // 2

    def region(self, joints: FloatArray) -> crop.Region:
        """The upright square whose middle fits a person.

        Args:
            joints: (19, 2) image pixels, of `skeleton.ALL_19`, NaN where unknown.

        Raises:
            ValueError: no joint of those that it is fitted to is known.
        """
        box = crop.box_of_joints(skeleton.select(joints, self.joints))
        return crop.region_of_box(box, aspect=self.aspect)


UPPER_BODY = "upper_body"

FRAMINGS: Mapping[str, Framing] = {
    UPPER_BODY: Framing(skeleton.JOINTS, 1.0),
    "body": Framing(skeleton.COCO_17.joints, 0.75),
}

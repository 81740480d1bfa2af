"""Cameras that are mounted sideways or upside down: pictures turned upright, and poses turned back.

`image` is the picture as the camera gives it, `upright` the one that the networks see.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from mobilepose_core.inference.boxes import PersonBoxes
from mobilepose_core.inference.pose import Pose

Image = npt.NDArray[np.uint8]
Points = npt.NDArray[np.float32]

ANGLES = (0, 90, 180, 270)
"""Degrees that a picture can be turned by."""

_CODES = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}


@dataclass(frozen=True)
class Rotation:
    """The clockwise turn that makes a camera's pictures upright.

    Attributes:
        angle: one of `ANGLES`, degrees.
    """

    angle: int = 0

    def __post_init__(self) -> None:
        if self.angle not in ANGLES:
            raise ValueError(
                f"a picture is turned by one of {', '.join(map(str, ANGLES))} degrees, got "
                f"{self.angle}"
            )

    def upright(self, image: Image) -> Image:
        """A picture (H, W, 3), turned; the same array where nothing is to be turned."""
        if not self.angle:
            return image
        return np.asarray(cv2.rotate(image, _CODES[self.angle]), np.uint8)

    def boxes_upright(self, people: PersonBoxes, width: int, height: int) -> PersonBoxes:
        """Boxes in an image of a size in pixels, as boxes in the upright one."""
        if not self.angle:
            return people
        corners = self._points_upright(people.boxes.reshape(-1, 2, 2), width, height)
        boxes = np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=1)
        return replace(people, boxes=boxes)

    def poses_in_image(self, poses: Sequence[Pose], width: int, height: int) -> list[Pose]:
        """Poses in an upright picture, as poses in the image of a size in pixels that it is of."""
        if not self.angle:
            return list(poses)
        back = Rotation(360 - self.angle)
        size = (width, height) if self.angle == 180 else (height, width)
        return [replace(pose, joints=back._points_upright(pose.joints, *size)) for pose in poses]

    def _points_upright(self, points: Points, width: int, height: int) -> Points:
        """Points (..., 2) of an image as those of the picture that is turned."""
        x, y = points[..., 0], points[..., 1]
        right, bottom = width - 1 - x, height - 1 - y
        turned = {90: (bottom, x), 180: (right, bottom), 270: (y, right)}[self.angle]
        return np.stack(turned, axis=-1).astype(np.float32)

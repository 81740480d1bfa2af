"""Cameras mounted sideways or upside down: frames turned upright, and poses turned back.

`image` is the frame as the camera gives it, `upright` the one that the networks see.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import cv2
import numpy as np

from mobilepose_core.errors import MobilePoseError
from mobilepose_core.pose import PersonBoxes, Pose
from mobilepose_core.typing import Float32Array, ImageArray

ANGLES = (0, 90, 180, 270)
"""Supported rotations, degrees clockwise."""

_CODES = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}


@dataclass(frozen=True)
class Rotation:
    """The clockwise rotation that makes a camera's frames upright.

    Attributes:
        ANGLES: what a picture can be turned by, degrees.
        angle: one of `ANGLES`.
    """

    ANGLES: ClassVar[tuple[int, ...]] = ANGLES

    angle: int = 0

    def __post_init__(self) -> None:
        if self.angle not in ANGLES:
            raise MobilePoseError(
                f"rotation {self.angle} unknown; known: {', '.join(map(str, ANGLES))} degrees"
            )

    def upright(self, image: ImageArray) -> ImageArray:
        """A frame (H, W, 3), rotated; the same array if the angle is 0."""
        if not self.angle:
            return image
        return np.asarray(cv2.rotate(image, _CODES[self.angle]), np.uint8)

    def boxes_upright(self, people: PersonBoxes, width: int, height: int) -> PersonBoxes:
        """Boxes from the image, of that size in pixels, to the upright frame."""
        if not self.angle:
            return people
        bodies = people.bodies
        if bodies is not None:
            bodies = self._boxes_upright(bodies, width, height)
        boxes = self._boxes_upright(people.boxes, width, height)
        return replace(people, boxes=boxes, bodies=bodies)

    def poses_in_image(self, poses: Sequence[Pose], width: int, height: int) -> list[Pose]:
        """Poses from the upright frame to the image, which has that size in pixels."""
        if not self.angle:
            return list(poses)
        back = Rotation(360 - self.angle)
        size = (width, height) if self.angle == 180 else (height, width)
        return [back._pose_upright(pose, *size) for pose in poses]

    def _pose_upright(self, pose: Pose, width: int, height: int) -> Pose:
        joints, box = self._points_upright(pose.joints, width, height), pose.detection
        if box is not None:
            box = self._boxes_upright(box[None], width, height)[0]
        return replace(pose, joints=joints, detection=box, frame_height=None)

    def _boxes_upright(self, boxes: Float32Array, width: int, height: int) -> Float32Array:
        corners = self._points_upright(boxes.reshape(-1, 2, 2), width, height)
        return np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=1)

    def _points_upright(self, points: Float32Array, width: int, height: int) -> Float32Array:
        """Points (..., 2) from the image to the upright frame."""
        x, y = points[..., 0], points[..., 1]
        right, bottom = width - 1 - x, height - 1 - y
        turned = {90: (bottom, x), 180: (right, bottom), 270: (y, right)}[self.angle]
        return np.stack(turned, axis=-1).astype(np.float32)

"""What people do, drawn over their skeletons: arrows of headings and of arms that point."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from mobilepose_core.pose import Pose
from mobilepose_core.typing import BoolArray, FloatArray, ImageArray

Colour = tuple[int, int, int]

HEADING_LENGTH, POINTING_LENGTH = 0.3, 0.5
"""Of arrows, relative to the longer side of the person's upper body."""

FORESHORTENED = 0.5
"""Share that is left of an arrow towards the camera, which is seen from above."""

TIP = 5
"""Length of an arrow's tip, in its thickness."""

FARTHEST = 2**20
"""From the picture's corner, pixels: nothing is drawn beyond OpenCV's integers."""

_EDGE = (30, 30, 30)
"""BGR of the line around arrows."""


@dataclass(frozen=True, eq=False)
class Annotation:
    """What is drawn of one person besides their joints.

    Attributes:
        caption: written over their head, such as `sitting, left hand raised`; empty for nothing.
        heading: turn from facing the camera, radians: 0 faces it, pi/2 the picture's right; None if
            unknown.
        pointing: `left` or `right`, the arm that points; empty if none does.
        direction: (2,) unit vector in the picture along that arm.
        up: (2,) unit vector in the picture.
    """

    caption: str = ""
    heading: float | None = None
    pointing: str = ""
    direction: tuple[float, float] = (0.0, 0.0)
    up: tuple[float, float] = (0.0, -1.0)


@dataclass(frozen=True, eq=False)
class Arrows:
    """Draws arrows for one person.

    Attributes:
        picture: (H, W, 3) BGR, drawn into.
        pose: in its pixels.
        shown: (K,) joints that are drawn.
        length: of the longer side of the person's upper body, pixels.
        thickness: of arrows, pixels.
    """

    picture: ImageArray
    pose: Pose
    shown: BoolArray
    length: float
    thickness: int

    def draw_heading(self, annotation: Annotation, colour: Colour) -> None:
        """From the middle of the torso, as if it lay on a floor seen from above."""
        torso = [index for index in self.pose.skeleton.torso or () if self.shown[index]]
        if annotation.heading is None or not torso:
            return
        up = np.array(annotation.up)
        right, nearer = np.array([-up[1], up[0]]), -FORESHORTENED * up
        along = math.sin(annotation.heading) * right + math.cos(annotation.heading) * nearer
        self._draw(self.pose.joints[torso].mean(axis=0), HEADING_LENGTH * along, colour)

    def draw_pointing(self, annotation: Annotation, colour: Colour) -> None:
        """From the wrist of the arm that points."""
        wrist = self.pose.skeleton.index.get(f"{annotation.pointing}_wrist")
        if wrist is not None and self.shown[wrist]:
            along = POINTING_LENGTH * np.array(annotation.direction)
            self._draw(self.pose.joints[wrist], along, colour)

    def _draw(self, start: FloatArray, along: FloatArray, colour: Colour) -> None:
        """`along` is in lengths of the person."""
        end = start + self.length * along
        size = float(np.hypot(*(end - start)))
        if not size > 0 or not np.abs([start, end]).max() < FARTHEST:
            return
        (x0, y0), (x1, y1) = np.rint([start, end]).astype(int).tolist()
        tip = min(TIP * self.thickness / size, 0.6)
        for paint, width in ((_EDGE, self.thickness + 2), (colour, self.thickness)):
            cv2.arrowedLine(
                self.picture, (x0, y0), (x1, y1), paint, width, cv2.LINE_AA, tipLength=tip
            )

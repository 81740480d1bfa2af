"""Skeletons drawn into pictures."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from mobilepose_core import skeleton
from mobilepose_core.inference.pose import Pose

Colour = tuple[int, int, int]

LEFT_COLOUR = (255, 160, 40)
RIGHT_COLOUR = (40, 110, 255)
MIDDLE_COLOUR = (90, 220, 90)
"""BGR. Left and right are the person's."""

TRACK_COLOURS = (
    MIDDLE_COLOUR,
    (60, 220, 250),
    (220, 80, 230),
    (240, 240, 240),
    (170, 200, 20),
)
"""BGR of what is neither left nor right, by track: they tell people from one another."""

MIN_SCORE = 0.3


def track_colour(track_id: int) -> Colour:
    """BGR of a person, the same for the same track; `MIDDLE_COLOUR` where not tracked."""
    return TRACK_COLOURS[(track_id - 1) % len(TRACK_COLOURS)] if track_id >= 0 else MIDDLE_COLOUR


def joint_colour(name: str, middle: Colour = MIDDLE_COLOUR) -> Colour:
    """BGR of a joint by its side; `middle` of the nose."""
    if name.startswith("left"):
        return LEFT_COLOUR
    return RIGHT_COLOUR if name.startswith("right") else middle


def edge_colour(start: str, end: str, middle: Colour = MIDDLE_COLOUR) -> Colour:
    """BGR of a limb: its side's where both ends lie on one side of the body, else `middle`."""
    if start.partition("_")[0] == end.partition("_")[0]:
        return joint_colour(start, middle)
    return middle


def draw(
    frame: npt.NDArray[np.uint8], poses: Iterable[Pose], min_score: float = MIN_SCORE
) -> npt.NDArray[np.uint8]:
    """A copy of the frame with the joints that score at least `min_score`, and limbs between them.

    Args:
        frame: (H, W, 3) uint8, BGR.
        poses: in pixels of the frame.
        min_score: joints below it are not drawn.
    """
    picture = frame.copy()
    thickness = max(1, round(max(frame.shape[:2]) / 250))
    for pose in poses:
        points = [_fixed_point(point) for point in pose.joints]
        shown = pose.scores >= min_score
        middle = track_colour(pose.track_id)
        for (start, end), (a, b) in zip(skeleton.EDGES, skeleton.EDGE_INDICES, strict=True):
            if shown[a] and shown[b]:
                colour = edge_colour(start, end, middle)
                cv2.line(
                    picture, points[a], points[b], colour, thickness, cv2.LINE_AA, _FRACTION_BITS
                )
        for name, point, is_shown in zip(skeleton.JOINTS, points, shown, strict=True):
            if is_shown:
                radius = (thickness + 1) << _FRACTION_BITS
                for colour, width in (
                    (joint_colour(name, middle), cv2.FILLED),
                    ((255, 255, 255), 1),
                ):
                    cv2.circle(picture, point, radius, colour, width, cv2.LINE_AA, _FRACTION_BITS)
    return picture


def save(picture: npt.NDArray[np.uint8], path: Path) -> None:
    """Writes a picture, in the format that the file's ending names.

    Raises:
        ValueError: the ending names no format, or the file cannot be written.
    """
    if not cv2.haveImageWriter(str(path)):
        raise ValueError(f"{path} has no ending of a picture format; expected .png or .jpg, say")
    if not path.parent.is_dir() or not cv2.imwrite(str(path), picture):
        raise ValueError(f"{path} cannot be written; is its folder there and writable?")


_FRACTION_BITS = 3
_LARGEST = 2**26


def _fixed_point(point: npt.NDArray[np.floating]) -> tuple[int, int]:
    """Sub-pixel coordinates as OpenCV's drawing wants them, within its integers' reach."""
    x, y = np.clip(np.round(point * 2**_FRACTION_BITS), -_LARGEST, _LARGEST).astype(int)
    return int(x), int(y)

"""Appearance of people: the colours of their torsos, which tell them apart when they cross."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mobilepose_core import crop
from mobilepose_core.pose import Pose
from mobilepose_core.typing import BoolArray, FloatArray, ImageArray

DOWN = (0.1, 0.3, 0.5, 0.7, 0.9)
"""Rows of the torso that are sampled, from shoulders to hips, in torso lengths."""

ACROSS = (0.2, 0.35, 0.5, 0.65, 0.8)
"""Columns of the torso that are sampled, from side to side; hanging arms are left out."""

SAME_COLOUR, OTHER_COLOUR = 12.0, 50.0
"""Colour distances, grey levels: typical of one person in two frames, and of two people."""

BRIGHTNESS_WEIGHT = 0.5
"""Weight of brightness, which changes in shadows, relative to colour."""

FAMILIAR = 0.3
"""Appearance distance up to which two appearances match."""

NEAR_IOU = 0.03
"""IoU of two people's boxes from which one may show in the other's crop."""


def appearance_of(frame: ImageArray, poses: Sequence[Pose]) -> FloatArray | None:
    """The colours of people's torsos, row by row from the shoulders to the hips.

    Args:
        frame: (H, W, 3) uint8, BGR.
        poses: P of them, joints in image pixels; points outside the frame are clamped to it.

    Returns:
        (P, 5, 3) brightness, blue minus brightness, and red minus brightness; None if the poses'
        skeleton lacks a shoulder or a hip: then joints alone tell people apart.
    """
    if not poses:
        return np.zeros((0, len(DOWN), 3))
    torso = poses[0].skeleton.torso
    if torso is None:
        return None
    joints = np.array([pose.joints for pose in poses])
    corners = joints[:, torso].reshape(-1, 2, 2, 2)  # by shoulders and hips, left and right
    points = np.einsum("dy,ax,pyxc->pdac", _DOWN, _ACROSS, corners)
    edges = np.array(frame.shape[1::-1]) - 1
    columns, rows = np.moveaxis(points.clip(0, edges).astype(np.intp), -1, 0)
    bands = frame[rows, columns].mean(axis=2)
    brightness = bands.mean(axis=-1)
    opponents = bands[..., [0, 2]] - brightness[..., None]
    return np.concatenate([BRIGHTNESS_WEIGHT * brightness[..., None], opponents], axis=-1)


def appearance_distance(appearances: FloatArray, others: FloatArray) -> FloatArray:
    """(P, Q) distance of appearances in [0, 1]; 1 is certainly another person.

    The median over the rows is robust against a hand in front of the torso.

    Args:
        appearances: (P, 5, 3).
        others: (Q, 5, 3).
    """
    apart = np.linalg.norm(appearances[:, None] - others[None], axis=-1)
    median = np.sort(apart, axis=-1)[..., len(DOWN) // 2]
    return np.asarray(((median - SAME_COLOUR) / (OTHER_COLOUR - SAME_COLOUR)).clip(0, 1))


def is_familiar(appearance: FloatArray, other: FloatArray) -> bool:
    """Whether two appearances (5, 3) match."""
    return appearance_distance(appearance[None], other[None]).item() <= FAMILIAR


def is_isolated(boxes: FloatArray, lost: FloatArray) -> BoolArray:
    """(P,) which people are far from all others, so that their appearance is certainly theirs.

    Args:
        boxes: (P, 4) of the visible people, image pixels.
        lost: (L, 4) predicted boxes of lost tracks.
    """
    everyone = np.concatenate([boxes, lost])
    return np.asarray((crop.overlaps(boxes, everyone) > NEAR_IOU).sum(axis=1) <= 1)


def _shares(places: Sequence[float]) -> FloatArray:
    """(N, 2) weights of the two ends for linear interpolation."""
    return np.stack([1 - np.array(places), np.array(places)], axis=-1)


_DOWN, _ACROSS = _shares(DOWN), _shares(ACROSS)

"""What people look like: the colours of their torsos, by which they are told apart where they meet.

Pure functions of arrays; P people.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from mobilepose_core import skeleton
from mobilepose_core.pose import Pose

Floats = npt.NDArray[np.floating[Any]]

DOWN = (0.1, 0.3, 0.5, 0.7, 0.9)
"""Where torsos are looked at, from shoulders to hips, in torso lengths."""

ACROSS = (0.2, 0.35, 0.5, 0.65, 0.8)
"""Likewise from one side to the other: less far than the arms that hang there."""

SAME, OTHER = 12.0, 50.0
"""Distances of colours, grey levels: of one person in two frames, and of two people."""

LIGHT = 0.5
"""Weight of brightness, which shadows change, to that of colour."""


def looks_of(frame: npt.NDArray[np.uint8], poses: Sequence[Pose]) -> Floats:
    """The colours of people's torsos, band by band from the shoulders to the hips.

    Args:
        frame: (H, W, 3) uint8, BGR.
        poses: P of them, joints in its pixels; what lies outside it counts as what is at its edge.

    Returns:
        (P, 5, 3) brightness, blue less brightness, and red less brightness.
    """
    joints = np.array([pose.joints for pose in poses]).reshape(-1, skeleton.JOINT_COUNT, 2)
    corners = joints[:, _TORSO].reshape(-1, 2, 2, 2)  # by shoulders and hips, left and right
    points = np.einsum("dy,ax,pyxc->pdac", _DOWN, _ACROSS, corners)
    edges = np.array(frame.shape[1::-1]) - 1
    columns, rows = np.moveaxis(points.clip(0, edges).astype(np.intp), -1, 0)
    bands = frame[rows, columns].mean(axis=2)
    brightness = bands.mean(axis=-1)
    opponents = bands[..., [0, 2]] - brightness[..., None]
    return np.concatenate([LIGHT * brightness[..., None], opponents], axis=-1)


def strangeness(looks: Floats, others: Floats) -> Floats:
    """(P, Q) how surely two looks are of two people, in [0, 1].

    By the band in the middle, once they are put in order: a hand before the torso changes but some.

    Args:
        looks: (P, 5, 3).
        others: (Q, 5, 3).
    """
    apart = np.linalg.norm(looks[:, None] - others[None], axis=-1)
    middle = np.sort(apart, axis=-1)[..., len(DOWN) // 2]
    return np.asarray(((middle - SAME) / (OTHER - SAME)).clip(0, 1))


def _shares(places: Sequence[float]) -> Floats:
    """(N, 2) of the one end and of the other."""
    return np.stack([1 - np.array(places), np.array(places)], axis=-1)


_DOWN, _ACROSS = _shares(DOWN), _shares(ACROSS)
_TORSO = [
    skeleton.INDEX[name] for name in ("left_shoulder", "right_shoulder", "left_hip", "right_hip")
]

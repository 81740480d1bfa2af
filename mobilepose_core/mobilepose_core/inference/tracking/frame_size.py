"""Rescales a tracker's state, in pixels, when the frame size changes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mobilepose_core.pose import Pose
from mobilepose_core.typing import Float64Array, FloatArray, ImageSize


def scale_between(before: ImageSize | None, size: ImageSize | None) -> Float64Array | None:
    """(2,) scale in x and y between two frame sizes; None if they are equal, or one is unknown."""
    if before is None or size is None or before == size:
        return None
    return np.array([size[0] / before[0], size[1] / before[1]])


def rescaled(points: FloatArray, scale: Float64Array) -> Float64Array:
    """Points (..., 2) in a frame scaled by (2,); pixel centres have integer coordinates."""
    return np.asarray((points + 0.5) * scale - 0.5, np.float64)


def rescaled_pose(pose: Pose, scale: Float64Array) -> Pose:
    """A pose in a frame scaled by (2,)."""
    joints = rescaled(pose.joints, scale).astype(np.float32)
    box = pose.detection
    if box is not None:
        box = rescaled(box.reshape(2, 2), scale).astype(np.float32).reshape(4)
    return replace(pose, joints=joints, detection=box, frame_height=None)

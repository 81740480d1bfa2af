"""State in pixels when the size of the frames changes: the same places in the new size."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mobilepose_core.pose import Pose
from mobilepose_core.typing import Float64Array, FloatArray

Size = tuple[int, int]
"""Width and height of a frame, pixels."""


def scale_between(before: Size | None, size: Size | None) -> Float64Array | None:
    """(2,) how much larger a frame is in x and in y; None where it is not, or a size is unknown."""
    if before is None or size is None or before == size:
        return None
    return np.array([size[0] / before[0], size[1] / before[1]])


def rescaled(points: FloatArray, scale: Float64Array) -> Float64Array:
    """Points (..., 2) px of a frame in the frame scaled by (2,): the centre of a pixel is whole."""
    return np.asarray((points + 0.5) * scale - 0.5, np.float64)


def rescaled_pose(pose: Pose, scale: Float64Array) -> Pose:
    """A pose in the frame scaled by (2,)."""
    joints = rescaled(pose.joints, scale).astype(np.float32)
    box = pose.detection
    if box is not None:
        box = rescaled(box.reshape(2, 2), scale).astype(np.float32).reshape(4)
    return replace(pose, joints=joints, detection=box)

"""State in pixels when the size of the frames changes: the same places in the new size."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from mobilepose_core.inference.pose import Pose

Floats = npt.NDArray[np.float64]

Size = tuple[int, int]
"""Width and height of a frame, pixels."""


def scale_between(before: Size | None, size: Size | None) -> Floats | None:
    """(2,) how much larger a frame is in x and in y; None where it is not, or a size is unknown."""
    if before is None or size is None or before == size:
        return None
    return np.array([size[0] / before[0], size[1] / before[1]])


def rescaled(points: npt.NDArray[np.floating], scale: Floats) -> Floats:
    """Points (..., 2) px of a frame in the frame scaled by (2,): the centre of a pixel is whole."""
    return np.asarray((points + 0.5) * scale - 0.5, np.float64)


def rescaled_pose(pose: Pose, scale: Floats) -> Pose:
    """A pose in the frame scaled by (2,)."""
    return replace(pose, joints=rescaled(pose.joints, scale).astype(np.float32))

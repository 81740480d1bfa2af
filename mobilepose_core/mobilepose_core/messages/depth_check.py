"""Joints of all people in metres, with a plausibility check of the depth image."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mobilepose_core.messages import joints_from_depth
from mobilepose_core.messages.camera_model import CameraModel
from mobilepose_core.messages.depth_map import FARTHEST, DepthMap
from mobilepose_core.pose import Pose
from mobilepose_core.typing import Float32Array, Float64Array

STEP = 4
"""Rows and columns between the samples that are checked if no joint has a depth."""

MIN_LIMBS = 4
"""Least number of measured limbs for an estimate of a person's size."""

SMALLEST_BODY, LARGEST_BODY = 0.1, 2.0
"""Plausible sizes of people, relative to a tall adult: a child is 0.4."""

_UNIT_NAMES = {0.001: "the millimetre", 1.0: "the metre"}
_EXPECTED = "Expected 16UC1 in millimetres, or 32FC1 in metres (REP 118)"


def people_in_metres(
    poses: Sequence[Pose], depth: DepthMap, camera: CameraModel, width: int, height: int
) -> list[Float32Array]:
    """The joints of all people in an image; see `joints_from_depth.joints_in_metres`.

    Raises:
        ValueError: the depth image has another aspect than the image or no depth at all, or all
            people are implausibly large, small, or farther away than `FARTHEST`.
    """
    surfaces = [joints_from_depth.surface(pose, depth, camera, width, height) for pose in poses]
    if surfaces and all(np.isnan(joints).all() for joints, _ in surfaces):
        _check_distances(poses, depth, width, height)
    sizes = [
        joints_from_depth.limb_sizes(joints, pose.skeleton)
        for pose, (joints, _) in zip(poses, surfaces, strict=True)
    ]
    _check_sizes(sizes, depth)
    return [
        joints_from_depth.without_impossible_limbs(joints, centre, pose.skeleton).astype(np.float32)
        for pose, (joints, centre) in zip(poses, surfaces, strict=True)
    ]


def _check_distances(poses: Sequence[Pose], depth: DepthMap, width: int, height: int) -> None:
    """Raises ValueError if there is no depth at all, or if people are implausibly far away."""
    depth_height, depth_width = depth.values.shape
    rows, columns = np.mgrid[:depth_height:STEP, :depth_width:STEP]
    metres = depth.metres(columns, rows)
    if np.isnan(metres).all():
        raise ValueError(
            f"the depth image in {depth.encoding} has no depth at all, only holes (0, NaN or the "
            "largest value); is the sensor covered, switched off, or too close?"
        )
    windows = [joints_from_depth.windows(pose, depth, width, height) for pose in poses]
    samples = np.concatenate(windows)
    far = np.isinf(samples)
    if np.count_nonzero(far) <= np.count_nonzero(np.isfinite(samples)):
        return
    values = depth.values[rows, columns][np.isinf(metres)]
    median = f"about {np.median(values) * depth.unit:.0f}" if len(values) else "farther"
    raise ValueError(
        f"people are {median} m away according to a depth image in {_named(depth)}; up to "
        f"{FARTHEST:.0f} m are plausible. Does the driver use another unit, such as millimetres? "
        f"{_EXPECTED}"
    )


def _check_sizes(limbs: Sequence[Float64Array], depth: DepthMap) -> None:
    """Raises ValueError if all people of known size are implausibly large or small.

    Args:
        limbs: (L,) of each person, see `joints_from_depth.limb_sizes`.
        depth: that they were measured with.
    """
    known = [sizes[np.isfinite(sizes)] for sizes in limbs]
    sizes = [float(np.median(of_one)) for of_one in known if len(of_one) >= MIN_LIMBS]
    if not sizes or (min(sizes) <= LARGEST_BODY and max(sizes) >= SMALLEST_BODY):
        return
    raise ValueError(
        f"people are {np.median(sizes):.2g} times as large as an adult according to a depth image "
        f"in {_named(depth)}; does the driver use another unit, or is the calibration another "
        f"camera's? {_EXPECTED}"
    )


def _named(depth: DepthMap) -> str:
    return f"{depth.encoding}, whose unit is {_UNIT_NAMES[depth.unit]}"

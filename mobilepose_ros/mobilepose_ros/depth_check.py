"""All people of an image in metres, unless what the depth image says of them cannot be."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mobilepose_core import Pose
from mobilepose_core.typing import Float32Array, Float64Array
from mobilepose_ros import depth as depths
from mobilepose_ros.calibration import Calibration
from mobilepose_ros.depth import FARTHEST, DepthMap

CHECKED = 4
"""Every so many rows and columns are looked at where no joint has a depth."""

FEWEST_LIMBS = 4
"""Limbs of known length by which a person's size is judged."""

SMALLEST, LARGEST = 0.1, 2.0
"""Size of people, in limbs of a tall adult: a child's are 0.4."""

_UNIT_NAMES = {0.001: "the millimetre", 1.0: "the metre"}
_EXPECTED = "Expected 16UC1 in millimetres, or 32FC1 in metres (REP 118)"


def people_in_metres(
    poses: Sequence[Pose], depth: DepthMap, camera: Calibration, width: int, height: int
) -> list[Float32Array]:
    """Where the joints of all people in an image are; see `depth.joints_in_metres`.

    Raises:
        ValueError: the depth image has another aspect than the image, is one hole, or shows
            everybody farther away than `FARTHEST`, or much larger or smaller than people are.
    """
    seen = [depths.surface(pose, depth, camera, width, height) for pose in poses]
    if seen and all(np.isnan(places).all() for places, _ in seen):
        _check_distances(poses, depth, width, height)
    sizes = [
        depths.limb_sizes(places, pose.skeleton)
        for pose, (places, _) in zip(poses, seen, strict=True)
    ]
    _check_sizes(sizes, depth)
    return [
        depths.without_impossible_limbs(places, middle, pose.skeleton).astype(np.float32)
        for pose, (places, middle) in zip(poses, seen, strict=True)
    ]


def _check_distances(poses: Sequence[Pose], depth: DepthMap, width: int, height: int) -> None:
    """Raises ValueError where depth is known nowhere, or around people, and all too far."""
    depth_height, depth_width = depth.values.shape
    rows, columns = np.mgrid[:depth_height:CHECKED, :depth_width:CHECKED]
    metres = depth.metres(columns, rows)
    if np.isnan(metres).all():
        raise ValueError(
            f"the depth image in {depth.encoding} has no depth at all, only holes (0, NaN or the "
            "largest value); is the sensor covered, switched off, or too near?"
        )
    samples = np.concatenate([depths.windows(pose, depth, width, height) for pose in poses])
    far = np.isinf(samples)
    if np.count_nonzero(far) <= np.count_nonzero(np.isfinite(samples)):
        return
    values = depth.values[rows, columns][np.isinf(metres)]
    middle = f"about {np.median(values) * depth.unit:.0f}" if len(values) else "farther"
    raise ValueError(
        f"people are {middle} m away by a depth image in {_named(depth)}; up to {FARTHEST:.0f} m "
        f"are plausible. Is the driver's unit another, such as millimetres? {_EXPECTED}"
    )


def _check_sizes(limbs: Sequence[Float64Array], depth: DepthMap) -> None:
    """Raises ValueError where everybody of known size is much too large, or much too small.

    Args:
        limbs: for each person (L,) of `depth.limb_sizes`.
        depth: that they are by.
    """
    known = [sizes[np.isfinite(sizes)] for sizes in limbs]
    sizes = [float(np.median(of_one)) for of_one in known if len(of_one) >= FEWEST_LIMBS]
    if not sizes or (min(sizes) <= LARGEST and max(sizes) >= SMALLEST):
        return
    raise ValueError(
        f"people are {np.median(sizes):.2g} times as large as an adult by a depth image in "
        f"{_named(depth)}; is the driver's unit another, or the calibration another camera's? "
        f"{_EXPECTED}"
    )


def _named(depth: DepthMap) -> str:
    return f"{depth.encoding}, whose unit is {_UNIT_NAMES[depth.unit]}"

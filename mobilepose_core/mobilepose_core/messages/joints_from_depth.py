"""Joints of a pose in metres, from a depth image aligned to its image.

The depth is that of the visible surface, some centimetres in front of the joint's centre.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping

import numpy as np

from mobilepose_core.messages.camera_model import CameraModel
from mobilepose_core.messages.depth_map import DepthMap
from mobilepose_core.messages.image_scale import scale_between, scaled
from mobilepose_core.pose import Pose
from mobilepose_core.skeleton import UPPER_BODY_11, Skeleton
from mobilepose_core.typing import BoolArray, Float32Array, Float64Array, IndexArray

SAMPLES = 64
"""Depth pixels sampled in the window around a joint."""

WINDOW = 0.025
"""Half the side of that window, relative to the person's box: half a wrist's width."""

SMALLEST_WINDOW = 2.0
"""Lower limit of half the side of the window, for people far away, pixels of the depth image."""

FLYING_SHARE = 0.1
"""Share of a window's samples that may lie in front of the person: flying pixels."""

THICKNESS = 0.1
"""Samples farther than this behind the nearest surface in a window are background, m."""

DEPTH_RANGE = 1.0
"""Largest distance in depth between a joint and the centre of its person, m."""

FEWEST_SAMPLES = 6
"""Least number of samples in a window that must show the person."""

ALIGN = (
    "enable alignment in the driver (align_depth.enable:=true), or register depth to the images "
    "(depth_image_proc)"
)
"""What to do about depth images that are not aligned with the images."""

LONGEST_LIMBS: Mapping[frozenset[str], float] = {
    frozenset({"shoulder", "elbow"}): 0.5,
    frozenset({"elbow", "wrist"}): 0.45,
    frozenset({"shoulder"}): 0.6,
    frozenset({"shoulder", "hip"}): 0.8,
    frozenset({"hip"}): 0.5,
    frozenset({"eye", "nose"}): 0.2,
    frozenset({"eye", "ear"}): 0.2,
    frozenset({"hip", "knee"}): 0.65,
    frozenset({"knee", "ankle"}): 0.65,
}
"""Longest limbs by the body parts they connect, m: a tall adult's plus 20 % for noise."""


def _part(name: str) -> str:
    return name.rpartition("_")[2]


@functools.cache
def _limbs(skeleton: Skeleton) -> tuple[IndexArray, IndexArray, Float64Array]:
    """(L,) indices of the joints at both ends of each limb, and longest lengths, m."""
    starts, ends = np.array(skeleton.edge_indices, np.intp).reshape(-1, 2).T
    limits = [LONGEST_LIMBS[frozenset(map(_part, edge))] for edge in skeleton.edges]
    return starts, ends, np.array(limits)


_PLASTIC = np.array([0.7548776662466927, 0.5698402909980532])
_OFFSETS = np.arange(1, SAMPLES + 1)[:, None] * _PLASTIC % 1 * 2 - 1
"""(SAMPLES, 2) in [-1, 1]. Evenly distributed, and not aligned with the regular holes that
registration and interlacing leave (the R2 sequence: Roberts, "The Unreasonable Effectiveness of
Quasirandom Sequences", 2018)."""


def joints_in_metres(
    pose: Pose, depth: DepthMap, camera: CameraModel, width: int, height: int
) -> Float32Array:
    """A person's joints in metres.

    Args:
        pose: joints in pixels of the image.
        depth: aligned to the image; same size, or another of the same aspect.
        camera: of the image.
        width: of the image, pixels.
        height: of the image, pixels.

    Returns:
        (K, 3) x, y, z m in the optical frame. NaN where the depth image has a hole or shows
        something other than the person, and for joints of implausibly long limbs.

    Raises:
        ValueError: the aspects of depth image and image differ.
    """
    places, middle = surface(pose, depth, camera, width, height)
    return without_impossible_limbs(places, middle, pose.skeleton).astype(np.float32)


def surface(
    pose: Pose, depth: DepthMap, camera: CameraModel, width: int, height: int
) -> tuple[Float64Array, float]:
    """The depth image's surface at a person's joints, without a plausibility check of limbs.

    Args:
        pose: see `joints_in_metres` for this and the others.
        depth: of the image.
        camera: of the image.
        width: of the image.
        height: of the image.

    Returns:
        (K, 3) x, y, z m, NaN where unknown; and the depth of the person's centre, m.
    """
    samples = windows(pose, depth, width, height)
    samples = np.where(np.isinf(samples), np.nan, samples)
    z, middle = _depths(samples, pose.seen if pose.seen.any() else ~pose.seen)
    return camera.back_project(pose.joints, z), middle


def limb_sizes(places: Float64Array, skeleton: Skeleton = UPPER_BODY_11) -> Float64Array:
    """Lengths of limbs (L,) relative to `LONGEST_LIMBS`, from joint positions (K, 3) m."""
    starts, ends, limits = _limbs(skeleton)
    return np.asarray(np.linalg.norm(places[starts] - places[ends], axis=1) / limits)


def windows(pose: Pose, depth: DepthMap, width: int, height: int) -> Float64Array:
    """Depth samples around joints, (K, SAMPLES) m in ascending order; infinity and NaN last."""
    rows, columns = depth.values.shape
    try:
        scale = 1 / scale_between((columns, rows), (width, height), "the depth image")
    except ValueError as error:
        raise ValueError(f"{error}; {ALIGN}") from None
    x0, y0, x1, y1 = pose.upper_body
    half = max(SMALLEST_WINDOW, WINDOW * max(x1 - x0, y1 - y0) * scale[0])
    points = scaled(pose.joints, scale)
    pixels = np.rint(points[:, None] + half * _OFFSETS).astype(np.intp)
    return np.sort(depth.metres(pixels[..., 0], pixels[..., 1]), axis=1)


def _depths(samples: Float64Array, seen: BoolArray) -> tuple[Float64Array, float]:
    """Depth of the person at each joint (K,), and of their centre, m; NaN where unknown.

    Around a joint at the edge of the body most samples may be background. So the nearest surface
    in each window counts, if it is within `DEPTH_RANGE` of the person's centre.

    Args:
        samples: see `windows`.
        seen: (K,) joints that determine the centre.
    """
    known = seen & ~np.isnan(samples[:, FEWEST_SAMPLES - 1])
    if not known.any():
        return np.full(len(samples), np.nan), np.nan
    middle = float(np.median(_nearest(samples)[known]))
    samples = np.sort(np.where(np.abs(samples - middle) <= DEPTH_RANGE, samples, np.nan), axis=1)
    part = samples <= _nearest(samples)[:, None] + THICKNESS
    count = part.sum(axis=1)
    index = np.arange(len(samples))
    last = np.maximum(count - 1, 0)
    median = (samples[index, last // 2] + samples[index, (last + 1) // 2]) / 2
    return np.where(count >= FEWEST_SAMPLES, median, np.nan), middle


def _nearest(samples: Float64Array) -> Float64Array:
    """Depth of the nearest surface in each window, m: sorted (K, N) to (K,)."""
    count = np.count_nonzero(~np.isnan(samples), axis=1)
    return np.asarray(samples[np.arange(len(samples)), (FLYING_SHARE * count).astype(int)])


def without_impossible_limbs(
    places: Float64Array, middle: float, skeleton: Skeleton = UPPER_BODY_11
) -> Float64Array:
    """Sets joints to NaN until no limb is implausibly long.

    The joint with the most such limbs goes first; in a tie, the one whose depth differs most from
    the person's centre.

    Args:
        places: (K, 3) m.
        middle: depth of the person's centre, m.
        skeleton: of the K joints.
    """
    places = places.copy()
    starts, ends, _ = _limbs(skeleton)
    while True:
        wrong = limb_sizes(places, skeleton) > 1
        if not wrong.any():
            return places
        limbs = np.bincount(np.concatenate([starts[wrong], ends[wrong]]), minlength=len(places))
        suspects = np.flatnonzero(limbs == limbs.max())
        places[suspects[np.argmax(np.abs(places[suspects, 2] - middle))]] = np.nan

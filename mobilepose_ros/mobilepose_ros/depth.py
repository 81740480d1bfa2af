"""Joints in metres: a pose in an image with a depth image that is aligned to it.

Depth is that of the surface which the camera sees, some centimetres before the joint's middle.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sensor_msgs.msg import Image

from mobilepose_core import Pose, Skeleton
from mobilepose_core.pose import BOX_SCORE
from mobilepose_core.skeleton import UPPER_BODY_11
from mobilepose_core.typing import BoolArray, Float32Array, Float64Array, IndexArray
from mobilepose_ros.calibration import Calibration, scale_between, scaled
from mobilepose_ros.frame_ids import ALIGN
from mobilepose_ros.images import rows_of

ENCODINGS: Mapping[str, tuple[str, float]] = {
    "16UC1": ("u2", 0.001),
    "mono16": ("u2", 0.001),
    "32FC1": ("f4", 1.0),
}
"""Type of a pixel, and what its unit is in metres (REP-118)."""

_LARGEST = {"u": 65535.0, "f": float(np.finfo(np.float32).max)}
"""Values of 16 and 32 bits that drivers write where they know nothing, by their kind."""

FARTHEST = 100.0
"""No camera measures people farther away, m: what is farther is the sky of a simulation, or in
another unit. In millimetres that is 10 cm, nearer than any person."""

SAMPLES = 64
"""Pixels of depth that are looked at in the window around a joint."""

WINDOW = 0.025
"""Half the side of that window, in lengths of the person's box: the half of a wrist."""

SMALLEST_WINDOW = 2.0
"""Half the side of the window around a joint of somebody far away, pixels of the depth image."""

NEAR = 0.1
"""Share of a window's samples that may lie before the person: flying pixels."""

THICKNESS = 0.1
"""What lies farther behind the nearest part in a window is the background, m."""

REACH = 1.0
"""No joint is farther before or behind the middle of its person, m."""

FEWEST = 6
"""Samples of a window that have to show the person."""

LONGEST: Mapping[frozenset[str], float] = {
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
"""Limbs by the parts of the body they join, m: a tall adult's, and a fifth more for noise."""


def _part(name: str) -> str:
    return name.rpartition("_")[2]


@functools.cache
def _limbs(skeleton: Skeleton) -> tuple[IndexArray, IndexArray, Float64Array]:
    """(L,) indices of where limbs start and end, and how long they are at most, m."""
    starts, ends = np.array(skeleton.edge_indices, np.intp).reshape(-1, 2).T
    limits = [LONGEST[frozenset(map(_part, edge))] for edge in skeleton.edges]
    return starts, ends, np.array(limits)


_PLASTIC = np.array([0.7548776662466927, 0.5698402909980532])
_OFFSETS = np.arange(1, SAMPLES + 1)[:, None] * _PLASTIC % 1 * 2 - 1
"""(SAMPLES, 2) in [-1, 1], even in area and in step with no grid of holes, as registration and
interlacing leave them (the R2 sequence: Roberts, "The Unreasonable Effectiveness of Quasirandom
Sequences", 2018)."""


@dataclass(frozen=True, eq=False)
class DepthMap:
    """Distances along the optical axis.

    Attributes:
        values: (H, W) in the message's type and byte order, and its memory; holes are 0, negative,
            NaN, infinite, or the type's largest value.
        unit: of the values, m.
        encoding: the message's.
    """

    values: npt.NDArray[np.generic]
    unit: float
    encoding: str

    @classmethod
    def from_image(cls, image: Image) -> DepthMap:
        """The depth in a message, without a copy.

        Args:
            image: in one of the `ENCODINGS`, with any row padding and byte order.

        Raises:
            ValueError: another encoding, no pixels, or less data than the size and step claim.
        """
        if image.encoding not in ENCODINGS:
            raise ValueError(
                f"depth encoding {image.encoding!r} is not supported; supported: "
                f"{', '.join(ENCODINGS)}"
            )
        kind, unit = ENCODINGS[image.encoding]
        pixel = np.dtype(kind).newbyteorder(">" if image.is_bigendian else "<")
        rows = rows_of(image, image.width * pixel.itemsize, image.height)
        return cls(rows.view(pixel), unit, image.encoding)

    def metres(self, columns: IndexArray, rows: IndexArray) -> Float64Array:
        """Depth of pixels, m; NaN in holes and beside the image, infinite beyond `FARTHEST`."""
        height, width = self.values.shape
        inside = (columns >= 0) & (columns < width) & (rows >= 0) & (rows < height)
        found = self.values[np.where(inside, rows, 0), np.where(inside, columns, 0)]
        metres = found.astype(np.float64) * self.unit
        known = inside & (metres > 0) & (metres < _LARGEST[found.dtype.kind] * self.unit)
        return np.where(known, np.where(metres <= FARTHEST, metres, np.inf), np.nan)


def joints_in_metres(
    pose: Pose, depth: DepthMap, camera: Calibration, width: int, height: int
) -> Float32Array:
    """Where a person's joints are in space.

    Args:
        pose: joints in pixels of the image.
        depth: aligned to the image, of its size or another of the same aspect.
        camera: that took the image.
        width: of the image, pixels.
        height: of the image, pixels.

    Returns:
        (K, 3) x, y, z m in the optical frame; NaN where the depth image has a hole or something
        that is no part of the person, and for a joint at the end of an impossibly long limb.

    Raises:
        ValueError: the depth image has another aspect than the image.
    """
    places, middle = surface(pose, depth, camera, width, height)
    return without_impossible_limbs(places, middle, pose.skeleton).astype(np.float32)


def surface(
    pose: Pose, depth: DepthMap, camera: Calibration, width: int, height: int
) -> tuple[Float64Array, float]:
    """What a depth image shows at a person's joints, however long that makes their limbs.

    Args:
        pose: see `joints_in_metres`, as the others.
        depth: of the image.
        camera: of the image.
        width: of the image.
        height: of the image.

    Returns:
        (K, 3) x, y, z m, NaN where unknown, and the z of the person.
    """
    samples = windows(pose, depth, width, height)
    samples = np.where(np.isinf(samples), np.nan, samples)
    seen = pose.scores >= BOX_SCORE
    z, middle = _depths(samples, seen if seen.any() else ~seen)
    return camera.back_project(pose.joints, z), middle


def limb_sizes(places: Float64Array, skeleton: Skeleton = UPPER_BODY_11) -> Float64Array:
    """Lengths of limbs (L,) in those of a tall adult, by the places of joints (K, 3) m."""
    starts, ends, limits = _limbs(skeleton)
    return np.asarray(np.linalg.norm(places[starts] - places[ends], axis=1) / limits)


def windows(pose: Pose, depth: DepthMap, width: int, height: int) -> Float64Array:
    """Depth around joints as (K, SAMPLES) m, nearest first, then infinity, NaN last."""
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
    """Depth of the person at each joint (K,), and in the middle, m; NaN where unknown.

    Around a joint at the edge of the body the background may have more samples, so it is the
    nearest part in a window that counts, within the reach of the person as a whole.

    Args:
        samples: see `windows`.
        seen: (K,) which joints say where the person is.
    """
    known = seen & ~np.isnan(samples[:, FEWEST - 1])
    if not known.any():
        return np.full(len(samples), np.nan), np.nan
    middle = float(np.median(_nearest(samples)[known]))
    samples = np.sort(np.where(np.abs(samples - middle) <= REACH, samples, np.nan), axis=1)
    part = samples <= _nearest(samples)[:, None] + THICKNESS
    count = part.sum(axis=1)
    index = np.arange(len(samples))
    last = np.maximum(count - 1, 0)
    median = (samples[index, last // 2] + samples[index, (last + 1) // 2]) / 2
    return np.where(count >= FEWEST, median, np.nan), middle


def _nearest(samples: Float64Array) -> Float64Array:
    """Depth from which a window shows something, m: (K, N) sorted to (K,)."""
    count = np.count_nonzero(~np.isnan(samples), axis=1)
    return np.asarray(samples[np.arange(len(samples)), (NEAR * count).astype(int)])


def without_impossible_limbs(
    places: Float64Array, middle: float, skeleton: Skeleton = UPPER_BODY_11
) -> Float64Array:
    """NaN for the joints that make limbs too long.

    Those with most of such limbs go first; of two with as many, the one that is farther before or
    behind the middle of the person.

    Args:
        places: (K, 3) m.
        middle: z of the person, m.
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

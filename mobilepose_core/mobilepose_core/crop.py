"""From people's boxes to the squares that the network sees, and back: an affine and its inverse.

Frames: `image` is pixels of the source picture, `crop` is pixels of the network's input. In both, x
points right, y down, and the centre of the top-left pixel is (0, 0).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from mobilepose_core.typing import BoolArray, Float32Array, Float64Array, FloatArray, ImageArray

MARGIN = 1.3
"""Side of a person's square region, in lengths of the longer side of the box of their joints."""

FOLLOW_MARGIN = 1.5
"""The same for a tracked person, who moves between frames and may have joints outside the image.
PCK@0.2 is the same in such crops."""

PIXELS_MORE = 2
"""Added to the longer side of a box around found joints, which may all lie in one place."""

BORDER = (128, 128, 128)
"""Colour outside the picture: zero for the network."""

NMS_IOU = 0.5
"""IoU above which non-maximum suppression removes the weaker of two boxes."""

_TINY = 1e-9


@dataclass(frozen=True)
class Region:
    """A square of the image, turned by `angle`: what one crop shows.

    Attributes:
        x, y: its centre, image pixels.
        side: its side, image pixels.
        angle: radians; the crop shows the image turned by it, clockwise on the screen.
    """

    x: float
    y: float
    side: float
    angle: float = 0.0

    def scaled(self, factor: float) -> Region:
        """The same centre and angle with a side `factor` times as long."""
        return Region(self.x, self.y, self.side * factor, self.angle)


def region_of_box(box: npt.ArrayLike, margin: float = MARGIN, aspect: float = 1.0) -> Region:
    """The upright square around a person's box.

    Args:
        box: (4,) x0, y0, x1, y1 in image pixels.
        margin: side of the square in lengths of the longer side of the box.
        aspect: width of the part of the square that is to hold the box, in sides.

    Raises:
        ValueError: the box is not four finite numbers or has no extent.
    """
    corners = np.asarray(box, dtype=np.float64)
    if corners.shape != (4,) or not all(map(math.isfinite, corners.tolist())):
        raise ValueError(f"a box is four finite numbers x0, y0, x1, y1, got {box!r}")
    x0, y0, x1, y1 = corners.tolist()
    side = max((x1 - x0) / aspect, y1 - y0)
    if side <= 0:
        raise ValueError(f"a box needs x1 > x0 or y1 > y0, got {x0:g}, {y0:g}, {x1:g}, {y1:g}")
    return Region((x0 + x1) / 2, (y0 + y1) / 2, side * margin)


def region_around(box: FloatArray, margin: float = FOLLOW_MARGIN, aspect: float = 1.0) -> Region:
    """The upright square around the box (4,) of joints that were found, image pixels.

    Args:
        box: (4,) x0, y0, x1, y1.
        margin: as of `region_of_box`.
        aspect: likewise.
    """
    x0, y0, x1, y1 = box.tolist()
    side = margin * float(max((x1 - x0) / aspect, y1 - y0) + PIXELS_MORE)
    x, y = middles(box).tolist()
    return Region(x, y, side)


def regions_around(boxes: FloatArray, margin: float = MARGIN, aspect: float = 1.0) -> list[Region]:
    """The regions around boxes (N, 4) of joints that were found, image pixels."""
    return [region_around(box, margin, aspect) for box in boxes]


def closer_where_crowded(regions: Sequence[Region], boxes: FloatArray) -> list[Region]:
    """Regions of tracked people, as small as `MARGIN` allows where they show another person too.

    Args:
        regions: N of `FOLLOW_MARGIN`, image pixels.
        boxes: (M, 4) of all people, image pixels; the first N are those of the regions' own people.
    """
    centers = np.array([(region.x, region.y) for region in regions]).reshape(-1, 1, 2)
    halves = np.array([region.side / 2 for region in regions]).reshape(-1, 1, 1)
    shown = (boxes[:, :2] < centers + halves) & (boxes[:, 2:] > centers - halves)
    is_crowded = shown.all(axis=2).sum(axis=1) > 1
    return [
        region.scaled(MARGIN / FOLLOW_MARGIN) if crowded else region
        for region, crowded in zip(regions, is_crowded.tolist(), strict=True)
    ]


def box_of_joints(joints: FloatArray) -> Float32Array:
    """The box around those joints that are known, as a person's box is meant everywhere here.

    Args:
        joints: (K, 2) x, y; NaN where unknown.

    Returns:
        (4,) x0, y0, x1, y1 in the joints' frame; all NaN when no joint is known.
    """
    known = joints[np.isfinite(joints).all(axis=-1)]
    if not len(known):
        return np.full(4, np.nan, dtype=np.float32)
    return box_around(known)


def box_around(points: FloatArray) -> Float32Array:
    """(4,) x0, y0, x1, y1 around points (P, 2), one at least and all finite, in their frame."""
    box = np.empty(4, np.float32)
    box[:2], box[2:] = np.fmin.reduce(points), np.fmax.reduce(points)
    return box


def middles(boxes: FloatArray) -> FloatArray:
    """(..., 2) x, y of the middles of boxes (..., 4)."""
    return np.asarray((boxes[..., :2] + boxes[..., 2:]) / 2)


def box_nms(
    boxes: Float32Array, scores: Float32Array, overlap: float = NMS_IOU
) -> tuple[Float32Array, Float32Array]:
    """Boxes (N, 4) and scores (N,) after non-maximum suppression, by descending score."""
    corners_and_sizes = np.concatenate([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], axis=1)
    kept = np.asarray(
        cv2.dnn.NMSBoxes(corners_and_sizes.tolist(), scores.tolist(), 0.0, overlap), dtype=np.intp
    ).ravel()
    return boxes[kept], scores[kept]


def overlaps(boxes: FloatArray, others: FloatArray) -> Float32Array:
    """(N, M) IoU of boxes (N, 4) and others (M, 4)."""
    common = _common(boxes, others)
    union = _areas(boxes)[:, None] + _areas(others) - common
    return np.asarray(common / np.maximum(union, _TINY), dtype=np.float32)


def shares_of(boxes: FloatArray, others: FloatArray) -> Float32Array:
    """(N, M) intersections of boxes (N, 4) with others (M, 4), in areas of the former."""
    own = np.maximum(_areas(boxes)[:, None], _TINY)
    return np.asarray(_common(boxes, others) / own, dtype=np.float32)


def shares_within(boxes: FloatArray, others: FloatArray) -> Float32Array:
    """(N, M) intersections of boxes (N, 4) with others (M, 4), in areas of the smaller box."""
    smaller = np.minimum(_areas(boxes)[:, None], _areas(others))
    return np.asarray(_common(boxes, others) / np.maximum(smaller, _TINY), dtype=np.float32)


def _common(boxes: FloatArray, others: FloatArray) -> Float32Array:
    low = np.maximum(boxes[:, None, :2], others[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], others[None, :, 2:])
    extents = np.maximum(high - low, 0)
    return np.asarray(extents[..., 0] * extents[..., 1], dtype=np.float32)


def _areas(boxes: FloatArray) -> Float32Array:
    extents = boxes[:, 2:] - boxes[:, :2]
    return np.asarray(extents[:, 0] * extents[:, 1], dtype=np.float32)


def region_of_frame(width: int, height: int) -> Region:
    """The square that holds the whole picture."""
    return Region((width - 1) / 2, (height - 1) / 2, float(max(width, height)))


def crop_from_image(region: Region, size: int) -> Float64Array:
    """(2, 3) affine that takes image points to crop points of a crop of `size` pixels."""
    scale = size / region.side
    cos, sin = scale * math.cos(region.angle), scale * math.sin(region.angle)
    centre = (size - 1) / 2
    return np.array(
        [
            [cos, -sin, centre - cos * region.x + sin * region.y],
            [sin, cos, centre - sin * region.x - cos * region.y],
        ]
    )


def invert(matrix: Float64Array) -> Float64Array:
    """The affine that undoes `matrix`, (..., 2, 3) to (..., 2, 3)."""
    inverse = np.linalg.inv(matrix[..., :2])
    return np.concatenate([inverse, -inverse @ matrix[..., 2:]], axis=-1)


def composed(after: Float64Array, before: Float64Array) -> Float64Array:
    """The affine that does what one and then another does, each (..., 2, 3)."""
    linear = after[..., :2] @ before
    linear[..., 2] += after[..., 2]
    return linear


def transform(matrix: Float64Array, points: FloatArray) -> Float32Array:
    """Points (..., 2) through a (2, 3) affine; NaN stays NaN."""
    moved: Float32Array = (points @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32)
    return moved


def transform_boxes(matrix: Float64Array, boxes: FloatArray) -> Float32Array:
    """The boxes (N, 4) around boxes whose corners went through a (2, 3) affine."""
    x0, y0, x1, y1 = boxes.T
    corners = transform(matrix, np.stack([x0, y0, x1, y0, x0, y1, x1, y1], -1).reshape(-1, 4, 2))
    return np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=-1)


def picture_in_crop(region: Region, size: int, width: int, height: int) -> Float32Array:
    """(4,) x0, y0, x1, y1, the borders of a picture of that size in pixels of an upright crop."""
    corners = np.array([[-0.5, -0.5], [width - 0.5, height - 0.5]])
    return transform(crop_from_image(region, size), corners).ravel()


def inside(points: FloatArray, width: int, height: int) -> BoolArray:
    """(...,) whether points (..., 2) lie in a picture of that size, pixels; NaN does not."""
    within = (points >= -0.5) & (points <= np.array([width, height]) - 0.5)
    return np.asarray(within.all(axis=-1))


def cut(image: ImageArray, region: Region, size: int) -> ImageArray:
    """The region of the image as a crop.

    Args:
        image: (H, W, 3) uint8.
        region: what to show, image pixels.
        size: side of the crop, pixels.

    Returns:
        (size, size, 3) uint8, grey where the region leaves the picture.
    """
    return warp(image, crop_from_image(region, size), size, size)


def warp(
    image: ImageArray,
    matrix: Float64Array,
    width: int,
    height: int,
) -> ImageArray:
    """An image through a (2, 3) affine.

    Args:
        image: (H, W, 3) uint8.
        matrix: from its points to those of the result.
        width: of the result, pixels.
        height: likewise.

    Returns:
        (height, width, 3) uint8, grey where there is no image.
    """
    (a, b, _), (c, d, _) = matrix.tolist()
    shrink = 1 / math.sqrt(abs(a * d - b * c))
    if shrink >= 2 or max(image.shape) > LONGEST_WARP_SIDE:
        halvings = max(0, int(math.log2(shrink)))
        image, matrix = reduced(image, matrix, width, height, halvings)
    warped = cv2.warpAffine(
        image,
        matrix,
        (width, height),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=BORDER,
    )
    return np.asarray(warped, dtype=np.uint8)


LONGEST_WARP_SIDE = 32766
"""Side of an image up to which OpenCV warps it, pixels."""


def reduced(
    image: ImageArray, matrix: Float64Array, width: int, height: int, halvings: int
) -> tuple[ImageArray, Float64Array]:
    """What a warp shows of a picture, halved so often, and the affine for what `matrix` did."""
    image, matrix = _part_shown(image, matrix, width, height, 2**halvings)
    for _ in range(halvings):
        image, matrix = _halved(image, matrix)
    return image, matrix


def _part_shown(
    image: ImageArray, matrix: Float64Array, width: int, height: int, factor: int
) -> tuple[ImageArray, Float64Array]:
    """What a warp shows of a picture, and the affine that then does what `matrix` did.

    It begins at a multiple of `factor` and where possible ends at one: pixels that are averaged
    together are the same for all parts.
    """
    (a, b, e), (c, d, f) = matrix.tolist()
    determinant = a * d - b * c
    corners = [(u - e, v - f) for u in (-0.5, width - 0.5) for v in (-0.5, height - 0.5)]
    left, right = _span([(d * u - b * v) / determinant for u, v in corners], image.shape[1], factor)
    top, bottom = _span([(a * v - c * u) / determinant for u, v in corners], image.shape[0], factor)
    moved = matrix.copy()
    moved[:, 2] += (a * left + b * top, c * left + d * top)
    return image[top:bottom, left:right], moved


def _span(places: list[float], extent: int, factor: int) -> tuple[int, int]:
    """From where to where a side of a picture is shown, with its neighbours; never nothing."""
    first = min(max(math.floor(min(places) / factor) - 1, 0), (extent - 1) // factor)
    last = max(math.ceil(max(places) / factor) + 2, first + 1)
    return first * factor, min(last * factor, extent)


def _halved(image: ImageArray, matrix: Float64Array) -> tuple[ImageArray, Float64Array]:
    """A picture of half the size, averaged, and the affine that then does what `matrix` did.

    A bilinear warp alone to less than half the size would skip pixels.
    """
    height, width = (max(1, extent // 2) for extent in image.shape[:2])
    smaller = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
    step = np.array([image.shape[1] / width, image.shape[0] / height])
    scaled = matrix[:, :2] * step
    offset = matrix[:, 2] + matrix[:, :2] @ (step / 2 - 0.5)
    return np.asarray(smaller, dtype=np.uint8), np.column_stack([scaled, offset])

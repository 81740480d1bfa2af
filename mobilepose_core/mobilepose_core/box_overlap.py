"""Overlap of axis-aligned boxes x0, y0, x1, y1, in any coordinate frame, and suppression by it."""

from __future__ import annotations

import cv2
import numpy as np

from mobilepose_core.typing import Float32Array, FloatArray

OVERLAP = 0.5
"""IoU above which non-maximum suppression removes the weaker of two boxes."""


def box_nms(
    boxes: Float32Array, scores: Float32Array, overlap: float = OVERLAP
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


_TINY = 1e-9

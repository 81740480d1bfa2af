"""Where data sets and other networks keep our joints: columns by joint name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from mobilepose_core.skeleton import ALL_19, COCO_17
from mobilepose_core.typing import Float32Array, FloatArray

FLIC_COLUMNS: Mapping[str, int] = {
    "left_shoulder": 0,
    "left_elbow": 1,
    "left_wrist": 2,
    "right_shoulder": 3,
    "right_elbow": 4,
    "right_wrist": 5,
    "flic_left_hip": 6,
    "flic_right_hip": 9,
    "left_eye": 12,
    "right_eye": 13,
    "nose": 16,
}
"""Columns of `coords` in FLIC's `examples.mat`, from 0."""

LSP_COLUMNS: Mapping[str, int] = {
    "right_ankle": 0,
    "right_knee": 1,
    "right_hip": 2,
    "left_hip": 3,
    "left_knee": 4,
    "left_ankle": 5,
    "right_wrist": 6,
    "right_elbow": 7,
    "right_shoulder": 8,
    "left_shoulder": 9,
    "left_elbow": 10,
    "left_wrist": 11,
}
"""Columns of `joints.mat` of LSP and LSP-extended, from 0."""

COCO_COLUMNS: Mapping[str, int] = COCO_17.index
"""Positions in COCO's 17 `keypoints`, from 0."""

BLAZEPOSE_COLUMNS: Mapping[str, int] = {
    "nose": 0,
    "left_eye": 2,
    "right_eye": 5,
    "left_ear": 7,
    "right_ear": 8,
    "left_shoulder": 11,
    "right_shoulder": 12,
    "left_elbow": 13,
    "right_elbow": 14,
    "left_wrist": 15,
    "right_wrist": 16,
    "left_hip": 23,
    "right_hip": 24,
    "left_knee": 25,
    "right_knee": 26,
    "left_ankle": 27,
    "right_ankle": 28,
}
"""Landmarks of BlazePose's 33, from 0."""


def pick(
    points: Sequence[Sequence[float]] | FloatArray, columns: Mapping[str, int]
) -> Float32Array:
    """Points of a data set in the order of `ALL_19`; NaN for joints it does not have.

    Args:
        points: (M, 2) x, y of the other data set's joints, in its own order.
        columns: which of them is which of our joints, by name.

    Returns:
        (19, 2) float32.
    """
    source = np.asarray(points, dtype=np.float32)
    picked = np.full((len(ALL_19.joints), 2), np.nan, dtype=np.float32)
    for name, column in columns.items():
        picked[ALL_19.index[name]] = source[column, :2]
    return picked

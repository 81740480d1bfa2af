"""Joint names, their order, limbs, and where other data sets keep the same joints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

NAME = "flic11"

JOINTS: tuple[str, ...] = (
    "left_shoulder",
    "left_elbow",
    "left_wrist",
    "right_shoulder",
    "right_elbow",
    "right_wrist",
    "left_hip",
    "right_hip",
    "left_eye",
    "right_eye",
    "nose",
)
"""Canonical order, person-centric: left is the person's left."""

JOINT_COUNT = len(JOINTS)
INDEX: Mapping[str, int] = {name: index for index, name in enumerate(JOINTS)}

EDGES: tuple[tuple[str, str], ...] = (
    ("left_shoulder", "left_elbow"),
    ("left_elbow", "left_wrist"),
    ("right_shoulder", "right_elbow"),
    ("right_elbow", "right_wrist"),
    ("left_shoulder", "right_shoulder"),
    ("left_shoulder", "left_hip"),
    ("right_shoulder", "right_hip"),
    ("left_hip", "right_hip"),
    ("left_eye", "nose"),
    ("right_eye", "nose"),
)

EDGE_INDICES: tuple[tuple[int, int], ...] = tuple((INDEX[a], INDEX[b]) for a, b in EDGES)


def _mirrored(name: str) -> str:
    side, _, part = name.partition("_")
    return {"left": f"right_{part}", "right": f"left_{part}"}.get(side, name)


MIRROR: tuple[int, ...] = tuple(INDEX[_mirrored(name)] for name in JOINTS)
"""`joints[MIRROR]` exchanges left and right."""


def observer_centric(
    joints: npt.NDArray[np.floating],
) -> npt.NDArray[np.floating]:
    """Left and right exchanged for people whose left shoulder lies left of their right.

    Most published FLIC tables are counted so: a person seen from behind keeps the labels of one
    seen from the front.

    Args:
        joints: (..., 11, 2) x, y, person-centric.

    Returns:
        (..., 11, 2), a copy.
    """
    left, right = (joints[..., INDEX[f"{side}_shoulder"], 0] for side in ("left", "right"))
    return np.where((left < right)[..., None, None], joints[..., list(MIRROR), :], joints)


def torso_ends(
    joints: npt.NDArray[np.floating],
) -> tuple[npt.NDArray[np.floating], npt.NDArray[np.floating]]:
    """The middle of the hips and that of the shoulders.

    Args:
        joints: (..., 11, 2) x, y, NaN where unknown.

    Returns:
        Two (..., 2); NaN where one of the two joints is unknown.
    """
    hips, shoulders = (
        joints[..., [INDEX[f"left_{part}"], INDEX[f"right_{part}"]], :].mean(axis=-2)
        for part in ("hip", "shoulder")
    )
    return hips, shoulders


FLIC_COLUMNS: Mapping[str, int] = {
    "left_shoulder": 0,
    "left_elbow": 1,
    "left_wrist": 2,
    "right_shoulder": 3,
    "right_elbow": 4,
    "right_wrist": 5,
    "left_hip": 6,
    "right_hip": 9,
    "left_eye": 12,
    "right_eye": 13,
    "nose": 16,
}
"""Columns of `coords` in FLIC's `examples.mat`, from 0."""

LSP_COLUMNS: Mapping[str, int] = {
    "right_hip": 2,
    "left_hip": 3,
    "right_wrist": 6,
    "right_elbow": 7,
    "right_shoulder": 8,
    "left_shoulder": 9,
    "left_elbow": 10,
    "left_wrist": 11,
}
"""Columns of `joints.mat` of LSP and LSP-extended, from 0."""

COCO_COLUMNS: Mapping[str, int] = {
    "nose": 0,
    "left_eye": 1,
    "right_eye": 2,
    "left_shoulder": 5,
    "right_shoulder": 6,
    "left_elbow": 7,
    "right_elbow": 8,
    "left_wrist": 9,
    "right_wrist": 10,
    "left_hip": 11,
    "right_hip": 12,
}
"""Positions in COCO's 17 `keypoints`, from 0."""

BLAZEPOSE_COLUMNS: Mapping[str, int] = {
    "nose": 0,
    "left_eye": 2,
    "right_eye": 5,
    "left_shoulder": 11,
    "right_shoulder": 12,
    "left_elbow": 13,
    "right_elbow": 14,
    "left_wrist": 15,
    "right_wrist": 16,
    "left_hip": 23,
    "right_hip": 24,
}
"""Landmarks of BlazePose's 33, from 0."""


def pick(
    points: Sequence[Sequence[float]] | npt.NDArray[np.floating], columns: Mapping[str, int]
) -> npt.NDArray[np.float32]:
    """Points of another data set in our order; NaN for joints it does not have.

    Args:
        points: (M, 2) x, y of the other data set's joints, in its own order.
        columns: which of them is which of our joints, by name.

    Returns:
        (11, 2) float32.
    """
    source = np.asarray(points, dtype=np.float32)
    picked = np.full((JOINT_COUNT, 2), np.nan, dtype=np.float32)
    for name, column in columns.items():
        picked[INDEX[name]] = source[column, :2]
    return picked

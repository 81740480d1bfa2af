"""PCK, the percentage of correct keypoints: within a fraction of the torso's length.

Sapp and Taskar, "MODEC", CVPR 2013; Yang and Ramanan, "Articulated Human Detection with Flexible
Mixtures of Parts", PAMI 2013.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from mobilepose_core import skeleton
from mobilepose_core.typing import BoolArray, Float64Array, FloatArray

RIGHT = 0.2
"""Default threshold of a correct joint, in torso lengths."""

PARTS: Mapping[str, tuple[str, ...]] = {
    "shoulders": ("left_shoulder", "right_shoulder"),
    "elbows": ("left_elbow", "right_elbow"),
    "wrists": ("left_wrist", "right_wrist"),
    "hips": ("left_hip", "right_hip"),
    "eyes": ("left_eye", "right_eye"),
    "nose": ("nose",),
}
"""Joints of the upper body's parts."""

OTHER_PARTS: Mapping[str, tuple[str, ...]] = {
    "ears": ("left_ear", "right_ear"),
    "knees": ("left_knee", "right_knee"),
    "ankles": ("left_ankle", "right_ankle"),
    "flic_hips": ("flic_left_hip", "flic_right_hip"),
}


def normalised_distances(
    found: FloatArray, truth: FloatArray, torsos: Float64Array | None = None
) -> Float64Array:
    """Distance of each found joint from the truth, in torso lengths (left hip to right shoulder).

    Args:
        found: (N, K, 2) x, y.
        truth: (N, K, 2) in the same frame, NaN where not annotated.
        torsos: (N,) of `torso_lengths`; None computes them, if the joints are the upper body's.

    Returns:
        (N, K); NaN where the joint or the torso is not annotated.
    """
    expected = (skeleton.JOINT_COUNT if torsos is None else truth.shape[1], 2)
    if found.shape != truth.shape or found.shape[1:] != expected:
        raise ValueError(
            f"found and truth are both (N, {expected[0]}, 2), got {found.shape} and {truth.shape}"
        )
    torso = torso_lengths(truth) if torsos is None else torsos
    distances: Float64Array = np.linalg.norm(found.astype(float) - truth, axis=-1) / torso[:, None]
    return distances


def torso_lengths(upper_body: FloatArray) -> Float64Array:
    """(N,) from left hip to right shoulder of people, joints (N, 11, 2); NaN where unknown or 0."""
    hip, shoulder = skeleton.INDEX["left_hip"], skeleton.INDEX["right_shoulder"]
    torso: Float64Array = np.linalg.norm(
        upper_body[:, hip].astype(float) - upper_body[:, shoulder], axis=-1
    )
    torso[torso == 0] = np.nan
    return torso


def right_joints(
    found: FloatArray,
    truth: FloatArray,
    seen: BoolArray,
    torsos: Float64Array | None = None,
) -> BoolArray:
    """(N, K) whether joints are correct: near the truth, and the truth is visible.

    Args:
        found: (N, K, 2) x, y.
        truth: (N, K, 2) in the same frame, NaN where not annotated.
        seen: (N, K) whether the truth lies in the picture.
        torsos: as of `normalised_distances`.
    """
    distances = normalised_distances(found, truth, torsos)
    right: BoolArray = (np.nan_to_num(distances, nan=np.inf) <= RIGHT) & seen
    return right


def share_within(distances: FloatArray, threshold: float) -> Float64Array:
    """(K,) share of each joint's annotated instances within `threshold`; NaN without any.

    Args:
        distances: (N, K) of `normalised_distances`; infinite for joints of people who were missed.
        threshold: in torso lengths.
    """
    right = (distances <= threshold).sum(axis=0)
    count = (~np.isnan(distances)).sum(axis=0)
    return np.where(count > 0, right / np.maximum(count, 1), np.nan)


def summary(
    distances: FloatArray, threshold: float = RIGHT, joints: Sequence[str] = skeleton.JOINTS
) -> dict[str, float]:
    """PCK in per cent: of each joint, of each part (both sides), and the mean over joints.

    Args:
        distances: (N, K) of `normalised_distances`.
        threshold: in torso lengths.
        joints: names of the K joints.
    """
    shares = 100 * share_within(distances, threshold)
    figures = {name: float(share) for name, share in zip(joints, shares, strict=True)}
    for part, names in (*PARTS.items(), *OTHER_PARTS.items()):
        if set(names) <= set(joints):
            figures[part] = _mean([figures[name] for name in names])
    figures["mean"] = _mean([figures[name] for name in joints])
    return figures


def _mean(values: list[float]) -> float:
    known = [value for value in values if np.isfinite(value)]
    return float(np.mean(known)) if known else float("nan")

"""How alike poses are, and which of those in a frame are duplicates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mobilepose_core.pose import Pose, boxes_of
from mobilepose_core.typing import FloatArray

SAME_FRAME_SPREAD = 0.12
"""Spread of one person's joints between two crops of a frame, in lengths of the person."""

DUPLICATE_SIMILARITY = 0.3
"""Similarity from which two poses in a frame are the same person.

Where people cross, the crop around the one behind begins to show joints of the one in front.
"""

SHORTEST_BOX = 32.0
"""People who are smaller than this are compared as if they were as long, pixels."""

MIN_WEIGHT = 0.05
"""Weight of joints that score nothing on either side."""


@dataclass(frozen=True, eq=False)
class PoseArrays:
    """Several poses of one skeleton as arrays.

    Attributes:
        joints: (P, K, 2) image pixels; (0, 0, 2) without any.
        scores: (P, K).
        boxes: (P, 4) of the upper bodies, image pixels.
        totals: (P,) scores of the whole poses.
    """

    joints: FloatArray
    scores: FloatArray
    boxes: FloatArray
    totals: FloatArray

    def __len__(self) -> int:
        return len(self.joints)

    @staticmethod
    def of(poses: Sequence[Pose]) -> PoseArrays:
        """The arrays of some poses."""
        return PoseArrays(
            stacked([pose.joints for pose in poses], 2),
            stacked([pose.scores for pose in poses]),
            boxes_of(poses),
            np.array([pose.score for pose in poses]),
        )


def pose_similarity(poses: PoseArrays, others: PoseArrays, spread: float) -> FloatArray:
    """(P, Q) how well joints agree, in [0, 1]: COCO's object keypoint similarity (OKS).

    Joints are weighted by the scores of both sides, distances by the smaller person's length.

    Args:
        poses: in image pixels.
        others: likewise.
        spread: distance at which a joint's similarity is e^-1/2, in lengths of a person's box.
    """
    if not len(poses) or not len(others):
        return np.zeros((len(poses), len(others)))
    apart = poses.joints[:, None] - others.joints[None]
    lengths = np.fmin(box_lengths(poses.boxes)[:, None], box_lengths(others.boxes))
    far = np.add.reduce(apart * apart, axis=-1)
    similar = np.exp(far / (-2 * spread**2 * (lengths * lengths)[..., None]))
    weights = np.sqrt(poses.scores[:, None] * others.scores[None]) + MIN_WEIGHT
    agreeing = np.add.reduce(weights * similar, axis=-1)
    return np.asarray(agreeing / np.add.reduce(weights, axis=-1))


def pose_nms(poses: Sequence[Pose]) -> list[int]:
    """Indices of the poses, best first, without duplicates of better ones."""
    order = sorted(range(len(poses)), key=lambda index: -poses[index].score)
    if len(poses) < 2:
        return order
    arrays = PoseArrays.of(poses)
    is_same = pose_similarity(arrays, arrays, SAME_FRAME_SPREAD) >= DUPLICATE_SIMILARITY
    kept: list[int] = []
    for index in order:
        if not is_same[index, kept].any():
            kept.append(index)
    return kept


def distinct(poses: Sequence[Pose], least_score: float) -> list[Pose]:
    """The poses of at least that score, best first, without duplicates of better ones."""
    chosen = [pose for pose in poses if pose.score >= least_score]
    return [chosen[index] for index in pose_nms(chosen)]


def box_lengths(boxes: FloatArray) -> FloatArray:
    """(P,) the longer side of each box (P, 4), image pixels, `SHORTEST_BOX` at least."""
    return np.asarray(np.fmax.reduce(boxes[:, 2:] - boxes[:, :2], axis=1, initial=SHORTEST_BOX))


def stacked(rows: Sequence[FloatArray], *shape: int) -> FloatArray:
    """(P, K, *shape) of P arrays (K, *shape); (0, 0, *shape) of none."""
    return np.array(rows) if len(rows) else np.zeros((0, 0, *shape))

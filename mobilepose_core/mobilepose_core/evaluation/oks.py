"""COCO's pose metric: average precision over object keypoint similarity (OKS).

See https://cocodataset.org/#keypoints-eval. For models with fewer than COCO's 17 joints, only their
joints count.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mobilepose_core import crop
from mobilepose_core.typing import BoolArray, Float64Array, FloatArray

SIGMAS: Mapping[str, float] = {
    "nose": 0.026,
    "eye": 0.025,
    "ear": 0.035,
    "shoulder": 0.079,
    "elbow": 0.072,
    "wrist": 0.062,
    "hip": 0.107,
    "knee": 0.087,
    "ankle": 0.089,
}
"""Standard deviation of annotations of each part, in square roots of the person's area."""

THRESHOLDS = tuple(round(0.5 + 0.05 * step, 2) for step in range(10))
"""OKS thresholds, over which precision is averaged."""

MOST_POSES = 20
"""Largest number of poses per photograph; only the best ones count."""

RECALLS = np.linspace(0, 1, 101)


def sigmas(joints: Sequence[str]) -> Float64Array:
    """(K,) sigmas of joints by name."""
    return np.array([SIGMAS[name.rpartition("_")[2]] for name in joints])


def similarities(
    found: FloatArray, truth: FloatArray, areas: FloatArray, joints: Sequence[str]
) -> Float64Array:
    """Object keypoint similarity of every pose with every person.

    Args:
        found: (P, K, 2) x, y.
        truth: (Q, K, 2) in the same frame, NaN where not annotated.
        areas: (Q,) of people, pixels squared.
        joints: names of the K joints.

    Returns:
        (P, Q) in [0, 1]; 0 for people without annotated joints.
    """
    squares = ((found[:, None].astype(float) - truth) ** 2).sum(axis=-1)
    spread = 2 * areas[:, None] * (2 * sigmas(joints)) ** 2
    known = np.isfinite(truth).all(axis=-1)
    near = np.where(known, np.exp(-np.nan_to_num(squares, posinf=np.inf) / spread), 0)
    whole: Float64Array = near.sum(axis=-1) / np.maximum(known.sum(axis=-1), 1)
    return whole


@dataclass(frozen=True, eq=False)
class EvaluatedPhotograph:
    """Ground truth and predicted poses of a photograph.

    Attributes:
        truth: (Q, K, 2) image pixels, NaN where not annotated.
        areas: (Q,) of those people, pixels squared.
        found: (P, K, 2) predicted joints, image pixels.
        scores: (P,) of the predicted poses.
        doubtful: (D, 4) regions to ignore, of people without annotated joints: a pose with its
            centre in one of them is not a false positive.
    """

    truth: FloatArray
    areas: FloatArray
    found: FloatArray
    scores: FloatArray
    doubtful: FloatArray


def average_precision(
    photographs: Sequence[EvaluatedPhotograph], joints: Sequence[str]
) -> dict[str, float]:
    """COCO's metrics in per cent: AP, AP50, AP75 and AR; NaN without annotated people.

    Args:
        photographs: with ground truth and predictions.
        joints: names of the joints.
    """
    every = [_Matches.of(photograph, joints) for photograph in photographs]
    people = sum(matches.people for matches in every)
    scores = np.concatenate([matches.scores for matches in every] or [np.zeros(0)])
    order = np.argsort(-scores, kind="stable")
    precisions, recalls = {}, {}
    for place, threshold in enumerate(THRESHOLDS):
        right = np.concatenate([m.right[place] for m in every] or [np.zeros(0)])[order]
        counts = np.concatenate([m.counts[place] for m in every] or [np.zeros(0)])[order]
        chosen = right[counts.astype(bool)].astype(bool)
        precisions[threshold] = _precision(chosen, people)
        recalls[threshold] = chosen.sum() / people if people else float("nan")
    return {
        "ap": 100 * float(np.mean(list(precisions.values()))),
        "ap50": 100 * precisions[0.5],
        "ap75": 100 * precisions[0.75],
        "ar": 100 * float(np.mean(list(recalls.values()))),
    }


@dataclass(frozen=True, eq=False)
class _Matches:
    """(T, P) which poses of a photograph are true positives at each threshold, and which count."""

    people: int
    scores: FloatArray
    right: BoolArray
    counts: BoolArray

    @classmethod
    def of(cls, photograph: EvaluatedPhotograph, joints: Sequence[str]) -> _Matches:
        best = np.argsort(-photograph.scores, kind="stable")[:MOST_POSES]
        found, scores = photograph.found[best], photograph.scores[best]
        annotated = np.isfinite(photograph.truth).all(axis=-1).any(axis=-1)
        alike = similarities(
            found, photograph.truth[annotated], photograph.areas[annotated], joints
        )
        right = np.stack([_assigned(alike, threshold) for threshold in THRESHOLDS])
        return cls(
            int(annotated.sum()), scores, right, right | ~_excused(found, photograph.doubtful)
        )


def _assigned(alike: FloatArray, threshold: float) -> BoolArray:
    """(P,) which poses, best first, match a person that no better pose has matched."""
    left = np.ones(alike.shape[1], bool)
    right = np.zeros(len(alike), bool)
    for pose, row in enumerate(alike):
        free = np.where(left, row, -1)
        if len(free) and free.max() >= threshold:
            left[int(free.argmax())] = False
            right[pose] = True
    return right


def _excused(found: FloatArray, doubtful: FloatArray) -> BoolArray:
    """(P,) whether the centres of poses are in an ignored region."""
    if not len(found) or not len(doubtful):
        return np.zeros(len(found), bool)
    middles = crop.middles(np.stack([crop.box_of_joints(pose) for pose in found]))[:, None]
    inside = (middles >= doubtful[:, :2]) & (middles <= doubtful[:, 2:])
    return np.asarray(inside.all(axis=-1).any(axis=-1))


def _precision(right: BoolArray, people: int) -> float:
    """Mean precision over recalls, of poses by descending score."""
    if not people:
        return float("nan")
    hits = np.cumsum(right)
    precision = hits / np.arange(1, len(right) + 1)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    reached = np.searchsorted(hits / people, RECALLS, side="left")
    return float(np.mean([envelope[place] if place < len(envelope) else 0.0 for place in reached]))

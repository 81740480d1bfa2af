"""Reliability of scores as probabilities: bins and the expected calibration error.

Naeini et al., "Obtaining Well Calibrated Probabilities Using Bayesian Binning", AAAI 2015; Guo et
al., "On Calibration of Modern Neural Networks", ICML 2017.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mobilepose_core.evaluation import pck
from mobilepose_core.evaluation.evaluate import Findings
from mobilepose_core.typing import BoolArray, FloatArray

BINS = 10


@dataclass(frozen=True)
class Bin:
    """The joints whose scores lie in one bin of [0, 1].

    Attributes:
        count: number of joints.
        score: mean score; NaN if empty.
        right: share of correct joints; NaN if empty.
    """

    count: int
    score: float
    right: float


def reliability(scores: FloatArray, right: BoolArray, bins: int = BINS) -> list[Bin]:
    """Bins of joints by score, lowest first.

    Args:
        scores: (N,) in [0, 1].
        right: (N,) whether the joint is correct.
        bins: number of equal bins; 1 belongs to the last.

    Raises:
        ValueError: the arrays are not vectors of one length.
    """
    if scores.ndim != 1 or scores.shape != right.shape:
        raise ValueError(f"scores and right are both (N,), got {scores.shape} and {right.shape}")
    part = np.minimum((scores * bins).astype(int), bins - 1)
    return [_bin(scores[part == index], right[part == index]) for index in range(bins)]


def expected_calibration_error(bins: Sequence[Bin]) -> float:
    """Mean |score - accuracy| over the bins, weighted by count; NaN without joints."""
    filled = [entry for entry in bins if entry.count]
    total = sum(entry.count for entry in filled)
    if not total:
        return float("nan")
    return sum(entry.count * abs(entry.score - entry.right) for entry in filled) / total


def error_of_findings(findings: Findings) -> float:
    """The expected calibration error over annotated joints; those outside the photo are wrong."""
    joints, torsos = (findings.found, findings.truth), findings.torsos
    annotated = np.isfinite(pck.normalised_distances(*joints, torsos))
    right = pck.right_joints(*joints, findings.seen, torsos)
    return expected_calibration_error(reliability(findings.scores[annotated], right[annotated]))


def table(bins: Sequence[Bin]) -> str:
    """The bins as a text table."""
    lines = ["  score      joints  mean score  share right"]
    for index, entry in enumerate(bins):
        between = f"{index / len(bins):.1f}-{(index + 1) / len(bins):.1f}"
        means = f"{entry.score:10.3f}  {entry.right:11.3f}" if entry.count else ""
        lines.append(f"  {between:<9} {entry.count:7}  {means}".rstrip())
    return "\n".join(lines)


def _bin(scores: FloatArray, right: BoolArray) -> Bin:
    if not len(scores):
        return Bin(0, float("nan"), float("nan"))
    return Bin(len(scores), float(scores.mean()), float(right.mean()))

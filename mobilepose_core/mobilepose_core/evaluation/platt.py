"""Fits a calibration to what became of joints (Platt's scaling)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mobilepose_core.evaluation.logistic import fit_logistic
from mobilepose_core.evaluation.outcomes import Outcomes
from mobilepose_core.inference.pose_model import ScoreCalibration, calibration_terms
from mobilepose_core.typing import BoolArray, Float64Array

_BOUNDS = ((1e-3, None), (0.0, None), (None, 0.0), (None, None))
"""As `ScoreCalibration` says."""


def fit(sets: Sequence[Outcomes], shares: Sequence[float]) -> ScoreCalibration:
    """The calibration under which what happened is likeliest.

    Joints found beyond the picture's border are left out: they score 0.

    Args:
        sets: of the same model.
        shares: how much each set counts, however many people it has.

    Raises:
        ValueError: all joints are right, or none is.
    """
    parts = [_features(part) for part in sets]
    features = np.concatenate([values for values, _ in parts])
    right = np.concatenate([outcome for _, outcome in parts])
    weights = np.concatenate(
        [
            np.full(len(v), share / max(len(v), 1))
            for (v, _), share in zip(parts, shares, strict=True)
        ]
    ) / sum(shares)
    if not 0 < right.sum() < len(right):
        raise ValueError(
            f"{right.sum()} of {len(right)} joints are right; a calibration is fitted to both, "
            "right and wrong ones"
        )
    start = np.array([1.0, 0.0, 0.0, 0.0])
    found = fit_logistic(features, right, weights, start, _BOUNDS)
    return ScoreCalibration(*(float(value) for value in found))


def _features(part: Outcomes) -> tuple[Float64Array, BoolArray]:
    """(M, 4) what the factors weigh and (M,) whether right, of the joints that count."""
    counted = part.annotated & (part.margins >= 0)
    weighed = np.broadcast_arrays(*calibration_terms(part.peaks, part.margins), 1.0)
    features = np.stack(weighed, axis=-1)[counted]
    return features.astype(float), part.right[counted]

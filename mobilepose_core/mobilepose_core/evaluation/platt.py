"""Fits a score calibration by Platt scaling."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mobilepose_core.errors import DataError
from mobilepose_core.evaluation.logistic import fit_logistic
from mobilepose_core.evaluation.outcomes import Outcomes
from mobilepose_core.inference.pose_model import ScoreCalibration, calibration_terms
from mobilepose_core.typing import BoolArray, Float64Array

_BOUNDS = ((1e-3, None), (0.0, None), (None, 0.0), (None, None))
"""Ranges of `ScoreCalibration`."""


def fit(sets: Sequence[Outcomes], shares: Sequence[float]) -> ScoreCalibration:
    """The maximum-likelihood calibration.

    Joints predicted outside the picture are skipped: they score 0.

    Args:
        sets: of the same model.
        shares: weight of each set, independent of its size.

    Raises:
        DataError: all joints are correct, or none is.
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
        raise DataError(
            f"{right.sum()} of {len(right)} joints are correct; a calibration needs correct and "
            "wrong ones"
        )
    start = np.array([1.0, 0.0, 0.0, 0.0])
    found = fit_logistic(features, right, weights, start, _BOUNDS)
    return ScoreCalibration(*(float(value) for value in found))


def _features(part: Outcomes) -> tuple[Float64Array, BoolArray]:
    """(M, 4) features and (M,) correctness of the annotated joints inside the picture."""
    counted = part.annotated & (part.margins >= 0)
    weighed = np.broadcast_arrays(*calibration_terms(part.peaks, part.margins), 1.0)
    features = np.stack(weighed, axis=-1)[counted]
    return features.astype(float), part.right[counted]

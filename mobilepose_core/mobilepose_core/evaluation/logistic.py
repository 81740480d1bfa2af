"""Logistic regression by maximum likelihood."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from mobilepose_core.typing import BoolArray, Float64Array

Bounds = tuple[tuple[float | None, float | None], ...]


def fit_logistic(
    features: Float64Array,
    outcomes: BoolArray,
    shares: Float64Array,
    start: Float64Array,
    bounds: Bounds | None = None,
    ridge: Float64Array | float = 0.0,
    given: Float64Array | float = 0.0,
) -> Float64Array:
    """(F,) coefficients: `features @ coefficients + given` are the logits of the outcomes.

    Args:
        features: (N, F); a constant feature gives an intercept.
        outcomes: (N,) labels.
        shares: (N,) sample weights.
        start: (F,) initial coefficients.
        bounds: smallest and largest value of each coefficient.
        ridge: (F,) L2 regularisation.
        given: (N,) fixed offsets of the logits.
    """

    def loss(factors: Float64Array) -> tuple[float, Float64Array]:
        logits = features @ factors + given
        cost = shares @ (np.logaddexp(0, logits) - outcomes * logits) + np.sum(ridge * factors**2)
        slope = features.T @ (shares * (expit(logits) - outcomes)) + 2 * ridge * factors
        return float(cost), slope

    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds)
    return np.asarray(found.x)

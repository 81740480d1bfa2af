"""Logistic regression: the factors of features under which what happened is likeliest."""

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
    """(F,) factors whose sum of features is the logit of an outcome.

    Args:
        features: (N, F), one of them constant where there is to be an offset.
        outcomes: (N,) whether it happened.
        shares: (N,) how much each counts.
        start: (F,) where the search begins.
        bounds: least and largest of each factor.
        ridge: (F,) weights of the squared factors.
        given: (N,) logits beside those of the features.
    """

    def loss(factors: Float64Array) -> tuple[float, Float64Array]:
        logits = features @ factors + given
        cost = shares @ (np.logaddexp(0, logits) - outcomes * logits) + np.sum(ridge * factors**2)
        slope = features.T @ (shares * (expit(logits) - outcomes)) + 2 * ridge * factors
        return float(cost), slope

    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds)
    return np.asarray(found.x)

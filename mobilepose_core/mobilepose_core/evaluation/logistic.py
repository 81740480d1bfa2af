"""Logistic regression: the factors of features under which what happened is likeliest."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import expit

Values = npt.NDArray[np.float64]
Bounds = tuple[tuple[float | None, float | None], ...]


def likeliest(
    features: Values,
    outcomes: npt.NDArray[np.bool_],
    shares: Values,
    start: Values,
    bounds: Bounds | None = None,
    ridge: Values | float = 0.0,
    given: Values | float = 0.0,
) -> Values:
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

    def loss(factors: Values) -> tuple[float, Values]:
        logits = features @ factors + given
        cost = shares @ (np.logaddexp(0, logits) - outcomes * logits) + np.sum(ridge * factors**2)
        slope = features.T @ (shares * (expit(logits) - outcomes)) + 2 * ridge * factors
        return float(cost), slope

    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds)
    return np.asarray(found.x)

"""The line through measured costs, and the knee at which they stop growing in proportion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

STEEPER = 1.25
SHARE = 0.75
NEGLIGIBLE = 0.05

DEFINITION = (
    "The knee is the first size at which, in three quarters of the rounds, the step from the size "
    f"before cost more than {STEEPER:g} times the mean of all steps before it, for as much growth, "
    f"and more than {100 * NEGLIGIBLE:g} % of the time."
)


@dataclass(frozen=True)
class Line:
    """A straight line: ms = start + slope * x.

    Attributes:
        departure: largest relative deviation of a measurement.
    """

    start: float
    slope: float
    departure: float


def line(x: npt.ArrayLike, ms: npt.ArrayLike) -> Line:
    """The line of least squares.

    Args:
        x: (S,) sizes, at least two.
        ms: (S,) costs.
    """
    sizes, costs = np.asarray(x, float), np.asarray(ms, float)
    slope, start = np.polyfit(sizes, costs, 1)
    departure = np.abs(start + slope * sizes - costs) / costs
    return Line(float(start), float(slope), float(departure.max()))


def knee(x: npt.ArrayLike, rounds: npt.ArrayLike) -> float | None:
    """The size of the knee, see `DEFINITION`; None if there is none.

    Sizes are compared within a round, since the machine's speed varies between rounds.

    Args:
        x: (S,) growing sizes; a knee is at the third size or later.
        rounds: (R, S) ms.
    """
    sizes, ms = np.asarray(x, float), np.asarray(rounds, float)
    for i in range(2, len(sizes)):
        before = ms[:, i - 1]
        mean = np.maximum(0, (before - ms[:, 0]) / (sizes[i - 1] - sizes[0]))
        step = ms[:, i] - before
        is_steep = step > STEEPER * mean * (sizes[i] - sizes[i - 1])
        if (is_steep & (step > NEGLIGIBLE * before)).mean() >= SHARE:
            return float(sizes[i])
    return None


def in_words(series: Mapping[str, Any], x: str) -> str:
    """The line through a measured series and its knee, as text.

    Args:
        series: from `benchmarks.growth`.
        x: the unit of its sizes.
    """
    fit, first, last = series["line"], series["points"][0], series["points"][-1]
    knees = [point["label"] for point in series["points"] if point["x"] == series["knee"]]
    grown, dearer = last["x"] / first["x"], last["ms"] / first["ms"]
    if knees:
        verdict = f"knee at {knees[0]}"
    elif dearer <= STEEPER * grown:
        verdict = "linear or better, no knee"
    else:
        verdict = "no knee that stands out of the noise"
    return (
        f"{series['name']}: ms = {fit['start']:.2f} + {fit['slope']:.2f} * {x}, "
        f"within {100 * fit['departure']:.0f} %; {grown:.3g} times the {x} cost "
        f"{dearer:.3g} times as much; {verdict}"
    )

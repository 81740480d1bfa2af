"""Performance goals, as ratios of times measured in one run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Goal:
    """Upper limit of the time of one network relative to another's."""

    name: str
    other: str
    ratio: float

    def __str__(self) -> str:
        factor = "" if self.ratio == 1 else f"{self.ratio:.2g} x "
        return f"{self.name} <= {factor}{self.other}"


GOALS = (
    Goal("final", "blazepose_full", 1.0),
    Goal("small", "blazepose_lite", 1.0),
    Goal("small-int8", "blazepose_lite", 0.5),
    Goal("finder", "blazepose_full", 2 / 3),
)


def results(times: Mapping[str, float]) -> list[dict[str, Any]]:
    """Each goal, the measured ratio, and whether it is met; None if a network is missing.

    Args:
        times: milliseconds by name.
    """
    rows = []
    for goal in GOALS:
        known = goal.name in times and goal.other in times
        ratio = times[goal.name] / times[goal.other] if known else None
        rows.append(
            {
                "goal": str(goal),
                "ratio": None if ratio is None else round(ratio, 3),
                "met": None if ratio is None else ratio <= goal.ratio,
            }
        )
    return rows

"""Interleaved timing: shuffled rounds in which every contestant runs once; slow ones skip some."""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mobilepose_core.evaluation.timing import interleaved

SHARE = 20.0
"""Average milliseconds per round of one contestant; a slower one skips rounds."""

FEWEST_CALLS = 8
"""Smallest number of runs, even of the slowest contestant, if there are so many rounds."""

SEED = 0

WARM_UP = 2
"""Rounds before those that count."""


@dataclass(frozen=True)
class Spread:
    """Median and quartiles of times, ms, and their number."""

    ms: float
    low: float
    high: float
    runs: int

    @classmethod
    def of(cls, times: list[float]) -> Spread:
        """The spread of two or more times."""
        low, median, high = statistics.quantiles(times, n=4, method="inclusive")
        return cls(median, low, high, len(times))

    def as_json(self) -> dict[str, Any]:
        """As JSON values, rounded to microseconds."""
        times = {"ms": self.ms, "low": self.low, "high": self.high}
        return {name: round(value, 3) for name, value in times.items()} | {"runs": self.runs}


def measured(contestants: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, Spread]:
    """The time of each contestant, interleaved and shuffled.

    Args:
        contestants: what to call, by name.
        rounds: at least two.
    """
    if rounds < 2:
        raise ValueError(f"rounds is 2 or more, got {rounds}")
    warm = interleaved(contestants, 1, WARM_UP)
    steps = {name: step_of(times[0], rounds) for name, times in warm.items()}
    times = interleaved(contestants, rounds, 0, steps, random.Random(SEED))
    return {name: Spread.of(found) for name, found in times.items()}


def step_of(ms: float, rounds: int) -> int:
    """The interval, in rounds, at which a contestant runs.

    Args:
        ms: its approximate time.
        rounds: number of rounds.
    """
    return max(1, min(round(ms / SHARE), rounds // FEWEST_CALLS))

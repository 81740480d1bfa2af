"""Times of things side by side: what else the machine does falls on all of them alike."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from tqdm import tqdm


def interleaved(
    contestants: Mapping[str, Callable[[], object]], rounds: int, warm_up: int
) -> dict[str, list[float]]:
    """Milliseconds of every call, every round calling each contestant once.

    Args:
        contestants: what to call, by name.
        rounds: calls of each that count.
        warm_up: rounds before them that do not.
    """
    times: dict[str, list[float]] = {name: [] for name in contestants}
    for index in tqdm(range(-warm_up, rounds), desc="timing", leave=False):
        for name, run in contestants.items():
            started = time.perf_counter()
            run()
            if index >= 0:
                times[name].append((time.perf_counter() - started) * 1e3)
    return times

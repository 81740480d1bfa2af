"""Interleaved timing: other load on the machine affects all candidates equally."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping

from tqdm import tqdm


def interleaved(
    contestants: Mapping[str, Callable[[], object]],
    rounds: int,
    warm_up: int,
    steps: Mapping[str, int] | None = None,
    order: random.Random | None = None,
) -> dict[str, list[float]]:
    """Milliseconds of calls; a round calls each contestant twice.

    Only the second call counts: the first absorbs the effects of the previous contestant, such as
    cold caches and its spinning threads.

    Args:
        contestants: what to call, by name.
        rounds: number of rounds that count.
        warm_up: number of rounds before them.
        steps: rounds between two runs of a contestant; 1 by default.
        order: shuffles each round, so that the predecessor varies.
    """
    steps = steps or {}
    names = list(contestants)
    times: dict[str, list[float]] = {name: [] for name in contestants}
    for index in tqdm(range(-warm_up, rounds), desc="timing", leave=False):
        if order is not None:
            order.shuffle(names)
        for name in names:
            if index >= 0 and index % steps.get(name, 1):
                continue
            contestants[name]()
            if index >= 0:
                started = time.perf_counter()
                contestants[name]()
                times[name].append((time.perf_counter() - started) * 1e3)
    return times

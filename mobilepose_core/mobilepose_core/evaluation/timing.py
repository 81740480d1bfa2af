"""Times of things side by side: what else the machine does falls on all of them alike."""

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
    """Milliseconds of calls, every round calling each contestant twice.

    The second call counts: the first has passed what the contestant before it left, which are its
    own data in the caches, and threads that still wait for more of its work.

    Args:
        contestants: what to call, by name.
        rounds: that count.
        warm_up: rounds before them that do not.
        steps: in every how many rounds alone a contestant is called; in each where it is not named.
        order: shuffles each round, so that nobody always comes after the same other.
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

"""Gestures that are made in films, and what is told of them: how many are seen, how many false."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from benchmarks.behaving import acts
from benchmarks.behaving.acts import Act
from benchmarks.behaving.performance import SECONDS
from mobilepose_core.behaviour import GESTURES, POSTURES, PersonState

COUNTED = tuple(name for name in GESTURES if name != "facing")

GRACE = 1.0
"""A gesture may begin so long after its act has ended, s, before it is false: it takes time to
see one, and a wave is a second long."""

SETTLED = 1.5
"""Time since an act began from which its posture counts, s."""

IDLE_ACTS = 15
"""In a film without gestures."""


@dataclass(frozen=True)
class Told:
    """What is told of a frame.

    Attributes:
        time: s.
        act: what is done; None on the way to the next.
        gestures: that are told of anybody in it.
        posture: of the person; None where nobody is found.
    """

    time: float
    act: Act | None
    gestures: Collection[str]
    posture: str | None


Watch = Callable[[list[Act]], Iterable[Told]]
"""Films somebody who follows a script, and tells what they do."""


def gestures_of(state: PersonState) -> set[str]:
    """The gestures, facing apart, that somebody makes."""
    return {name for name in COUNTED if state.does(name)}


@dataclass
class GestureTally:
    """Counts of some films.

    Attributes:
        made: gestures.
        seen: of these.
        right: beginnings of gestures that are told and made.
        wrong: beginnings of gestures that are told and not made.
        postures: frames by true and told posture.
    """

    made: Counter[str] = field(default_factory=Counter)
    seen: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    postures: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, film: Iterable[Told]) -> None:
        """Counts the acts of a film that are seen, and beginnings that are right or wrong."""
        before: set[str] = set()
        last_made: dict[str, float] = {}
        unseen: set[str] = set()
        act: Act | None = None
        for frame in film:
            if frame.act is not None and frame.act is not act:
                act = frame.act
                unseen = set(act.gestures)
                self.made.update(act.gestures)
            for name in frame.act.gestures if frame.act else ():
                last_made[name] = frame.time
            told = set(frame.gestures)
            self.seen.update(told & unseen)
            unseen -= told
            for name in told - before:
                since = frame.time - last_made.get(name, -math.inf)
                is_right = since <= GRACE or _is_part_of_waving(name, act)
                (self.right if is_right else self.wrong)[name] += 1
            before = told
            if frame.act and frame.posture and frame.time % SECONDS > SETTLED:
                self.postures[frame.act.posture, frame.posture] += 1


def _is_part_of_waving(name: str, act: Act | None) -> bool:
    """Waving hands are raised hands, whatever the act is called."""
    return name.endswith("_raised") and act is not None and "waving" in act.gestures


def measure(
    minutes: float,
    draw: np.random.Generator,
    watch: Watch,
    postures: Collection[str] = POSTURES,
) -> dict[str, Any]:
    """Gestures that are seen, of those that are made, and false ones per hour.

    Args:
        minutes: of people who gesture; as many again are filmed who do not.
        draw: of scripts.
        watch: tells what is done.
        postures: of people who do not gesture.
    """
    gesturing, idle = GestureTally(), GestureTally()
    seconds = idle_seconds = 0.0
    while seconds < 60 * minutes:
        script = [act for one in acts.gestures(draw) for act in (acts.others(draw)[0], one)]
        seconds += len(script) * SECONDS
        gesturing.add(watch(script))
    while idle_seconds < 60 * minutes:
        choice = [act for act in acts.others(draw) if act.posture in postures]
        script = [choice[int(i)] for i in draw.integers(len(choice), size=IDLE_ACTS)]
        idle_seconds += len(script) * SECONDS
        idle.add(watch(script))
    told = gesturing.right + gesturing.wrong
    return {
        "minutes": minutes,
        "gestures": {
            name: {
                "made": gesturing.made[name],
                "recall": _share(gesturing.seen[name], gesturing.made[name]),
                "precision": _share(gesturing.right[name], told[name]),
                "false_per_hour": round(3600 * idle.wrong[name] / idle_seconds, 2),
            }
            for name in COUNTED
        },
        "postures": posture_table(idle.postures),
    }


def posture_table(counts: Counter[tuple[str, str]]) -> dict[str, dict[str, float]]:
    """Shares of what is told of people in each posture."""
    totals: Counter[str] = Counter()
    for (truth, _), count in counts.items():
        totals[truth] += count
    table: dict[str, dict[str, float]] = {}
    for (truth, told), count in sorted(counts.items()):
        table.setdefault(truth, {})[told] = round(count / totals[truth], 3)
    return table


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 3) if whole else None

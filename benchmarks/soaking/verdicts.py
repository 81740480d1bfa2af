"""Whether the guarantees of a long run were kept."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.soaking.account import ImageAccount
from benchmarks.soaking.resources import Resources

GROWTH = 20.0
"""Largest growth of the node's memory over the run, MB. From round to round the allocator's arenas
varied by 29 MB up and 13 MB down; a leak of 9 MB per configuration was 203 MB in eight rounds."""

WARM_UP = 2
"""Number of rounds in which everything is used for the first time, and arenas are filled."""

FIRST_TIME = 150.0
"""Largest growth of the node's memory over a run that is no longer than that, MB."""


@dataclass(frozen=True)
class Happened:
    """An event that happened.

    Attributes:
        name: of the event.
        account: what was counted from its start to its end.
        uncounted: see `Event.uncounted`.
        failure: what was wrong; empty if nothing.
        skipped: why it did not happen; empty if it did.
    """

    name: str
    account: ImageAccount
    uncounted: float
    failure: str = ""
    skipped: str = ""

    @property
    def problems(self) -> list[str]:
        """The broken guarantees, in words."""
        account, found = self.account, [self.failure] if self.failure else []
        if not 0 <= account.missing <= self.uncounted:
            found.append(f"{account.missing} published images were not counted")
        if account.unexplained:
            found.append(f"{account.unexplained} received images were neither answered nor dropped")
        if account.unheard:
            found.append(f"{account.unheard} answered images have no joints")
        return found


@dataclass(frozen=True)
class Verdict:
    """A guarantee.

    Attributes:
        name: what must hold.
        is_kept: whether it does.
        figures: what was measured.
    """

    name: str
    is_kept: bool
    figures: str

    def as_json(self) -> dict[str, Any]:
        """As JSON values."""
        return {"name": self.name, "passed": self.is_kept, "figures": self.figures}


def of(
    happened: Sequence[Happened],
    samples: Sequence[Resources],
    tracebacks: int,
    left_behind: int,
) -> list[Verdict]:
    """The verdicts of a run.

    Args:
        happened: all events.
        samples: what the node held at the same moment of each round, the first before the first
            round.
        tracebacks: number in the node's output.
        left_behind: segments in shared memory that the node itself left.
    """
    problems = [f"{event.name}: {text}" for event in happened for text in event.problems]
    return [
        *_of_images(happened),
        Verdict(
            "the node does what each event asks of it",
            not any(event.failure for event in happened),
            "; ".join(problems) or f"{len(happened)} events",
        ),
        Verdict("the node's output has no traceback", not tracebacks, f"{tracebacks} tracebacks"),
        Verdict("the node leaves no shared memory", not left_behind, f"{left_behind} segments"),
        *_growth(samples),
    ]


def _of_images(happened: Sequence[Happened]) -> list[Verdict]:
    """That no image is lost uncounted."""
    total = ImageAccount()
    for event in happened:
        total = total.plus(event.account)
    missing = [event for event in happened if not 0 <= event.account.missing <= event.uncounted]
    allowed = sum(event.account.missing for event in happened if event not in missing)
    unexplained = sum(abs(event.account.unexplained) for event in happened)
    unheard = sum(abs(event.account.unheard) for event in happened)
    return [
        Verdict(
            "published images are received, or counted as lost",
            not missing,
            f"{sum(abs(event.account.missing) for event in missing)} of {total.published} are not, "
            f"without {allowed} in events that allow it",
        ),
        Verdict(
            "received images are answered, or counted as dropped",
            not unexplained,
            f"{unexplained} of {total.received} are not",
        ),
        Verdict(
            "answered images have their joints published, once",
            not unheard,
            f"{unheard} of {total.answered} have not",
        ),
    ]


def _growth(samples: Sequence[Resources]) -> list[Verdict]:
    """That what the node holds does not grow, once everything has happened."""
    is_long = len(samples) > WARM_UP + 1
    settled = samples[WARM_UP:] if is_long else samples
    third = max(1, len(settled) // 3)
    verdicts = []
    for name in Resources._fields:
        values = [getattr(sample, name) for sample in settled]
        first, last = statistics.median(values[:third]), statistics.median(values[-third:])
        allowed = 0.0
        if name == "memory":
            allowed = GROWTH if is_long else FIRST_TIME
        figures = f"{first:g} at first, {last:g} at last, at most {first + allowed:g}"
        verdicts.append(Verdict(f"no growth of {name}", last <= first + allowed, figures))
    return verdicts

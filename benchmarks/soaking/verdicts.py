"""Whether the guarantees of a long run were kept."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.soaking.account import Account
from benchmarks.soaking.resources import Resources

GROWTH = 10.0
"""Largest growth of the node's memory over the run, MB; the allocator's arenas vary by a few."""

FIRST_TIME = 100.0
"""Likewise if there is no second round to compare with: what is used for the first time, MB."""


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
    account: Account
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
        left_behind: files in shared memory that the node itself left.
    """
    problems = [f"{event.name}: {text}" for event in happened for text in event.problems]
    counts = [event.account for event in happened]
    missing = [event for event in happened if not 0 <= event.account.missing <= event.uncounted]
    unexplained = sum(abs(account.unexplained) for account in counts)
    unheard = sum(abs(account.unheard) for account in counts)
    failures = [event for event in happened if event.failure]
    return [
        Verdict(
            "published images are received, or counted as lost",
            not missing,
            f"{sum(abs(event.account.missing) for event in missing)} of "
            f"{sum(account.published for account in counts)} are not",
        ),
        Verdict(
            "received images are answered, or counted as dropped",
            not unexplained,
            f"{unexplained} of {sum(account.received for account in counts)} are not",
        ),
        Verdict(
            "answered images have their joints published, once",
            not unheard,
            f"{unheard} of {sum(account.answered for account in counts)} have not",
        ),
        Verdict(
            "the node does what each event asks of it",
            not failures,
            "; ".join(problems) or f"{len(happened)} events",
        ),
        Verdict("the node's output has no traceback", not tracebacks, f"{tracebacks} tracebacks"),
        Verdict("the node leaves no shared memory", not left_behind, f"{left_behind} files"),
        *_growth(samples),
    ]


def _growth(samples: Sequence[Resources]) -> list[Verdict]:
    """That what the node holds does not grow, once everything has happened."""
    settled = samples[1:] if len(samples) > 2 else samples
    allowed = GROWTH if len(samples) > 2 else FIRST_TIME
    third = max(1, len(settled) // 3)
    verdicts = []
    for name in Resources._fields:
        values = [getattr(sample, name) for sample in settled]
        first, last = statistics.median(values[:third]), statistics.median(values[-third:])
        limit = first + (allowed if name == "memory" else 0)
        figures = f"{first:g} at first, {last:g} at last, at most {limit:g}"
        verdicts.append(
            Verdict(
                f"{name} do not grow" if name != "memory" else "memory (MB) does not grow",
                last <= limit,
                figures,
            )
        )
    return verdicts

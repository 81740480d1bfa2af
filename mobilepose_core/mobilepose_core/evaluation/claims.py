"""The paper's claims, held against the rows of the report: a paragraph for each.

A row is known by its name; rows of the same training from other seeds end in `-seed2` and so on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from mobilepose_core.evaluation.rows import ResultRow

CLOSE = 1.0
"""Difference, in points of PCK, below which one seed of each decides nothing."""

ALIKE = 0.05
"""Largest difference in people seen, as a share, between runs that can be compared."""

FINAL = "published-final"
"""Name of the row of the Final network as it was published; `final` is the released one."""

QUARTER = "-quarter"
"""Ending of the names of rows of a quarter of the others' people."""


PUBLISHED = {
    "baseline-scratch": "about 87",
    "baseline": "96.4",
    "gap_removed": "95.9",
    "split": "96.9",
    FINAL: "97.3",
}
"""Mean PCK in the paper, by the names of the rows."""


@dataclass(frozen=True)
class Claim:
    """That one network is better than another.

    Attributes:
        text: what the paper says.
        better, worse: names of the rows.
        part: of the body, whose PCK is compared.
    """

    text: str
    better: str
    worse: str
    part: str = "mean"


CLAIMS = (
    Claim(
        "A trunk that has learnt ImageNet is better than random weights",
        "baseline",
        "baseline-scratch",
    ),
    Claim(
        "Streams of filters for each joint are better than one block for all of them",
        "split",
        "gap_removed",
    ),
    Claim(
        "They are better than average pooling, too",
        "split",
        "baseline",
    ),
    Claim(
        "The hourglass with streams is the best of all",
        FINAL,
        "split",
    ),
    Claim(
        "Elbows gain if hard joints get more filters than easy ones",
        FINAL,
        "equal-streams",
        part="elbows",
    ),
    Claim(
        "Wrists gain if hard joints get more filters than easy ones",
        FINAL,
        "equal-streams",
        part="wrists",
    ),
    *(
        Claim(
            f"A trunk of {trunk} does not converge as well as MobileNet, both from random weights",
            "baseline-scratch" + QUARTER,
            name + QUARTER,
        )
        for trunk, name in (
            ("SqueezeNet", "squeezenet"),
            ("DenseNet 6-12-12-8", "densenet-6-12-12-8"),
            ("DenseNet 6-12-12-16", "densenet-6-12-12-16"),
            ("DenseNet 6-12-24-16", "densenet-6-12-24-16"),
        )
    ),
)


def paragraphs(rows: Sequence[ResultRow]) -> list[str]:
    """A paragraph for each claim whose networks have rows."""
    by_name = {name: _seeds(rows, name) for name in _names()}
    compared = [
        _paragraph(claim, by_name[claim.better], by_name[claim.worse])
        for claim in CLAIMS
        if by_name[claim.better] and by_name[claim.worse]
    ]
    return [*compared, *_on_overfitting(by_name)]


def _names() -> set[str]:
    return {name for claim in CLAIMS for name in (claim.better, claim.worse)}


def _seeds(rows: Sequence[ResultRow], name: str) -> list[ResultRow]:
    """The rows with that name, of all seeds."""
    pattern = re.compile(rf"{re.escape(name)}(-seed\d+)?")
    return [row for row in rows if pattern.fullmatch(row.name)]


def _paragraph(claim: Claim, better: Sequence[ResultRow], worse: Sequence[ResultRow]) -> str:
    published = ""
    if claim.part == "mean" and {claim.better, claim.worse} <= set(PUBLISHED):
        published = f"Published: {PUBLISHED[claim.better]} against {PUBLISHED[claim.worse]}. "
    figures = [[row.pck[claim.part] for row in side] for side in (better, worse)]
    here = " against ".join(_listed(side) for side in figures)
    part = "" if claim.part == "mean" else f" of {claim.part}"
    return (
        f"**{claim.text}** (`{claim.better}`, `{claim.worse}`). {published}Here: {here}{part}. "
        f"{_verdict(better, worse, *figures)}"
    )


def _verdict(
    better: Sequence[ResultRow],
    worse: Sequence[ResultRow],
    higher: Sequence[float],
    lower: Sequence[float],
) -> str:
    seen = [row.people_seen for row in (*better, *worse)]
    if max(seen) > (1 + ALIKE) * min(seen):
        return (
            f"Not comparable: they saw between {min(seen)} and {max(seen)} people while they were "
            "trained."
        )
    apart = max(min(higher) - max(lower), min(lower) - max(higher))
    if apart < CLOSE and min(len(higher), len(lower)) < 2:
        return "Undecided: closer than a point, from one seed."
    if apart <= 0:
        return "Undecided: what seeds change is more than what the networks do."
    return "Reproduced." if min(higher) > max(lower) else "Not reproduced."


def _on_overfitting(by_name: Mapping[str, Sequence[ResultRow]]) -> Iterator[str]:
    """Whether the network without pooling fits its training people too closely."""
    sides = (by_name["gap_removed"], by_name["split"])
    if not all(sides):
        return
    ratios = [[_overfitting(row) for row in side] for side in sides]
    errors = [
        ", ".join(
            f"{row.card['trained']['train_loss']:.2e} in training and "
            f"{row.card['trained']['validation_loss']:.2e} in validation"
            for row in side
        )
        for side in sides
    ]
    verdict = "Reproduced." if min(ratios[0]) > max(ratios[1]) else "Not reproduced."
    yield (
        "**Without pooling the network over-fits, which streams prevent** (`gap_removed`, "
        f"`split`). Here: errors of {errors[0]} (times {_listed(ratios[0], 2)}) against "
        f"{errors[1]} (times {_listed(ratios[1], 2)}). {verdict}"
    )


def _overfitting(row: ResultRow) -> float:
    """Validation error in training errors."""
    trained = row.card["trained"]
    return float(trained["validation_loss"]) / float(trained["train_loss"])


def _listed(figures: Sequence[float], digits: int = 1) -> str:
    return " and ".join(f"{figure:.{digits}f}" for figure in figures)

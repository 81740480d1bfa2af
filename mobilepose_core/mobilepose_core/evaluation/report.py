"""`docs/results.md`: all models on the same people, timed side by side in the same run."""

from __future__ import annotations

import platform
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mobilepose_core import skeleton
from mobilepose_core.datasets import Dataset
from mobilepose_core.evaluation import curves, pck
from mobilepose_core.evaluation.evaluate import find_joints
from mobilepose_core.evaluation.timing import interleaved
from mobilepose_core.inference.session import PoseSession

ROUNDS = 50
WARM_UP = 5
PCK_PICTURE = "pck.png"
LOSS_PICTURE = "loss.png"


@dataclass(frozen=True)
class Row:
    """One model's figures.

    Attributes:
        card: its model card.
        distances: (N, 11) of its joints, in torso lengths, person-centric.
        observer_distances: the same with left and right as the picture has them.
        milliseconds: median time of one crop.
        megabytes: size of its ONNX file.
    """

    card: Mapping[str, Any]
    distances: npt.NDArray[np.floating]
    observer_distances: npt.NDArray[np.floating]
    milliseconds: float
    megabytes: float


def write_report(
    models: Sequence[str | Path], dataset: Dataset, split: str, path: Path, threads: int
) -> None:
    """Evaluates and times all models, and writes the page with its pictures beside it.

    Args:
        models: released models' names, or paths of .onnx files with their cards.
        dataset: whose people of `split` are used.
        split: train, val or test.
        path: of the page.
        threads: of the CPU.

    Raises:
        ValueError: no model, nobody in the split, or a model without a card.
    """
    samples = dataset.split(split).samples
    if not samples or not models:
        raise ValueError(f"nothing to report: {len(models)} models, {len(samples)} people")
    sessions = [PoseSession(model, "cpu", threads) for model in models]
    for session in sessions:
        if not session.model.card:
            raise ValueError(f"{session.model.path} has no card; `mobilepose release` writes one")
    rows = []
    for session, milliseconds in zip(sessions, time_side_by_side(sessions), strict=True):
        findings = find_joints(samples, session, session.size)
        if findings.unreadable:
            raise ValueError(f"{findings.unreadable} photographs of {dataset.name} are unreadable")
        rows.append(
            Row(
                session.model.card,
                pck.normalised_distances(findings.found, findings.truth),
                pck.normalised_distances(
                    skeleton.observer_centric(findings.found),
                    skeleton.observer_centric(findings.truth),
                ),
                milliseconds,
                session.model.path.stat().st_size / 1e6,
            )
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    named = {str(row.card["name"]): row for row in rows}
    curves.pck_curves({name: r.distances for name, r in named.items()}, path.parent / PCK_PICTURE)
    curves.loss_curves(
        {name: history_of(row.card) for name, row in named.items()}, path.parent / LOSS_PICTURE
    )
    where = f"{len(samples)} people of {dataset.name}'s {split} set"
    path.write_text(page(rows, where, threads), encoding="utf-8")


def time_side_by_side(sessions: Sequence[PoseSession]) -> list[float]:
    """Median milliseconds of one crop for each, every round running each once."""
    random = np.random.default_rng(0)
    contestants = {}
    for number, session in enumerate(sessions):
        crops = random.integers(0, 256, (1, session.size, session.size, 3), np.uint8)
        contestants[str(number)] = partial(session, crops)
    times = interleaved(contestants, ROUNDS, WARM_UP)
    return [statistics.median(taken) for taken in times.values()]


def history_of(card: Mapping[str, Any]) -> curves.History:
    """The errors of a card's run."""
    entries = card.get("history", [])
    return curves.History(
        [entry["step"] for entry in entries],
        [entry["train_loss"] for entry in entries],
        [entry["validation_loss"] for entry in entries],
    )


def page(rows: Sequence[Row], where: str, threads: int) -> str:
    """The page as Markdown.

    Args:
        rows: a model each.
        where: which people they were judged on.
        threads: of the CPU that they were timed with.
    """
    return "\n".join(
        [
            "# Results",
            "",
            "Written by `mobilepose report`; not edited by hand.",
            "",
            f"Judged on {where}, each in the crop of their annotation. PCK counts joints within a "
            "share of the torso (left hip to right shoulder).",
            "",
            *_table(
                ["Model", "Mean", "Elbows", "Wrists", "Mean @0.05", "Parameters", "ONNX", "Time"],
                [_main_cells(row) for row in rows],
            ),
            "",
            f"PCK@0.2 in per cent, person-centric, if nothing else is said. Time: median of "
            f"{ROUNDS} rounds in which every model ran once, one crop, FP32 where the name does "
            f"not say INT8, ONNX Runtime, {threads} threads, on {platform.machine()}; the machine "
            "was shared, so that the ratios say more than the milliseconds.",
            "",
            "## Observer-centric",
            "",
            "Left and right as the picture has them, as most published tables count.",
            "",
            *_table(["Model", "Mean", "Elbows", "Wrists"], [_observer_cells(row) for row in rows]),
            "",
            "## By joint",
            "",
            *_table(["Model", *pck.PARTS], [_part_cells(row) for row in rows]),
            "",
            "## Errors",
            "",
            *_table(
                ["Model", "Training error", "Validation error", "Steps", "Minutes"],
                [_error_cells(row) for row in rows],
            ),
            "",
            "Mean squared error of heatmaps or, for the regression networks, of coordinates in "
            "crop sides: the two are not comparable. Validation is on the people held out of the "
            "training set.",
            "",
            "## Curves",
            "",
            f"![PCK of elbows and wrists over thresholds]({PCK_PICTURE})",
            "",
            f"![Training and validation error over steps]({LOSS_PICTURE})",
            "",
        ]
    )


def _main_cells(row: Row) -> list[str]:
    figures, strict = pck.summary(row.distances), pck.summary(row.distances, 0.05)
    return [
        str(row.card["name"]),
        *(f"{figures[part]:.1f}" for part in ("mean", "elbows", "wrists")),
        f"{strict['mean']:.1f}",
        f"{row.card['parameters'] / 1e6:.2f} M",
        f"{row.megabytes:.1f} MB",
        f"{row.milliseconds:.1f} ms",
    ]


def _observer_cells(row: Row) -> list[str]:
    figures = pck.summary(row.observer_distances)
    return [
        str(row.card["name"]),
        *(f"{figures[part]:.1f}" for part in ("mean", "elbows", "wrists")),
    ]


def _part_cells(row: Row) -> list[str]:
    figures = pck.summary(row.distances)
    return [str(row.card["name"]), *(f"{figures[part]:.1f}" for part in pck.PARTS)]


def _error_cells(row: Row) -> list[str]:
    trained = row.card["trained"]
    error = trained["train_loss"]
    return [
        str(row.card["name"]),
        "-" if error is None else f"{error:.3g}",
        f"{trained['validation_loss']:.3g}",
        str(trained["step"]),
        f"{trained['minutes']:.0f}",
    ]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [
        "| " + " | ".join(head) + " |",
        "|" + "---|" * len(head),
        *("| " + " | ".join(cells) + " |" for cells in rows),
    ]

"""Writes `docs/results.md`: all models on the same people, timed side by side."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from mobilepose_core.datasets import Dataset
from mobilepose_core.errors import DataError
from mobilepose_core.evaluation import accelerator, curves, page, pipe, rows
from mobilepose_core.evaluation.rows import ResultRow
from mobilepose_core.evaluation.timing import interleaved
from mobilepose_core.inference.pose_model import PoseModel
from mobilepose_core.io import atomic
from mobilepose_core.model import ModelConfig, build
from mobilepose_core.release.export import export

ROUNDS = 50
WARM_UP = 5

ORDER = ("baseline", "gap_removed", "split", "final")
"""The paper's table from top to bottom."""


def write_report(
    models: Sequence[str | Path], dataset: Dataset, split: str, path: Path, threads: int
) -> None:
    """Evaluates and times all models, and writes the page with its pictures beside it.

    Results are also stored beside the page, as `NAME.json`: a later report reuses the rows of
    models that it is not given. Figures of the pipeline are read from `pipe.FILE` beside the page,
    those of a GPU from `accelerator.FILE`.

    Args:
        models: released models' names, or paths of .onnx files with their cards.
        dataset: to evaluate on.
        split: train, val or test.
        path: of the page.
        threads: CPU threads.

    Raises:
        DataError: no model, or no people in the split.
        ModelError: a model without a card.
    """
    samples = dataset.split(split).samples
    if not samples or not models:
        raise DataError(
            f"nothing to report: {len(models)} models, {len(samples)} people{dataset.reasons()}"
        )
    people = f"{len(samples)} people of {dataset.name}'s {split} set"
    sessions = [PoseModel(model, "cpu", threads) for model in models]
    measured = [rows.measure(session, samples, people) for session in sessions]
    timed = dict(zip((row.name for row in measured), sessions, strict=True))
    figures = path.with_suffix(".json")
    kept = {
        name: row
        for name, row in rows.read(figures).items()
        if name not in timed and row.people == people
    }
    with tempfile.TemporaryDirectory() as scratch:
        for name, row in kept.items():
            timed[name] = _untrained(row, Path(scratch), threads)
        milliseconds = time_side_by_side(timed)
    everyone = sorted([*measured, *kept.values()], key=_place)
    path.parent.mkdir(parents=True, exist_ok=True)
    rows.write(everyone, figures)
    curves.pck_curves(everyone, path.parent / page.PCK_PICTURE)
    curves.loss_curves(everyone, path.parent / page.LOSS_PICTURE)
    of_pipe = pipe.read(path.parent / pipe.FILE)
    of_gpu = accelerator.section(path.parent / accelerator.FILE)
    text = page.page(everyone, milliseconds, kept, people, threads, ROUNDS, of_pipe, of_gpu)
    atomic.write_text(path, text)


def time_side_by_side(sessions: Mapping[str, PoseModel]) -> dict[str, float]:
    """Median milliseconds of one crop for each model, in interleaved rounds."""
    random = np.random.default_rng(0)
    contestants = {}
    for name, session in sessions.items():
        crops = random.integers(0, 256, (1, session.size, session.size, 3), np.uint8)
        contestants[name] = partial(session.infer, crops)
    times = interleaved(contestants, ROUNDS, WARM_UP)
    return {name: statistics.median(taken) for name, taken in times.items()}


def _untrained(row: ResultRow, folder: Path, threads: int) -> PoseModel:
    """A row's network with random weights, which is as fast as the trained one."""
    config = ModelConfig.from_dict(row.card["model"])
    path = folder / f"{row.name}.onnx"
    export(build(config).eval(), config, path)
    return PoseModel(path, "cpu", threads)


def _place(row: ResultRow) -> tuple[int, float, str]:
    return ORDER.index(row.architecture), -float(row.card["model"]["width"]), row.name

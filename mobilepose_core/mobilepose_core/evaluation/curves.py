"""Plots as PNG files: PCK over thresholds, and errors of training runs over steps."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mobilepose_core.evaluation.rows import CURVE_PARTS, CURVE_THRESHOLDS, ResultRow
from mobilepose_core.io import atomic

matplotlib.use("Agg")


def pck_curves(rows: Sequence[ResultRow], path: Path) -> None:
    """Plots elbows and wrists side by side, one line per model.

    Args:
        rows: of the models.
        path: of the PNG.
    """
    figure = Figure(figsize=(10, 4.2), layout="constrained")
    for place, part in enumerate(CURVE_PARTS, start=1):
        axes = figure.add_subplot(1, 2, place)
        for row in rows:
            axes.plot(CURVE_THRESHOLDS, row.curves[part], label=row.name)
        dress(axes, part, "threshold, torso lengths", "joints found, %")
        axes.set_ylim(0, 100)
    _save(figure, path)


def loss_curves(rows: Sequence[ResultRow], path: Path) -> None:
    """Plots training and validation error over steps, one line per run.

    Errors of heatmaps and of coordinates are not comparable: each has its own row of plots.

    Args:
        rows: of the models; quantised ones have no training run and are skipped.
        path: of the PNG.
    """
    trained = [row for row in rows if not row.card.get("quantised")]
    kinds = {
        "heatmaps": [row for row in trained if row.architecture == "final"],
        "coordinates": [row for row in trained if row.architecture != "final"],
    }
    drawn = {kind: members for kind, members in kinds.items() if members}
    figure = Figure(figsize=(10, 4.2 * max(1, len(drawn))), layout="constrained")
    for number, (kind, members) in enumerate(drawn.items()):
        left, right = (figure.add_subplot(len(drawn), 2, 2 * number + i) for i in (1, 2))
        for row in members:
            history = row.card.get("history", [])
            for axes, key in ((left, "train_loss"), (right, "validation_loss")):
                points = [(entry["step"], entry[key]) for entry in history if entry[key]]
                if points:
                    axes.plot(*zip(*points, strict=True), label=row.name)
        for axes, title in ((left, "training error"), (right, "validation error")):
            axes.set_yscale("log")
            dress(axes, f"{title}, {kind}", "step", "mean squared error")
    _save(figure, path)


def _save(figure: Figure, path: Path) -> None:
    with atomic.replacing(path) as written:
        figure.savefig(written, dpi=110)


def dress(axes: Axes, title: str, x: str, y: str) -> None:
    """Adds titles, a grid, and a legend if there are labels."""
    axes.set_title(title)
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.grid(alpha=0.3)
    if axes.get_legend_handles_labels()[0]:
        axes.legend()

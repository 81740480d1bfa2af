"""The plots of `docs/performance.md`: accuracy over time, and scaling."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from mobilepose_core.evaluation.curves import dress
from mobilepose_core.inference.runtime.model_file import released_pose_models

matplotlib.use("Agg")

ACCURACY_PICTURE = "accuracy.png"
BATCH = "batch"
"""Key that only rows of other devices than the CPU have."""

PARTS = ("elbows", "wrists")
OURS, THEIRS = "tab:blue", "tab:orange"
TICKS = (1, 2, 5, 10, 20, 50, 100)
"""Ticks of the time axis, ms."""

DPI = 90


def growth_picture(name: str) -> str:
    """The file name of a sweep's plot."""
    return f"growth-{name}.png"


def accuracy(figures: Mapping[str, Any], folder: Path) -> None:
    """Plots the PCK of elbows and wrists over time, a point for each model with both."""
    figure = Figure(figsize=(9, 4), layout="constrained")
    ours = released_pose_models()
    for place, part in enumerate(PARTS, start=1):
        axes = figure.add_subplot(1, 2, place)
        for model in figures["models"]:
            found, ms = (model["pck"] or {}).get(part), model["ms"]
            if found is not None and ms is not None and BATCH not in model:
                _label(axes, ms, found, model, is_ours=model["name"] in ours)
        axes.set_xscale("log")
        axes.set_xticks(TICKS, labels=[str(tick) for tick in TICKS], minor=False)
        axes.xaxis.set_minor_locator(NullLocator())
        axes.margins(x=0.45, y=0.15)
        dress(axes, part, f"ms, {figures['threads']} threads", "PCK@0.2, %")
    figure.savefig(folder / ACCURACY_PICTURE, dpi=DPI)


def growth(figures: Mapping[str, Any], folder: Path) -> None:
    """Plots each sweep: medians with quartiles, lines through them, and knees as rings."""
    for sweep in figures["sweeps"]:
        figure = Figure(figsize=(6, 3.6), layout="constrained")
        axes = figure.add_subplot()
        for series in sweep["series"]:
            _draw_series(axes, series)
        axes.set_xlim(left=0)
        axes.set_ylim(bottom=0)
        dress(axes, sweep["title"], sweep["x"], "ms")
        figure.savefig(folder / growth_picture(sweep["name"]), dpi=DPI)


def _draw_series(axes: Axes, series: Mapping[str, Any]) -> None:
    points, fit = series["points"], series["line"]
    x, ms, low, high = (
        np.array([point[key] for point in points]) for key in ("x", "ms", "low", "high")
    )
    drawn = axes.errorbar(x, ms, (ms - low, high - ms), fmt="o-", capsize=3, label=series["name"])
    colour = drawn.lines[0].get_color()
    axes.plot(x, fit["start"] + fit["slope"] * x, "--", color=colour, alpha=0.5)
    is_knee = x == series["knee"]
    axes.plot(x[is_knee], ms[is_knee], "o", color=colour, ms=14, mfc="none")


def _label(axes: Axes, x: float, y: float, model: Mapping[str, Any], is_ours: bool) -> None:
    """A labelled point: our labels at the left, INT8 below FP32; others' at the right."""
    axes.plot(x, y, "o", color=OURS if is_ours else THEIRS)
    side, aside = ("right", -6) if is_ours else ("left", 6)
    axes.annotate(
        model["name"],
        (x, y),
        xytext=(aside, -9 if model["precision"] == "INT8" else 3),
        textcoords="offset points",
        ha=side,
        fontsize=8,
    )

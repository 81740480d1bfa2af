"""Curves as PNGs: PCK over thresholds, and the errors of training runs over their steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mobilepose_core import skeleton
from mobilepose_core.evaluation import pck

matplotlib.use("Agg")

THRESHOLDS = np.linspace(0, 0.3, 61)
"""In torso lengths."""

PANELS = ("elbows", "wrists")


@dataclass(frozen=True)
class History:
    """How a run's errors fell.

    Attributes:
        steps: of each validation.
        training: mean error over the steps before it; None before the first step.
        validation: error on the people held out.
    """

    steps: Sequence[int]
    training: Sequence[float | None]
    validation: Sequence[float]


def pck_curves(distances: Mapping[str, npt.NDArray[np.floating]], path: Path) -> None:
    """Draws elbows and wrists side by side, a line for each model.

    Args:
        distances: (N, 11) of `pck.normalised_distances` by model.
        path: of the PNG.
    """
    figure = Figure(figsize=(10, 4.2), layout="constrained")
    for place, part in enumerate(PANELS, start=1):
        axes = figure.add_subplot(1, 2, place)
        columns = [skeleton.INDEX[name] for name in pck.PARTS[part]]
        for model, values in distances.items():
            shares = [np.nanmean(pck.share_within(values, t)[columns]) for t in THRESHOLDS]
            axes.plot(THRESHOLDS, 100 * np.array(shares), label=model)
        _dress(axes, part, "threshold, torso lengths", "joints found, %")
        axes.set_ylim(0, 100)
    figure.savefig(path, dpi=110)


def loss_curves(histories: Mapping[str, History], path: Path) -> None:
    """Draws training and validation error side by side, a line for each run.

    Args:
        histories: by model.
        path: of the PNG.
    """
    figure = Figure(figsize=(10, 4.2), layout="constrained")
    left, right = (figure.add_subplot(1, 2, place) for place in (1, 2))
    for model, history in histories.items():
        trained = [(s, e) for s, e in zip(history.steps, history.training, strict=True) if e]
        if trained:
            left.plot(*zip(*trained, strict=True), label=model)
        right.plot(history.steps, history.validation, label=model)
    for axes, title in ((left, "training error"), (right, "validation error")):
        axes.set_yscale("log")
        _dress(axes, title, "step", "mean squared error")
    figure.savefig(path, dpi=110)


def _dress(axes: Axes, title: str, x: str, y: str) -> None:
    axes.set_title(title)
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.grid(alpha=0.3)
    if axes.get_legend_handles_labels()[0]:
        axes.legend()

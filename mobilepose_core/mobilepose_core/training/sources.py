"""Which people a run trains on and which it is judged by: several data sets, mixed with weights."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from mobilepose_core import datasets
from mobilepose_core.datasets import held_out
from mobilepose_core.training.crops import LooseCrops, cut_loosely
from mobilepose_core.training.rarity import emphasis


@dataclass(frozen=True)
class Source:
    """A data set on disk.

    Attributes:
        name: its format.
        root: its folder.
        weight: how often an epoch shows each of its people.
    """

    name: str
    root: Path
    weight: float = 1.0

    @classmethod
    def parse(cls, text: str) -> Source:
        """From `NAME=PATH` or `NAME=PATH,weight=W`.

        Raises:
            ValueError: the text is none of these.
        """
        name, equals, rest = text.partition("=")
        path, _, weight = rest.partition(",weight=")
        if not equals or not path or name not in datasets.LOADERS:
            raise ValueError(
                f"data {text!r} not understood; expected NAME=PATH or NAME=PATH,weight=2 "
                f"with NAME one of {', '.join(datasets.LOADERS)}"
            )
        try:
            factor = float(weight or 1)
        except ValueError:
            factor = 0.0
        if not 0 < factor < float("inf"):
            raise ValueError(f"the weight in {text!r} is {weight}; expected a positive number")
        return cls(name, Path(path), factor)

    def __str__(self) -> str:
        """As `parse` takes it, with the folder's name for its path: fit for a card."""
        weight = "" if self.weight == 1 else f",weight={self.weight:g}"
        return f"{self.name}={self.root.resolve().name}{weight}"


@dataclass
class People:
    """The crops of all sources together, and how often an epoch shows each.

    Attributes:
        crops: everyone.
        shown: (N,) times per epoch, also parts of one.
    """

    crops: LooseCrops
    shown: npt.NDArray[np.float64]

    @property
    def epoch_length(self) -> int:
        """How many crops an epoch shows."""
        return max(1, round(float(self.shown.sum())))

    def epoch(self, random: np.random.Generator) -> npt.NDArray[np.intp]:
        """The order in which an epoch shows people.

        Evenly spaced marks on a line on which each person has a stretch as long as they are to be
        shown: whole times exactly, and parts of one in so many epochs (systematic resampling).
        """
        order = random.permutation(len(self.shown))
        ends = np.cumsum(self.shown[order])
        spacing = ends[-1] / self.epoch_length
        marks = (np.arange(self.epoch_length) + random.random()) * spacing
        drawn = np.searchsorted(ends, marks, side="right").clip(max=len(order) - 1)
        return random.permutation(order[drawn])


def prepare(
    sources: list[Source], size: int, rarest: float = 1.0
) -> tuple[People, LooseCrops, list[str]]:
    """Loads and cuts all sources.

    Args:
        sources: at least one.
        size: side of the kept squares, pixels.
        rarest: how much more often people in the rarest poses of a source are shown.

    Returns:
        The people to train on, those held out, and a line for each kind of fault in the data.

    Raises:
        ValueError: a source cannot be read, or has nobody to train on or nobody to hold out.
    """
    training: list[LooseCrops] = []
    kept_apart: list[LooseCrops] = []
    shown: list[npt.NDArray[np.float64]] = []
    lines: list[str] = []
    for source in sources:
        dataset = datasets.load(source.name, source.root)
        outside, inside = held_out.divided(dataset)
        if not len(outside) or not len(inside):
            raise ValueError(
                f"{source.root} has {len(outside)} people to train on and {len(inside)} to hold "
                "out; expected some of both"
            )
        lines += dataset.fault_lines()
        for title, samples, parts in (
            (f"{source.name}, training", outside.samples, training),
            (f"{source.name}, held out", inside.samples, kept_apart),
        ):
            crops = cut_loosely(samples, size, title)
            if crops.unreadable:
                lines.append(f"{title}: {crops.unreadable} x photograph unreadable (left out)")
            parts.append(crops)
        shown.append(source.weight * emphasis(training[-1].joints, rarest))
    return People(_joined(training), np.concatenate(shown)), _joined(kept_apart), lines


def _joined(parts: list[LooseCrops]) -> LooseCrops:
    if len(parts) == 1:
        return parts[0]
    return LooseCrops(
        torch.cat([part.squares for part in parts]), np.concatenate([part.joints for part in parts])
    )

"""Which people a run trains on and which it is judged by: several data sets, mixed with weights."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from mobilepose_core import datasets
from mobilepose_core.datasets import Dataset, flic
from mobilepose_core.training.crops import LooseCrops, cut_loosely

HELD_OUT_SHARE = 10
"""One group in so many is held out of a data set that names no groups of its own for it."""


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
        spans: first and last-but-one index of each source's people, and its weight.
    """

    crops: LooseCrops
    spans: list[tuple[int, int, float]]

    def epoch(self, random: np.random.Generator) -> npt.NDArray[np.intp]:
        """The order in which an epoch shows people: each source's in proportion to its weight."""
        shown = [
            random.permutation(np.resize(np.arange(start, stop), round(weight * (stop - start))))
            if weight >= 1
            else start + random.permutation(stop - start)[: max(1, round(weight * (stop - start)))]
            for start, stop, weight in self.spans
        ]
        return random.permutation(np.concatenate(shown))


def prepare(sources: list[Source], size: int) -> tuple[People, LooseCrops, list[str]]:
    """Loads and cuts all sources.

    Args:
        sources: at least one.
        size: side of the kept squares, pixels.

    Returns:
        The people to train on, those held out, and a line for each kind of fault in the data.

    Raises:
        ValueError: a source cannot be read, or has nobody to train on or nobody to hold out.
    """
    training: list[LooseCrops] = []
    held_out: list[LooseCrops] = []
    spans: list[tuple[int, int, float]] = []
    lines: list[str] = []
    for source in sources:
        dataset = datasets.load(source.name, source.root)
        outside, inside = dataset.split("train").apart(held_out_groups(dataset))
        if not len(outside) or not len(inside):
            raise ValueError(
                f"{source.root} has {len(outside)} people to train on and {len(inside)} to hold "
                "out; expected some of both"
            )
        lines += dataset.fault_lines()
        for title, samples, parts in (
            (f"{source.name}, training", outside.samples, training),
            (f"{source.name}, held out", inside.samples, held_out),
        ):
            crops = cut_loosely(samples, size, title)
            if crops.unreadable:
                lines.append(f"{title}: {crops.unreadable} x photograph unreadable (left out)")
            parts.append(crops)
        start = spans[-1][1] if spans else 0
        spans.append((start, start + len(training[-1]), source.weight))
    return People(_joined(training), spans), _joined(held_out), lines


def held_out_groups(dataset: Dataset) -> set[str]:
    """The groups on which models are chosen: FLIC's films, or one in ten by its name's checksum."""
    if dataset.name == "flic":
        return set(flic.HELD_OUT_FILMS)
    return {
        sample.group
        for sample in dataset
        if zlib.crc32(sample.group.encode()) % HELD_OUT_SHARE == 0
    }


def _joined(parts: list[LooseCrops]) -> LooseCrops:
    if len(parts) == 1:
        return parts[0]
    return LooseCrops(
        torch.cat([part.squares for part in parts]), np.concatenate([part.joints for part in parts])
    )

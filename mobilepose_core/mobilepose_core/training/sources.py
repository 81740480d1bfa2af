"""Which people a run trains on and which it is judged by: several data sets, mixed with weights."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mobilepose_core import datasets
from mobilepose_core.datasets import Dataset, held_out, scenes
from mobilepose_core.datasets.scenes import Scene
from mobilepose_core.errors import DataError
from mobilepose_core.framing import FRAMINGS, UPPER_BODY, Framing
from mobilepose_core.training.crops import LOOSENESS, LooseCrops, cut_loosely
from mobilepose_core.training.frames import AnnotatedFrames, FinderData, keep
from mobilepose_core.training.neighbours import Neighbours
from mobilepose_core.training.rarity import sampling_weights
from mobilepose_core.training.recipe import Recipe
from mobilepose_core.typing import Float64Array


@dataclass(frozen=True)
class DataSource:
    """A data set on disk.

    Attributes:
        name: its format.
        root: its folder.
        weight: how often an epoch shows each of its people.
        others: file with people in its photographs who may not be annotated, for the finder.
    """

    name: str
    root: Path
    weight: float = 1.0
    others: Path | None = None

    @classmethod
    def parse(cls, text: str) -> DataSource:
        """From `NAME=PATH`, `NAME=PATH,weight=W`, `NAME=PATH,weight=W,others=FILE`.

        Paths may have commas, and begin with `~`.

        Raises:
            DataError: the text is none of these.
        """
        name, equals, rest = text.partition("=")
        path, *options = _OPTION.split(rest)
        keys, values = options[::2], options[1::2]
        settings = dict(zip(keys, values, strict=True))
        is_known = name in datasets.LOADERS and len(settings) == len(keys)
        if not equals or not path or not is_known or _has_strange_option(path):
            raise DataError(
                f"data {text!r} not understood; expected NAME=PATH, NAME=PATH,weight=2 or "
                f"NAME=PATH,others=FILE with NAME one of {', '.join(datasets.LOADERS)}"
            )
        weight = settings.get("weight", "1")
        try:
            factor = float(weight)
        except ValueError:
            factor = 0.0
        if not 0 < factor < float("inf"):
            raise DataError(f"the weight in {text!r} is {weight}; expected a positive number")
        others = settings.get("others")
        root = Path(path).expanduser()
        return cls(name, root, factor, None if others is None else Path(others).expanduser())

    def __str__(self) -> str:
        """As `parse` takes it, with names in place of paths: fit for a card."""
        weight = "" if self.weight == 1 else f",weight={self.weight:g}"
        others = "" if self.others is None else f",others={self.others.name}"
        return f"{self.name}={self.root.resolve().name}{weight}{others}"


_OPTION = re.compile(",(weight|others)=")


def _has_strange_option(path: str) -> bool:
    """Whether what should be a path ends in an option that there is not, and is no folder."""
    return bool(re.search(r",\w+=[^/]*$", path)) and not Path(path).expanduser().is_dir()


@dataclass
class People:
    """The crops of all sources together, and how often an epoch shows each.

    Attributes:
        crops: everyone.
        shown: (N,) times per epoch, also parts of one.
    """

    crops: LooseCrops
    shown: Float64Array


def photographs_of(source: DataSource) -> tuple[Dataset, list[Scene], list[Scene]]:
    """A data set, its photographs to train on, and those held out."""
    dataset = datasets.load(source.name, source.root)
    if not dataset.empty:
        dataset.require_people(str(source.root))
    others = None if source.others is None else scenes.load_others(source.others)
    training, kept_apart = held_out.divided(dataset)
    return dataset, scenes.scenes_of(training, others), scenes.scenes_of(kept_apart, others)


def prepare_frames(
    sources: list[DataSource], empty: Path
) -> tuple[FinderData, FinderData, list[str]]:
    """Loads the photographs of all sources, and those without people.

    Args:
        sources: at least one.
        empty: folder of photographs without people.

    Returns:
        What to train on, what is held out, and a line for each kind of fault in the data.

    Raises:
        DataError: a source cannot be read, or nothing is left to train on or to hold out.
    """
    training, kept_apart = AnnotatedFrames(), AnnotatedFrames()
    shown: list[Float64Array] = []
    lines: list[str] = []
    for source in sources:
        dataset, *parts = photographs_of(source)
        lines += dataset.fault_lines()
        for part, kept, title in zip(
            parts, (training, kept_apart), ("training", "held out"), strict=True
        ):
            title = f"{source.name}, {title}"
            frames = keep(part, title)
            if frames.unreadable:
                lines.append(f"{title}: {frames.unreadable} x photograph unreadable (left out)")
            kept.frames += frames.frames
            if kept is training:
                shown.append(np.full(len(frames), source.weight))
    outside, inside = held_out.apart(scenes.empty_scenes(empty))
    empty_training, empty_apart = keep(outside, "empty"), keep(inside, "empty, held out")
    for photographs in (training, kept_apart, empty_training):
        if not len(photographs):
            raise DataError(
                f"{', '.join(str(source.root) for source in sources)} and {empty} have not "
                "enough photographs; expected some to train on and some to hold out"
                + "".join(f"\n  {line}" for line in lines)
            )
    return (
        FinderData(training, np.concatenate(shown), empty_training),
        FinderData(kept_apart, np.ones(len(kept_apart)), empty_apart),
        lines,
    )


def prepare(
    sources: list[DataSource], size: int, recipe: Recipe, framing: Framing = FRAMINGS[UPPER_BODY]
) -> tuple[People, LooseCrops, list[str]]:
    """Loads and cuts all sources.

    Args:
        sources: at least one.
        size: side of the network's crops, pixels.
        recipe: how much more often rare poses and backs are shown.
        framing: of those crops.

    Returns:
        The people to train on, those held out, and a line for each kind of fault in the data.

    Raises:
        DataError: a source cannot be read, or has nobody to train on or nobody to hold out.
    """
    training: list[LooseCrops] = []
    kept_apart: list[LooseCrops] = []
    shown: list[Float64Array] = []
    lines: list[str] = []
    for source in sources:
        dataset = datasets.load(source.name, source.root)
        outside, inside = held_out.divided(dataset)
        if not len(outside) or not len(inside):
            raise DataError(
                f"{source.root} has {len(outside)} people to train on and {len(inside)} to hold "
                f"out; expected some of both{dataset.reasons()}"
            )
        lines += dataset.fault_lines()
        for title, samples, parts in (
            (f"{source.name}, training", outside.samples, training),
            (f"{source.name}, held out", inside.samples, kept_apart),
        ):
            crops = cut_loosely(samples, size, title, source.root.resolve().name, framing)
            if crops.unreadable:
                lines.append(f"{title}: {crops.unreadable} x photograph unreadable (left out)")
            parts.append(crops)
        shown.append(
            source.weight * sampling_weights(training[-1].joints, recipe.rarest, recipe.backs)
        )
    return People(_joined(training), np.concatenate(shown)), _joined(kept_apart), lines


def prepare_neighbours(source: DataSource, size: int) -> Neighbours:
    """Cuts out people of a source who are not held out, for a network with crops of `size` pixels.

    Raises:
        DataError: the source cannot be read, or none of its people can be cut out.
    """
    outside, _ = held_out.divided(datasets.load(source.name, source.root))
    outside.require_people(f"{source.root}, people to train on")
    return Neighbours.of(outside.samples, round(size * LOOSENESS))


def _joined(parts: list[LooseCrops]) -> LooseCrops:
    if len(parts) == 1:
        return parts[0]
    return LooseCrops(
        [part for crops in parts for part in crops.parts],
        np.concatenate([crops.frames for crops in parts]),
        np.concatenate([crops.joints for crops in parts]),
        np.concatenate([crops.sources for crops in parts]),
    )

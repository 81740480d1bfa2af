"""The data of a run: a weighted mixture of data sets, divided into training and held-out parts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mobilepose_core import datasets
from mobilepose_core.datasets import Dataset, held_out, scenes, teacher_detections
from mobilepose_core.datasets.scenes import Scene
from mobilepose_core.errors import DataError
from mobilepose_core.framing import FRAMINGS, UPPER_BODY, Framing
from mobilepose_core.training import detected
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
        others: file with teachers' detections in its photographs, for the person detector.
    """

    name: str
    root: Path
    weight: float = 1.0
    others: Path | None = None

    @classmethod
    def parse(cls, text: str) -> DataSource:
        """Parses `NAME=PATH`, `NAME=PATH,weight=W` or `NAME=PATH,weight=W,others=FILE`.

        Paths may contain commas, and start with `~`.

        Raises:
            DataError: the text has another format.
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
        """The format of `parse`, with folder names instead of paths, for model cards."""
        weight = "" if self.weight == 1 else f",weight={self.weight:g}"
        others = "" if self.others is None else f",others={self.others.name}"
        return f"{self.name}={self.root.resolve().name}{weight}{others}"


_OPTION = re.compile(",(weight|others)=")


def _has_strange_option(path: str) -> bool:
    """Whether a path ends in an unknown option, and is not a folder."""
    return bool(re.search(r",\w+=[^/]*$", path)) and not Path(path).expanduser().is_dir()


@dataclass
class People:
    """The crops of all data sets, and how often an epoch shows each.

    Attributes:
        crops: of all people.
        samples_per_epoch: (N,) of each person, may be fractions.
    """

    crops: LooseCrops
    samples_per_epoch: Float64Array


def photographs_of(source: DataSource) -> tuple[Dataset, list[Scene], list[Scene]]:
    """A data set, its training photographs, and its held-out photographs."""
    dataset = datasets.load(source.name, source.root)
    if not dataset.empty:
        dataset.require_people(str(source.root))
    others = None if source.others is None else teacher_detections.load(source.others)
    training, kept_apart = held_out.divided(dataset)
    return dataset, scenes.scenes_of(training, others), scenes.scenes_of(kept_apart, others)


def prepare_frames(
    sources: list[DataSource], empty: Path
) -> tuple[FinderData, FinderData, list[str]]:
    """Loads the photographs of all data sets, and those without people.

    Args:
        sources: at least one.
        empty: folder of photographs without people.

    Returns:
        Training data, held-out data, and a line for each kind of fault in the data.

    Raises:
        DataError: a data set cannot be read, or one of both parts is empty.
    """
    training, kept_apart = AnnotatedFrames(), AnnotatedFrames()
    samples_per_epoch: list[Float64Array] = []
    lines: list[str] = []
    for source in sources:
        dataset, *parts = photographs_of(source)
        lines += dataset.fault_lines()
        for part, kept, title in zip(
            parts, (training, kept_apart), ("training", "held out"), strict=True
        ):
            title = f"{source.name}, {title}"
            frames = keep(part, title)
            lines += _unreadable(title, frames.unreadable)
            kept.frames += frames.frames
            if kept is training:
                samples_per_epoch.append(np.full(len(frames), source.weight))
    outside, inside = held_out.split_off(scenes.empty_scenes(empty))
    empty_training, empty_apart = keep(outside, "empty"), keep(inside, "empty, held out")
    lines += _unreadable(str(empty), empty_training.unreadable + empty_apart.unreadable)
    for photographs in (training, kept_apart, empty_training):
        if not len(photographs):
            raise DataError(
                f"{', '.join(str(source.root) for source in sources)} and {empty} have too few "
                f"photographs; expected some to train on and some to hold out: {held_out.HOW}"
                + "".join(f"\n  {line}" for line in lines)
            )
    return (
        FinderData(training, np.concatenate(samples_per_epoch), empty_training),
        FinderData(kept_apart, np.ones(len(kept_apart)), empty_apart),
        lines,
    )


def prepare(
    sources: list[DataSource],
    size: int,
    recipe: Recipe,
    framing: Framing = FRAMINGS[UPPER_BODY],
    empty: Path | None = None,
    seed: int = 0,
) -> tuple[People, LooseCrops, list[str]]:
    """Loads all data sets, and crops their people, with negatives where nobody is.

    Args:
        sources: at least one.
        size: side of the network's crops, pixels.
        recipe: for the sampling weights of rare poses and backs.
        framing: of the crops.
        empty: folder of photographs without people, for negatives, with which detections in the
            photographs of sources with `others` count too; None for none.
        seed: of the negatives.

    Returns:
        Training people, held-out people, and a line for each kind of fault in the data.

    Raises:
        DataError: a data set cannot be read, or one of both parts is empty.
    """
    training: list[LooseCrops] = []
    kept_apart: list[LooseCrops] = []
    samples_per_epoch: list[Float64Array] = []
    peopled: list[Scene] = []
    lines: list[str] = []
    for source in sources:
        dataset = datasets.load(source.name, source.root)
        outside, inside = held_out.both_parts(dataset, str(source.root))
        lines += dataset.fault_lines()
        for title, samples, parts in (
            (f"{source.name}, training", outside.samples, training),
            (f"{source.name}, held out", inside.samples, kept_apart),
        ):
            crops = cut_loosely(samples, size, title, source.root.resolve().name, framing)
            lines += _unreadable(title, crops.unreadable)
            parts.append(crops)
        samples_per_epoch.append(
            source.weight * sampling_weights(training[-1].joints, recipe.rarest, recipe.backs)
        )
        if empty is not None and source.others is not None:
            photographs = scenes.scenes_of(outside, teacher_detections.load(source.others))
            peopled += scenes.thinned(photographs, detected.MOST_PHOTOGRAPHS)
    if empty is not None:
        added, faults = _detections(empty, peopled, size, framing, seed)
        others = 1 - len(added) * detected.SHARE
        each = detected.SHARE / others * sum(map(np.sum, samples_per_epoch))
        samples_per_epoch += [np.full(len(crops), each / len(crops)) for crops in added]
        training += added
        lines += faults
    return People(_joined(training), np.concatenate(samples_per_epoch)), _joined(kept_apart), lines


def _detections(
    empty: Path, peopled: Sequence[Scene], size: int, framing: Framing, seed: int
) -> tuple[list[LooseCrops], list[str]]:
    """Crops of detections where nobody is, and among known people, and a line for each fault.

    Raises:
        DataError: no photograph without people can be read.
    """
    photographs, _ = held_out.split_off(scenes.empty_scenes(empty))
    nobody = detected.cut(photographs, size, framing, seed)
    if not len(nobody):
        raise DataError(f"{empty} has no readable photographs to train on")
    known = detected.cut(peopled, size, framing, seed, detected.DETECTED)
    faults = _unreadable(str(empty), nobody.unreadable)
    return [crops for crops in (nobody, known) if len(crops)], faults


def prepare_neighbours(source: DataSource, size: int) -> Neighbours:
    """Cutouts of a data set's training people, for a network with crops of `size` pixels.

    Raises:
        DataError: the data set cannot be read, or none of its people can be segmented.
    """
    outside, _ = held_out.divided(datasets.load(source.name, source.root))
    outside.require_people(f"{source.root}, people to train on")
    return Neighbours.of(outside.samples, round(size * LOOSENESS))


def _unreadable(title: str, count: int) -> list[str]:
    """A line on photographs that could not be decoded, if there are any."""
    return [f"{title}: {count} x photograph unreadable (left out)"] if count else []


def _joined(parts: list[LooseCrops]) -> LooseCrops:
    if len(parts) == 1:
        return parts[0]
    return LooseCrops(
        [part for crops in parts for part in crops.parts],
        np.concatenate([crops.frames for crops in parts]),
        np.concatenate([crops.joints for crops in parts]),
        np.concatenate([crops.sources for crops in parts]),
        np.concatenate([crops.is_there for crops in parts]),
    )

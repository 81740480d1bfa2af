"""The held-out part of a training set, on which models are selected."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from mobilepose_core.datasets import flic
from mobilepose_core.datasets.sample import Dataset
from mobilepose_core.datasets.scenes import Scene

SPLIT = "held-out"
"""Name of the held-out split."""

ONE_IN = 10
"""One of this many groups is held out, unless the data set has its own held-out groups."""


def divided(dataset: Dataset) -> tuple[Dataset, Dataset]:
    """The training set without its held-out part, and that part."""
    training = dataset.split("train")
    if dataset.name == "flic":
        return training.split_off(flic.HELD_OUT_FILMS)
    return training.split_off({sample.group for sample in training if _is_drawn(sample.group)})


def split_off(scenes: Sequence[Scene]) -> tuple[list[Scene], list[Scene]]:
    """Photographs for training, and held-out ones, drawn by name."""
    drawn = [_is_drawn(scene.image.name) for scene in scenes]
    outside = [scene for scene, is_drawn in zip(scenes, drawn, strict=True) if not is_drawn]
    inside = [scene for scene, is_drawn in zip(scenes, drawn, strict=True) if is_drawn]
    return outside, inside


def people(dataset: Dataset, split: str) -> Dataset:
    """The people of a split: `train`, `val` or `test` of the data set, or `held-out`."""
    return divided(dataset)[1] if split == SPLIT else dataset.split(split)


def _is_drawn(group: str) -> bool:
    return zlib.crc32(group.encode()) % ONE_IN == 0

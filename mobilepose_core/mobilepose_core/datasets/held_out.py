"""Which people of a training set a model never sees, so that it can be chosen on them."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from mobilepose_core.datasets import flic
from mobilepose_core.datasets.sample import Dataset
from mobilepose_core.datasets.scenes import Scene

SPLIT = "held-out"
"""What `people` calls them."""

ONE_IN = 10
"""One group in so many is held out of a data set that names no groups of its own for it."""


def divided(dataset: Dataset) -> tuple[Dataset, Dataset]:
    """The training set to train on, and what is held out of it."""
    training = dataset.split("train")
    if dataset.name == "flic":
        return training.apart(flic.HELD_OUT_FILMS)
    return training.apart({sample.group for sample in training if _is_drawn(sample.group)})


def apart(scenes: Sequence[Scene]) -> tuple[list[Scene], list[Scene]]:
    """Photographs to train on, and those held out, by their names."""
    drawn = [_is_drawn(scene.image.name) for scene in scenes]
    outside = [scene for scene, is_drawn in zip(scenes, drawn, strict=True) if not is_drawn]
    inside = [scene for scene, is_drawn in zip(scenes, drawn, strict=True) if is_drawn]
    return outside, inside


def people(dataset: Dataset, split: str) -> Dataset:
    """Those of a split: `train`, `val` or `test` as the data set has them, or `held-out`."""
    return divided(dataset)[1] if split == SPLIT else dataset.split(split)


def _is_drawn(group: str) -> bool:
    return zlib.crc32(group.encode()) % ONE_IN == 0

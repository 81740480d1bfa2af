"""The held-out part of a training set, on which models are selected."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from mobilepose_core.datasets import flic
from mobilepose_core.datasets.sample import Dataset
from mobilepose_core.datasets.scenes import Scene
from mobilepose_core.errors import DataError

SPLIT = "held-out"
"""Name of the held-out split."""

ONE_IN = 10
"""One of this many groups is held out, unless the data set has its own held-out groups."""


HOW = (
    f"one in {ONE_IN} photographs of the split train is held out, drawn by its name, or the split "
    "val if that draws none; FLIC's are whole films"
)
"""What is held out, for messages."""


def divided(dataset: Dataset) -> tuple[Dataset, Dataset]:
    """The training set without its held-out part, and that part.

    FLIC's are films. Of another data set, photographs are drawn by their names. If none is drawn,
    as of a few photographs, the people of the split `val` are held out.
    """
    training = dataset.split("train")
    if dataset.name == "flic":
        return training.split_off(flic.HELD_OUT_FILMS)
    groups = {sample.group for sample in training}
    if drawn := {group for group in groups if _is_drawn(group)}:
        return training.split_off(drawn)
    return training, dataset.split("val").split_off(groups)[0]


def both_parts(dataset: Dataset, title: str) -> tuple[Dataset, Dataset]:
    """The parts of `divided`, both with people.

    Args:
        dataset: to be divided.
        title: what it is called in the error, such as its folder.

    Raises:
        DataError: there is nobody to train on, or nobody to hold out.
    """
    outside, inside = divided(dataset)
    if not len(outside) or not len(inside):
        raise DataError(
            f"{title} has {len(outside)} people to train on and {len(inside)} to hold out; "
            f"expected some of both: {HOW}. Add people to the split that lacks them, such as in "
            f"annotations/person_keypoints_val.json of a COCO data set{dataset.reasons()}"
        )
    return outside, inside


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

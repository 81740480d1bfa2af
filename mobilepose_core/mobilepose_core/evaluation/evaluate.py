"""A model's joints on the annotated people of a data set, each in the crop of their annotation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from mobilepose_core import crop, photo
from mobilepose_core.datasets import Sample

Floats = npt.NDArray[np.float32]
JointFinder = Callable[[npt.NDArray[np.uint8]], tuple[Floats, Floats]]
"""(N, S, S, 3) uint8 BGR crops to (N, 11, 2) joints in crop pixels and (N, 11) scores."""

BATCH = 8


@dataclass(frozen=True)
class Findings:
    """What a model found, person by person.

    Attributes:
        found, truth: (N, 11, 2) image pixels; truth is NaN where not annotated.
        scores: (N, 11) of what was found.
        unreadable: people left out because their photograph could not be decoded.
    """

    found: Floats
    truth: Floats
    scores: Floats
    unreadable: int


def find_joints(samples: Sequence[Sample], finder: JointFinder, size: int) -> Findings:
    """Runs a model over the crops of all samples, with a progress bar.

    Args:
        samples: the people.
        finder: the model.
        size: side of the crops that it takes, pixels.
    """
    found: list[Floats] = []
    scores: list[Floats] = []
    truth: list[Floats] = []
    unreadable = 0
    with tqdm(total=len(samples), desc="evaluate", unit="person", leave=False) as bar:
        for start in range(0, len(samples), BATCH):
            crops, regions = [], []
            for sample in samples[start : start + BATCH]:
                image = photo.read(sample.image)
                if image is None:
                    unreadable += 1
                    continue
                regions.append(crop.region_of_box(sample.box))
                crops.append(crop.cut(image, regions[-1], size))
                truth.append(sample.joints)
            if crops:
                joints, values = finder(np.stack(crops))
                scores.extend(values)
                found.extend(
                    crop.transform(crop.invert(crop.crop_from_image(region, size)), points)
                    for region, points in zip(regions, joints, strict=True)
                )
            bar.update(min(BATCH, len(samples) - start))
    if not found:
        raise ValueError(f"none of {len(samples)} photographs could be read; nothing to evaluate")
    return Findings(np.stack(found), np.stack(truth), np.stack(scores), unreadable)

"""Runs a pose model over the annotated people of a data set."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from tqdm import tqdm

from mobilepose_core import crop, skeleton
from mobilepose_core.datasets import Sample
from mobilepose_core.errors import DataError
from mobilepose_core.evaluation import pck
from mobilepose_core.evaluation.comparison import Comparison
from mobilepose_core.evaluation.crop_regions import RegionChooser, annotated
from mobilepose_core.io import photo
from mobilepose_core.typing import BoolArray, Float32Array, Float64Array, ImageArray

JointModel = Callable[
    [ImageArray, Float32Array], tuple[Float32Array, Float32Array, Float32Array, Float32Array | None]
]
"""The signature of `PoseModel.infer`: from crops and image borders to a `NetworkOutput`."""

BATCH = 8


@dataclass(frozen=True)
class Findings:
    """Predictions and ground truth of N people.

    Attributes:
        joints: names of the K joints.
        found, truth: (N, K, 2) image pixels; truth is NaN where not annotated.
        scores: (N, K) of the predictions.
        seen: (N, K) whether the true joint is inside the photograph.
        annotated: (N, 19, 2) all annotated joints, of `skeleton.ALL_19`.
        missed: number of people without a region (not detected).
        unreadable: number of people skipped because their photograph could not be decoded.
    """

    joints: tuple[str, ...]
    found: Float32Array
    truth: Float32Array
    scores: Float32Array
    seen: BoolArray
    missed: int
    unreadable: int
    annotated: Float32Array

    @property
    def torsos(self) -> Float64Array:
        """(N,) of `pck.torso_lengths`."""
        return pck.torso_lengths(skeleton.select(self.annotated))

    def comparison(self) -> Comparison:
        """The predictions with all annotated joints."""
        return Comparison(self.found, self.annotated, self.joints)


def find_joints(
    samples: Sequence[Sample],
    model: JointModel,
    size: int,
    place: RegionChooser = annotated,
    joints: Sequence[str] = skeleton.JOINTS,
) -> Findings:
    """Runs a model over the crops of all samples, with a progress bar.

    Args:
        samples: the people.
        model: gives joints for crops.
        size: side of its crops, pixels.
        place: chooses the region of each person. Joints of people without a region are placed at
            infinity.
        joints: names of the model's joints.

    Raises:
        DataError: no photograph can be read.
    """
    found: list[Float32Array] = []
    scores: list[Float32Array] = []
    truth: list[Float32Array] = []
    seen: list[BoolArray] = []
    missed: list[bool] = []
    people: list[Float32Array] = []
    unreadable = 0
    with tqdm(total=len(samples), desc="evaluate", unit="person", leave=False) as bar:
        for start in range(0, len(samples), BATCH):
            crops, regions, pictures = [], [], []
            for sample in samples[start : start + BATCH]:
                image = photo.read(sample.image)
                if image is None:
                    unreadable += 1
                    continue
                region = place(image, sample)
                missed.append(region is None)
                regions.append(region or annotated(image, sample))
                crops.append(crop.cut(image, regions[-1], size))
                height, width = image.shape[:2]
                pictures.append(crop.picture_in_crop(regions[-1], size, width, height))
                people.append(sample.joints)
                truth.append(skeleton.select(sample.joints, joints).astype(np.float32))
                seen.append(crop.inside(truth[-1], width, height))
            if crops:
                points_found, values, *_ = model(np.stack(crops), np.stack(pictures))
                scores.extend(values)
                found.extend(
                    crop.transform(crop.invert(crop.crop_from_image(region, size)), points)
                    for region, points in zip(regions, points_found, strict=True)
                )
            bar.update(min(BATCH, len(samples) - start))
    if not found:
        raise DataError(f"none of {len(samples)} photographs could be read; nothing to evaluate")
    is_missed = np.array(missed)[:, None]
    return Findings(
        joints=tuple(joints),
        found=np.where(is_missed[..., None], np.float32(np.inf), np.stack(found)),
        truth=np.stack(truth),
        scores=np.where(is_missed, np.float32(0), np.stack(scores)),
        seen=np.stack(seen),
        missed=sum(missed),
        unreadable=unreadable,
        annotated=np.stack(people),
    )

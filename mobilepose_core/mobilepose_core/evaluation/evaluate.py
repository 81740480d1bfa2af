"""Runs a pose model over the annotated people of a data set."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from tqdm import tqdm

from mobilepose_core import crop, skeleton
from mobilepose_core.datasets import Sample
from mobilepose_core.errors import DataError
from mobilepose_core.evaluation import pck
from mobilepose_core.evaluation.comparison import Comparison
from mobilepose_core.evaluation.crop_regions import RegionChooser, annotated
from mobilepose_core.inference.pose_model import NetworkOutput
from mobilepose_core.io import photo
from mobilepose_core.typing import BoolArray, Float32Array, Float64Array, ImageArray

JointModel = Callable[[ImageArray, Float32Array], NetworkOutput]
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
    parts: list[_Batch] = []
    unreadable = 0
    with tqdm(total=len(samples), desc="evaluate", unit="person", leave=False) as bar:
        for start in range(0, len(samples), BATCH):
            chosen = samples[start : start + BATCH]
            batch = _read_batch(chosen, size, place)
            unreadable += len(chosen) - len(batch.samples)
            if batch.samples:
                batch.infer(model, size)
                parts.append(batch)
            bar.update(len(chosen))
    if not parts:
        raise DataError(f"none of {len(samples)} photographs could be read; nothing to evaluate")
    return _findings(parts, unreadable, joints)


@dataclass
class _Batch:
    """The readable people of a batch, n of them.

    Attributes:
        samples: the people.
        regions: of their crops, image pixels.
        missed: whether no region was chosen for the person.
        extents: width and height of their photographs, pixels.
        crops: (size, size, 3) uint8 BGR of each.
        borders: the photograph's in each crop, see `crop.picture_in_crop`.
        found: (n, K, 2) image pixels, and (n, K) scores, after `infer`.
    """

    samples: list[Sample] = field(default_factory=list)
    regions: list[crop.Region] = field(default_factory=list)
    missed: list[bool] = field(default_factory=list)
    extents: list[tuple[int, int]] = field(default_factory=list)
    crops: list[ImageArray] = field(default_factory=list)
    borders: list[Float32Array] = field(default_factory=list)
    found: list[Float32Array] = field(default_factory=list)
    scores: list[Float32Array] = field(default_factory=list)

    def infer(self, model: JointModel, size: int) -> None:
        """Runs the model."""
        points_found, scores, *_ = model(np.stack(self.crops), np.stack(self.borders))
        self.scores = list(scores)
        self.found = [
            crop.transform(crop.invert(crop.crop_from_image(region, size)), points)
            for region, points in zip(self.regions, points_found, strict=True)
        ]
        self.crops.clear()


def _read_batch(samples: Sequence[Sample], size: int, place: RegionChooser) -> _Batch:
    """Reads and cuts the photographs of a batch; unreadable ones are skipped."""
    batch = _Batch()
    for sample in samples:
        image = photo.read(sample.image)
        if image is None:
            continue
        chosen = place(image, sample)
        region = chosen or annotated(image, sample)
        height, width = image.shape[:2]
        batch.samples.append(sample)
        batch.missed.append(chosen is None)
        batch.regions.append(region)
        batch.extents.append((width, height))
        batch.crops.append(crop.cut(image, region, size))
        batch.borders.append(crop.picture_in_crop(region, size, width, height))
    return batch


def _findings(parts: Sequence[_Batch], unreadable: int, joints: Sequence[str]) -> Findings:
    """The results of all batches, with the ground truth."""
    people = [sample.joints for part in parts for sample in part.samples]
    truth = [skeleton.select(person, joints).astype(np.float32) for person in people]
    extents = [extent for part in parts for extent in part.extents]
    missed = [is_missed for part in parts for is_missed in part.missed]
    is_missed = np.array(missed)[:, None]
    found = np.stack([points for part in parts for points in part.found])
    scores = np.stack([values for part in parts for values in part.scores])
    return Findings(
        joints=tuple(joints),
        found=np.where(is_missed[..., None], np.float32(np.inf), found),
        truth=np.stack(truth),
        scores=np.where(is_missed, np.float32(0), scores),
        seen=np.stack(
            [crop.inside(points, *extent) for points, extent in zip(truth, extents, strict=True)]
        ),
        missed=sum(missed),
        unreadable=unreadable,
        annotated=np.stack(people),
    )

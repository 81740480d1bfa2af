"""Ground truth and predictions by photograph, as input of `oks`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from tqdm import tqdm

from mobilepose_core import skeleton
from mobilepose_core.datasets import Dataset, Sample
from mobilepose_core.errors import DataError
from mobilepose_core.evaluation.crop_regions import RegionChooser
from mobilepose_core.evaluation.evaluate import JointModel, find_joints
from mobilepose_core.evaluation.oks import EvaluatedPhotograph
from mobilepose_core.io import photo
from mobilepose_core.pose import Pose
from mobilepose_core.typing import FloatArray, ImageArray


def in_given_boxes(
    dataset: Dataset, model: JointModel, size: int, place: RegionChooser, joints: Sequence[str]
) -> list[EvaluatedPhotograph]:
    """One pose for each annotated person, predicted in their own crop.

    Raises:
        DataError: the data set has no areas of people.
    """
    photographs = []
    for image, samples in _by_photograph(dataset).items():
        if photo.read(image) is None:
            continue
        findings = find_joints(samples, model, size, place, joints)
        scores = findings.scores.mean(axis=1)
        photographs.append(_photograph(dataset, samples, findings.found, scores, joints))
    return photographs


def in_whole_photographs(
    dataset: Dataset,
    estimate: Callable[[ImageArray], Sequence[Pose]],
    joints: Sequence[str],
) -> list[EvaluatedPhotograph]:
    """All poses that a whole pipeline finds in each photograph.

    Raises:
        DataError: the data set has no areas of people.
    """
    photographs = []
    for image, samples in tqdm(_by_photograph(dataset).items(), "evaluate", leave=False):
        pixels = photo.read(image)
        if pixels is None:
            continue
        poses = estimate(pixels)
        found = np.array([pose.joints for pose in poses]).reshape(-1, len(joints), 2)
        scores = np.array([pose.score for pose in poses])
        photographs.append(_photograph(dataset, samples, found, scores, joints))
    return photographs


def _by_photograph(dataset: Dataset) -> dict[Path, list[Sample]]:
    photographs: dict[Path, list[Sample]] = {}
    for sample in dataset:
        if sample.area is None:
            raise DataError(
                f"{sample.image.name} has a person of unknown area, which OKS needs; expected "
                "annotations in COCO's format with area or bbox"
            )
        photographs.setdefault(sample.image, []).append(sample)
    return photographs


def _photograph(
    dataset: Dataset,
    samples: Sequence[Sample],
    found: FloatArray,
    scores: FloatArray,
    joints: Sequence[str],
) -> EvaluatedPhotograph:
    doubtful = dataset.doubtful.get(samples[0].image, [])
    return EvaluatedPhotograph(
        np.stack([skeleton.select(sample.joints, joints) for sample in samples]),
        np.array([sample.area for sample in samples], float),
        found,
        scores,
        np.array(doubtful, float).reshape(-1, 4),
    )

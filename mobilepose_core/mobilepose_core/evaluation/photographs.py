"""Ground truth and predictions by photograph, as input of `oks`.

As in COCO's own evaluation, everybody with an annotated joint counts, also where there are too few
to locate the person by; people without one are ignored; photographs without people count.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from tqdm import tqdm

from mobilepose_core import crop, skeleton
from mobilepose_core.datasets import Dataset, Sample
from mobilepose_core.errors import DataError
from mobilepose_core.evaluation.crop_regions import RegionChooser
from mobilepose_core.evaluation.evaluate import JointModel, find_joints
from mobilepose_core.evaluation.oks import EvaluatedPhotograph
from mobilepose_core.io import photo
from mobilepose_core.pose import Pose
from mobilepose_core.typing import FloatArray, ImageArray


def in_given_boxes(
    dataset: Dataset,
    model: JointModel,
    size: int,
    place: RegionChooser,
    joints: Sequence[str],
    aspect: float = 1.0,
) -> list[EvaluatedPhotograph]:
    """One pose for each annotated person, predicted in their own crop.

    Args:
        dataset: the people.
        model: gives joints for crops.
        size: side of its crops, pixels.
        place: chooses the region of each person who can be located by their joints.
        joints: names of the model's joints.
        aspect: of its framing, for regions around the outlines of others.

    Raises:
        DataError: the data set has no areas of people.
    """
    photographs = []
    for image, people in by_photograph(dataset).items():
        if photo.read(image) is None:
            continue
        found: FloatArray = np.zeros((0, len(joints), 2))
        scores: FloatArray = np.zeros(0)
        if shown := [person for person in people if _has_any(person, joints)]:
            findings = find_joints(shown, model, size, _wherever(place, aspect), joints)
            found, scores = findings.found, findings.scores.mean(axis=1)
        photographs.append(_photograph(dataset, image, people, found, scores, joints))
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
    for image, people in tqdm(by_photograph(dataset).items(), "evaluate", leave=False):
        pixels = photo.read(image)
        if pixels is None:
            continue
        poses = estimate(pixels)
        found = np.array([pose.joints for pose in poses]).reshape(-1, len(joints), 2)
        scores = np.array([pose.score for pose in poses])
        photographs.append(_photograph(dataset, image, people, found, scores, joints))
    return photographs


def by_photograph(dataset: Dataset) -> dict[Path, list[Sample]]:
    """Everybody with annotated joints, and the photographs without people.

    Raises:
        DataError: the data set has no areas of people.
    """
    photographs: dict[Path, list[Sample]] = {}
    for sample in (*dataset.samples, *dataset.partial):
        if sample.area is None:
            raise DataError(
                f"{sample.image.name} has a person of unknown area, which OKS needs; expected "
                "annotations in COCO's format with area or bbox"
            )
        photographs.setdefault(sample.image, []).append(sample)
    for image in dataset.empty:
        photographs.setdefault(image, [])
    return photographs


def _has_any(person: Sample, joints: Sequence[str]) -> bool:
    """Whether one of these joints is annotated."""
    return bool(np.isfinite(skeleton.select(person.joints, joints)).all(axis=-1).any())


def _wherever(place: RegionChooser, aspect: float) -> RegionChooser:
    """The same regions; around people with too few joints, their outlines."""

    def chosen(image: ImageArray, person: Sample) -> crop.Region | None:
        if person.is_located:
            return place(image, person)
        if person.outline is not None:
            return crop.region_of_box(person.outline, aspect=aspect)
        x, y = np.nanmean(skeleton.select(person.joints), axis=0).tolist()
        return crop.Region(x, y, crop.MARGIN * math.sqrt(person.area or 1))

    return chosen


def _photograph(
    dataset: Dataset,
    image: Path,
    people: Sequence[Sample],
    found: FloatArray,
    scores: FloatArray,
    joints: Sequence[str],
) -> EvaluatedPhotograph:
    shown = [person for person in people if _has_any(person, joints)]
    ignored = [person.outline for person in people if not _has_any(person, joints)]
    doubtful = [*dataset.doubtful.get(image, []), *(box for box in ignored if box is not None)]
    truth = [skeleton.select(person.joints, joints) for person in shown]
    return EvaluatedPhotograph(
        np.array(truth).reshape(-1, len(joints), 2),
        np.array([person.area for person in shown], float),
        found,
        scores,
        np.array(doubtful, float).reshape(-1, 4),
    )

"""Whole photographs with boxes of all people, to train and evaluate person detectors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mobilepose_core import crop
from mobilepose_core.datasets.sample import Dataset, Sample
from mobilepose_core.datasets.teacher_detections import NO_DETECTIONS, TeacherDetections
from mobilepose_core.errors import DataError
from mobilepose_core.io import photo
from mobilepose_core.typing import Float32Array

SURE = 0.3
"""Confidence from which a teacher's detection counts as an annotated person: MoveNet reaches it for
98 % of the annotated people in FLIC, and once in 320 photographs without people."""

DOUBTFUL = 0.12
"""Confidence from which a teacher's detection becomes an ignored region instead of background."""

KNOWN = 0.4
"""IoU from which a teacher's detection matches an annotated person."""

DOUBLE = 0.5
"""Share of the smaller of two boxes inside the other from which they may be of one person."""

TWICE = 0.1
"""Mean distance between the joints of two annotations, in lengths of the box, up to which they are
duplicates: FLIC annotates 391 people twice, and no two others are so close."""

SURE_BODY = 0.35
"""Confidence from which a body detection becomes an ignored region. NanoDet reaches it in one of
seven photographs without people, where this does no harm: all detections there are wrong."""

HELD = 0.7
"""Share of a person's box inside a body box from which both are of one person."""


@dataclass(frozen=True, eq=False)
class Scene:
    """A photograph with the boxes of its people.

    Attributes:
        image: the photograph.
        boxes: (N, 4) around the joints of each person, image pixels.
        doubtful: (M, 4) regions to ignore: they may show other people or not.
    """

    image: Path
    boxes: Float32Array
    doubtful: Float32Array


def scenes_of(
    dataset: Dataset, others: Mapping[str, TeacherDetections] | None = None
) -> list[Scene]:
    """The photographs of a data set.

    Args:
        dataset: annotated people, ignored regions, and photographs without people.
        others: teachers' detections by name of the photograph; see `teacher_detections.load`.

    Raises:
        DataError: `others` has a name that several of the photographs have.
    """
    by_image: dict[Path, list[Sample]] = {path: [] for path in dataset.empty}
    for sample in dataset:
        people = by_image.setdefault(sample.image, [])
        if not any(_are_one(sample, person) for person in people):
            people.append(sample)
    unsure = {image: list(boxes) for image, boxes in dataset.doubtful.items()}
    for person in dataset.partial:
        if person.outline is not None:
            unsure.setdefault(person.image, []).append(person.outline)
    found = others or {}
    _check_names(by_image, found)
    return [
        _completed(
            image,
            _boxes([person.box for person in people]),
            _boxes(unsure.get(image, [])),
            found.get(image.name, NO_DETECTIONS),
        )
        for image, people in by_image.items()
    ]


def _check_names(images: Iterable[Path], others: Mapping[str, TeacherDetections]) -> None:
    """Raises DataError if a name in `others` is that of several photographs."""
    counts = Counter(image.name for image in images)
    if doubled := sorted(name for name in others if counts[name] > 1):
        raise DataError(
            f"people of {doubled[0]!r} are given by name, which several photographs have "
            f"({len(doubled)} names in all); expected photographs with names of their own"
        )


def empty_scenes(folder: Path) -> list[Scene]:
    """Photographs without people.

    Raises:
        DataError: no folder, or no photographs in it.
    """
    paths = sorted(
        path
        for path in folder.glob("*")
        if path.suffix.lower() in photo.SUFFIXES and not path.name.startswith(".")
    )
    if not paths:
        known = ", ".join(sorted(photo.SUFFIXES))
        raise DataError(f"{folder} holds no photographs ({known}); expected some without people")
    return [Scene(path, _boxes([]), _boxes([])) for path in paths]


def thinned(photographs: list[Scene], most: int) -> list[Scene]:
    """At most so many of the photographs, at equal distances."""
    return photographs[:: max(1, len(photographs) // most)][:most]


def _are_one(sample: Sample, other: Sample) -> bool:
    """Whether two annotations in a photograph are duplicates."""
    apart = np.linalg.norm(sample.upper_body - other.upper_body, axis=-1)
    length = float((sample.box[2:] - sample.box[:2]).max())
    is_known = np.isfinite(apart)
    return bool(is_known.any() and apart[is_known].mean() <= TWICE * length)


def _completed(
    image: Path, boxes: Float32Array, doubtful: Float32Array, others: TeacherDetections
) -> Scene:
    """A scene with the teachers' detections of people who are not annotated."""
    annotated = np.concatenate([boxes, doubtful])
    found, bodies = others.people, others.bodies[others.bodies[:, 4] >= SURE_BODY, :4]
    is_known = (crop.overlaps(found[:, :4], annotated) >= KNOWN).any(axis=1)
    new = found[(found[:, 4] >= DOUBTFUL) & ~is_known]
    is_apart = ~(crop.shares_within(new[:, :4], annotated) > DOUBLE).any(axis=1)
    sure = (new[:, 4] >= SURE) & is_apart
    people = np.concatenate([boxes, new[sure, :4]])
    is_unmatched = ~(crop.shares_of(people, bodies) >= HELD).any(axis=0)
    return Scene(
        image,
        people,
        np.concatenate([doubtful, new[~sure, :4], bodies[is_unmatched]]),
    )


def _boxes(boxes: list[Float32Array]) -> Float32Array:
    return np.asarray(boxes, dtype=np.float32).reshape(-1, 4)

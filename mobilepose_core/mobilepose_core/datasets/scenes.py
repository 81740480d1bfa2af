"""Whole photographs with boxes of all people, to train and evaluate person detectors."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from mobilepose_core import box_overlap
from mobilepose_core.datasets.sample import Dataset, Sample
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

NOBODY: Float32Array = np.zeros((0, 5), dtype=np.float32)


@dataclass(frozen=True, eq=False)
class Others:
    """Detections of teacher networks in a photograph, of annotated people or others.

    Attributes:
        people: (K, 5) x0, y0, x1, y1 around the joints in image pixels, and score.
        bodies: (B, 5) boxes of whole bodies, and scores: they do not tell the box of the joints.
    """

    people: Float32Array = field(default_factory=lambda: NOBODY)
    bodies: Float32Array = field(default_factory=lambda: NOBODY)


NOBODY_FOUND = Others()


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


def scenes_of(dataset: Dataset, others: Mapping[str, Others] | None = None) -> list[Scene]:
    """The photographs of a data set.

    Args:
        dataset: annotated people, ignored regions, and photographs without people.
        others: teachers' detections by name of the photograph; see `load_others`.

    Raises:
        DataError: `others` has a name that several of the photographs have.
    """
    by_image: dict[Path, list[Sample]] = {path: [] for path in dataset.empty}
    for sample in dataset:
        people = by_image.setdefault(sample.image, [])
        if not any(_are_one(sample, person) for person in people):
            people.append(sample)
    found = others or {}
    _check_names(by_image, found)
    return [
        _completed(
            image,
            _boxes([person.box for person in people]),
            _boxes(dataset.doubtful.get(image, [])),
            found.get(image.name, NOBODY_FOUND),
        )
        for image, people in by_image.items()
    ]


def _check_names(images: Iterable[Path], others: Mapping[str, Others]) -> None:
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


def load_others(path: Path) -> dict[str, Others]:
    """Teachers' detections: `{"people": {"photo.jpg": [[x0, y0, x1, y1, score], ...]}}`.

    The optional `"bodies"` has the same format.

    Raises:
        DataError: the file has another format.
    """
    try:
        content = json.loads(path.read_bytes())
        people = {name: _rows(found) for name, found in content["people"].items()}
        bodies = {name: _rows(found) for name, found in content.get("bodies", {}).items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(
            f'{path} has no boxes of people: {error!r}; expected {{"people": '
            '{"photo.jpg": [[x0, y0, x1, y1, score], …]}}'
        ) from error
    return {
        name: Others(people.get(name, NOBODY), bodies.get(name, NOBODY))
        for name in people.keys() | bodies.keys()
    }


def _are_one(sample: Sample, other: Sample) -> bool:
    """Whether two annotations in a photograph are duplicates."""
    apart = np.linalg.norm(sample.upper_body - other.upper_body, axis=-1)
    length = float((sample.box[2:] - sample.box[:2]).max())
    is_known = np.isfinite(apart)
    return bool(is_known.any() and apart[is_known].mean() <= TWICE * length)


def _completed(image: Path, boxes: Float32Array, doubtful: Float32Array, others: Others) -> Scene:
    """A scene with the teachers' detections of people who are not annotated."""
    annotated = np.concatenate([boxes, doubtful])
    found, bodies = others.people, others.bodies[others.bodies[:, 4] >= SURE_BODY, :4]
    is_known = (box_overlap.overlaps(found[:, :4], annotated) >= KNOWN).any(axis=1)
    new = found[(found[:, 4] >= DOUBTFUL) & ~is_known]
    is_apart = ~(box_overlap.shares_within(new[:, :4], annotated) > DOUBLE).any(axis=1)
    sure = (new[:, 4] >= SURE) & is_apart
    people = np.concatenate([boxes, new[sure, :4]])
    is_unmatched = ~(box_overlap.shares_of(people, bodies) >= HELD).any(axis=0)
    return Scene(
        image,
        people,
        np.concatenate([doubtful, new[~sure, :4], bodies[is_unmatched]]),
    )


def _boxes(boxes: list[Float32Array]) -> Float32Array:
    return np.asarray(boxes, dtype=np.float32).reshape(-1, 4)


def _rows(found: npt.ArrayLike) -> Float32Array:
    rows = np.asarray(found, dtype=np.float32)
    return rows.reshape(0, 5) if not rows.size else rows.reshape(len(rows), 5)

"""Whole photographs with everybody in them: what finding people is trained on and judged by."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from mobilepose_core import people_map, photo
from mobilepose_core.datasets.sample import Dataset, Sample

Floats = npt.NDArray[np.float32]

SURE = 0.3
"""Score of a teacher's person from which they are taken for one who is annotated: MoveNet gives it
to 98 % of the people who are annotated in FLIC, and to one thing in 320 photographs of nobody."""

DOUBTFUL = 0.12
"""Score from which there may be somebody, so that their place is no background."""

KNOWN = 0.4
"""IoU from which a teacher's person is one who is annotated already."""


DOUBLE = 0.5
"""Share of the smaller box within the other from which it may be the same person's again."""

TWICE = 0.1
"""Mean distance between the joints of two annotations, in lengths of the box, up to which they are
of one person: FLIC has 391 people twice, and no two others so near each other."""

SURE_BODY = 0.35
"""Score of a body from which there may be somebody: NanoDet gives it to something in one of seven
photographs of nobody, which costs nothing there, where all that is found is wrong."""

HELD = 0.7
"""Share of a person's box within a body from which the body is theirs."""

NOBODY: Floats = np.zeros((0, 5), dtype=np.float32)


@dataclass(frozen=True, eq=False)
class Others:
    """Whom teachers found in a photograph, annotated or not.

    Attributes:
        people: (K, 5) x0, y0, x1, y1 around their joints in image pixels, and score.
        bodies: (B, 5) likewise around whole bodies, which says that somebody is there and not where
            their joints end.
    """

    people: Floats = field(default_factory=lambda: NOBODY)
    bodies: Floats = field(default_factory=lambda: NOBODY)


NOBODY_FOUND = Others()


@dataclass(frozen=True, eq=False)
class Scene:
    """A photograph, and where people are in it.

    Attributes:
        image: the photograph.
        boxes: (N, 4) around the joints of each person, image pixels.
        doubtful: (M, 4) places where there may be somebody else, or not.
    """

    image: Path
    boxes: Floats
    doubtful: Floats


def scenes_of(dataset: Dataset, others: Mapping[str, Others] | None = None) -> list[Scene]:
    """The photographs of a data set.

    Args:
        dataset: the people who are annotated, places that are not, and empty photographs.
        others: whom teachers found, by name of the photograph; see `load_others`.

    Raises:
        ValueError: `others` has a name that several of the photographs have.
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
    """Raises ValueError where `others` may mean one of several photographs of the same name."""
    counts = Counter(image.name for image in images)
    if doubled := sorted(name for name in others if counts[name] > 1):
        raise ValueError(
            f"people of {doubled[0]!r} are given by name, which several photographs have "
            f"({len(doubled)} names in all); expected photographs with names of their own"
        )


def empty_scenes(folder: Path) -> list[Scene]:
    """Photographs without people.

    Raises:
        ValueError: no folder, or none in it.
    """
    paths = sorted(
        path
        for path in folder.glob("*")
        if path.suffix.lower() in photo.SUFFIXES and not path.name.startswith(".")
    )
    if not paths:
        known = ", ".join(sorted(photo.SUFFIXES))
        raise ValueError(f"{folder} holds no photographs ({known}); expected some without people")
    return [Scene(path, _boxes([]), _boxes([])) for path in paths]


def load_others(path: Path) -> dict[str, Others]:
    """Whom teachers found: `{"people": {"photo.jpg": [[x0, y0, x1, y1, score], ...]}}`.

    `"bodies"`, if there are any, is written likewise.

    Raises:
        ValueError: the file is none of these.
    """
    try:
        content = json.loads(path.read_bytes())
        people = {name: _rows(found) for name, found in content["people"].items()}
        bodies = {name: _rows(found) for name, found in content.get("bodies", {}).items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(
            f'{path} does not say where people are: {error!r}; expected {{"people": '
            '{"photo.jpg": [[x0, y0, x1, y1, score], …]}}'
        ) from error
    return {
        name: Others(people.get(name, NOBODY), bodies.get(name, NOBODY))
        for name in people.keys() | bodies.keys()
    }


def _are_one(sample: Sample, other: Sample) -> bool:
    """Whether two annotations in a photograph are of one person."""
    apart = np.linalg.norm(sample.upper_body - other.upper_body, axis=-1)
    length = float((sample.box[2:] - sample.box[:2]).max())
    is_known = np.isfinite(apart)
    return bool(is_known.any() and apart[is_known].mean() <= TWICE * length)


def _completed(image: Path, boxes: Floats, doubtful: Floats, others: Others) -> Scene:
    """A scene with those of the teachers' people who are not annotated."""
    annotated = np.concatenate([boxes, doubtful])
    found, bodies = others.people, others.bodies[others.bodies[:, 4] >= SURE_BODY, :4]
    is_known = (people_map.overlaps(found[:, :4], annotated) >= KNOWN).any(axis=1)
    strangers = found[(found[:, 4] >= DOUBTFUL) & ~is_known]
    is_apart = ~(people_map.shares_within(strangers[:, :4], annotated) > DOUBLE).any(axis=1)
    sure = (strangers[:, 4] >= SURE) & is_apart
    people = np.concatenate([boxes, strangers[sure, :4]])
    is_nobodys = ~(people_map.shares_of(people, bodies) >= HELD).any(axis=0)
    return Scene(
        image,
        people,
        np.concatenate([doubtful, strangers[~sure, :4], bodies[is_nobodys]]),
    )


def _boxes(boxes: list[Floats]) -> Floats:
    return np.asarray(boxes, dtype=np.float32).reshape(-1, 4)


def _rows(found: npt.ArrayLike) -> Floats:
    rows = np.asarray(found, dtype=np.float32)
    return rows.reshape(0, 5) if not rows.size else rows.reshape(len(rows), 5)

"""COCO person keypoints (Lin et al., ECCV 2014): `annotations/person_keypoints_*.json`."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mobilepose_core import skeleton
from mobilepose_core.datasets import coco_people, joint_columns
from mobilepose_core.datasets.coco_images import Entry, Picture, entries_of, is_id
from mobilepose_core.datasets.coco_people import UnusableError
from mobilepose_core.datasets.pictures import Pictures
from mobilepose_core.datasets.sample import (
    Dataset,
    Sample,
    possible_joints,
    why_not_located,
)
from mobilepose_core.datasets.splits import split_in
from mobilepose_core.errors import DataError
from mobilepose_core.io import atomic, photo
from mobilepose_core.typing import Float32Array

_KEYPOINTS = coco_people.KEYPOINTS
VISIBLE = 2


def load(root: Path) -> Dataset:
    """All annotated people that are not crowds; `train` or `val` after the annotation file's name.

    People are left out if their picture may not be the one that was annotated: names are looked
    up with their folders, and sizes are compared. Joints go by the names in the person's category.

    Args:
        root: the folder with `annotations/`, and the photographs in `images/`, or in
            `train2017/`, `val2017/` and the like, wherever their `file_name` is found.

    Raises:
        DataError: no annotation file, or one that is not COCO's JSON.
    """
    paths = sorted((root / "annotations").glob("person_keypoints_*.json"))
    if not paths:
        raise DataError(f"{root}/annotations holds no person_keypoints_*.json; expected COCO's")
    dataset = Dataset("coco")
    pictures = Pictures(root)
    for path in paths:
        _load_file(path, pictures, dataset)
    return dataset


def _load_file(path: Path, pictures: Pictures, dataset: Dataset) -> None:
    content = _read(path)
    split = split_in(path.stem)
    annotations = content["annotations"]
    peopled = {a["image_id"] for a in annotations if _is_about_an_image(a)}
    entries = entries_of(content["images"], pictures, path.parent, split, peopled)
    categories = coco_people.categories_of(content)
    split = split or "train"
    with_people = {e.path for n, e in entries.items() if n in peopled and isinstance(e, Picture)}
    for number, entry in entries.items():
        if isinstance(entry, Picture) and number not in peopled and entry.path not in with_people:
            dataset.empty[entry.path] = split
    if not annotations:
        dataset.left_out.note("file without a single annotation", path.name)
    reported: set[Path] = set()
    counts = Counter(a["id"] for a in annotations if isinstance(a, dict) and is_id(a.get("id")))
    for number in (number for number, count in counts.items() if count > 1):
        example = f"{path.name}: {counts[number]} annotations have id {number!r}"
        dataset.faults.note("annotation id that several annotations have (kept)", example)
    for place, annotation in enumerate(annotations):
        title = f"{path.name}, annotation {_title(annotation, place)}"
        try:
            sample = _sample(annotation, entries, categories, split, dataset, title)
        except UnusableError as reason:
            dataset.faults.note(reason.fault, f"{title}: {reason}")
            if reason.fault != coco_people.NO_PERSON:
                _note_doubtful(annotation, entries, dataset)
            continue
        if sample is None:
            _note_doubtful(annotation, entries, dataset)
            continue
        if fault := why_not_located(sample.joints):
            dataset.faults.note(fault, title)
            dataset.partial.append(sample)
            continue
        dataset.samples.append(sample)
        picture = entries[annotation["image_id"]]
        if isinstance(picture, Picture) and picture.remark and picture.path not in reported:
            reported.add(picture.path)
            dataset.faults.note(picture.remark, f"{path.name}: {picture.example}")


SHARE_OF_BOX = 0.53
"""Area of a person in areas of their box, where it is not annotated (Jin et al., ECCV 2020)."""


def _area_of(annotation: Mapping[str, Any]) -> float | None:
    """That a person covers, pixels squared; None where the annotation does not say."""
    try:
        area = float(annotation.get("area") or 0)
        if not area > 0:
            _, _, width, height = (float(value) for value in annotation["bbox"])
            area = SHARE_OF_BOX * width * height
    except (KeyError, TypeError, ValueError):
        return None
    return area if math.isfinite(area) and area > 0 else None


def _read(path: Path) -> dict[str, Any]:
    """The file's content, with lists of images and annotations.

    Raises:
        DataError: it is not JSON of this kind.
    """
    try:
        content = json.loads(path.read_bytes())  # bytes: a byte order mark is allowed
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(f"{path} is not COCO's JSON of keypoints: {error}") from error
    if not isinstance(content, dict):
        kind = type(content).__name__
        raise DataError(f"{path} is not COCO's JSON of keypoints: it is a {kind}, not an object")
    for name in ("images", "annotations"):
        if not isinstance(content.get(name), list):
            has = f"is {type(content[name]).__name__}" if name in content else "is missing"
            raise DataError(
                f"{path} is not COCO's JSON of keypoints: {name!r} {has}; expected a list"
            )
    return content


def _is_about_an_image(annotation: object) -> bool:
    return isinstance(annotation, dict) and is_id(annotation.get("image_id"))


def _title(annotation: object, place: int) -> str:
    """What an annotation is called in messages: its id, or its place in the list."""
    number = annotation.get("id") if isinstance(annotation, dict) else None
    return repr(number) if is_id(number) else f"at place {place}"


def _sample(
    annotation: Any,
    entries: Mapping[Hashable, Entry],
    categories: Mapping[Hashable, coco_people.Category],
    split: str,
    dataset: Dataset,
    title: str,
) -> Sample | None:
    """The person of an annotation, or None where it is right that they are left out.

    Raises:
        UnusableError: something is wrong with the annotation or its picture.
    """
    if not isinstance(annotation, dict):
        raise UnusableError(
            "annotation that is not an object (left out)", json.dumps(annotation)[:60]
        )
    category = coco_people.category_of(annotation, categories)
    picture = _picture(annotation, entries)
    if coco_people.is_crowd(annotation):
        dataset.left_out.note("crowd, which has no joints of one person", title)
        return None
    if coco_people.has_no_joints(annotation):
        dataset.left_out.note("person with num_keypoints 0", title)
        return None
    joints = picture.upright(coco_people.joints_of(annotation, category))
    possible = possible_joints(joints, picture.size, dataset.faults, title)
    if possible is None:
        return None
    area, outline = _area_of(annotation), _outline_of(annotation, picture)
    return Sample(picture.path, possible, picture.name, split, area, outline)


def _picture(annotation: Mapping[str, Any], entries: Mapping[Hashable, Entry]) -> Picture:
    """The picture of an annotation.

    Raises:
        UnusableError: there is none that can be relied on.
    """
    number = annotation.get("image_id")
    if not is_id(number):
        raise UnusableError(
            "image_id that is not a number (person left out)", f"image_id {number!r}"
        )
    entry = entries.get(number)
    if entry is None:
        other = _as_other_type(number)
        if other in entries:
            raise UnusableError(
                "image_id of another type than the images' ids (person left out)",
                f"image_id {number!r}, the image's id is {other!r}; expected numbers in both",
            )
        raise UnusableError("image_id of no image in the file (person left out)", f"{number!r}")
    if not isinstance(entry, Picture):
        raise UnusableError(entry.fault, entry.example)
    return entry


def _as_other_type(number: object) -> Hashable:
    """A text's number, a number's text."""
    if isinstance(number, str):
        return int(number) if number.strip().isdecimal() else None
    return str(number)


def _note_doubtful(annotation: Any, entries: Mapping[Hashable, Entry], dataset: Dataset) -> None:
    """Keeps the box of people without annotated joints: that region is not background."""
    number = annotation.get("image_id") if isinstance(annotation, dict) else None
    picture = entries.get(number) if is_id(number) else None
    if not isinstance(picture, Picture):
        return
    outline = _outline_of(annotation, picture)
    if outline is not None:
        dataset.doubtful.setdefault(picture.path, []).append(outline)


def _outline_of(annotation: Mapping[str, Any], picture: Picture) -> Float32Array | None:
    """(4,) the annotated box in pixels of the upright picture; None where there is none."""
    try:
        x, y, width, height = (float(value) for value in annotation["bbox"])
    except (KeyError, TypeError, ValueError):
        return None
    ends = picture.upright(np.array([[x, y], [x + width, y + height]], np.float32))
    return np.concatenate([ends.min(axis=0), ends.max(axis=0)])


def save(samples: Sequence[Sample], root: Path) -> None:
    """Writes people as a data set that `load` reads, with links to their photographs.

    Args:
        samples: the people; photographs of the same name keep theirs in folders of their own.
        root: folder of the data set; made where it is missing.

    Raises:
        DataError: a photograph cannot be read, or would have to be replaced by a link.
    """
    for folder in ("annotations", "images"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    images: dict[Path, dict[str, Any]] = {}
    annotations: list[dict[str, Any]] = []
    for number, sample in enumerate(samples, start=1):
        if sample.image not in images:
            number_of_image = len(images) + 1
            is_taken = any(image.name == sample.image.name for image in images)
            name = f"{number_of_image}/{sample.image.name}" if is_taken else sample.image.name
            images[sample.image] = _linked(sample.image, number_of_image, root / "images", name)
        keypoints = np.zeros((_KEYPOINTS, 3))
        for name, column in joint_columns.COCO_COLUMNS.items():
            joint = sample.joints[skeleton.ALL_19.index[name]]
            if np.isfinite(joint).all():
                keypoints[column] = [*joint.astype(float).round(2), VISIBLE]
        annotations.append(
            {
                "id": number,
                "image_id": images[sample.image]["id"],
                "category_id": 1,
                "iscrowd": 0,
                "num_keypoints": int((keypoints[:, 2] > 0).sum()),
                "keypoints": keypoints.ravel().tolist(),
            }
        )
    content = {
        "images": list(images.values()),
        "annotations": annotations,
        "categories": [{"id": 1, "name": "person"}],
    }
    path = root / "annotations" / "person_keypoints_train.json"
    atomic.write_json(path, content, indent=None)


def _linked(image: Path, number: int, folder: Path, name: str) -> dict[str, Any]:
    """The entry of a photograph that a folder now has a link to."""
    picture = photo.read(image)
    if picture is None:
        raise DataError(f"{image} cannot be read; expected a whole photograph")
    link = folder / name
    link.parent.mkdir(exist_ok=True)
    if link.exists() and not link.is_symlink():
        raise DataError(f"{link} is a file of its own; write the data set to an empty folder")
    link.unlink(missing_ok=True)
    link.symlink_to(image.resolve())
    height, width = picture.shape[:2]
    return {"id": number, "file_name": name, "width": width, "height": height}

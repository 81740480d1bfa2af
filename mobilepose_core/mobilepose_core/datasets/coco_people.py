"""The people of a COCO file: which categories are people, and where their joints are listed."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from mobilepose_core.datasets import joint_columns
from mobilepose_core.datasets.coco_images import is_id
from mobilepose_core.datasets.sample import MIN_JOINTS
from mobilepose_core.typing import Float32Array

KEYPOINTS = 17
"""COCO's own number, in COCO's own order, where a category does not name its joints."""


NO_PERSON = "annotation of a category whose name is not a person category (left out)"


class UnusableError(ValueError):
    """An annotation whose joints cannot be used.

    Attributes:
        fault: the kind.
    """

    def __init__(self, fault: str, example: str) -> None:
        super().__init__(example)
        self.fault = fault


@dataclass(frozen=True)
class Category:
    """A kind of thing that is annotated.

    Attributes:
        name: as the file has it.
        count: of its joints; None where it names none.
        columns: where our joints are among them, by name.
        fault: why its annotations are left out; empty for people.
    """

    name: str
    count: int | None
    columns: Mapping[str, int]
    fault: str = ""


ASSUMED = Category("person", None, joint_columns.COCO_COLUMNS)
"""Of a file without categories."""


def categories_of(content: Mapping[str, Any]) -> dict[Hashable, Category]:
    """The categories of a file by id."""
    entries = content.get("categories")
    categories: dict[Hashable, Category] = {}
    for entry in entries if isinstance(entries, list) else []:
        if isinstance(entry, dict) and is_id(entry.get("id")):
            categories[entry["id"]] = _category(entry)
    return categories


def _category(entry: Mapping[str, Any]) -> Category:
    name, names = str(entry.get("name", "")), entry.get("keypoints")
    if name and not _PERSON & set(_words(name)):
        return Category(name, None, {}, NO_PERSON)
    if not isinstance(names, list) or not names:
        return Category(name, None, joint_columns.COCO_COLUMNS)
    spoken = [_joint(str(joint)) for joint in names]
    columns = {joint: spoken.index(_joint(joint)) for joint in _OURS if _joint(joint) in spoken}
    fault = ""
    if len(set(spoken)) < len(spoken):
        fault = "category that names a joint twice (person left out)"
    elif len(columns) < MIN_JOINTS:
        fault = f"category with fewer than {MIN_JOINTS} known joints (person left out)"
    return Category(name, len(names), columns, fault)


def category_of(annotation: Mapping[str, Any], categories: Mapping[Hashable, Category]) -> Category:
    """The category of an annotation.

    Raises:
        UnusableError: it has none, or one that is not of people.
    """
    number = annotation.get("category_id")
    if not categories:
        return ASSUMED
    if number is None and len(categories) == 1:
        number = next(iter(categories))
    category = categories.get(number) if is_id(number) else None
    if category is None:
        known = ", ".join(map(repr, categories))
        raise UnusableError(
            "annotation of a category that the file does not describe (left out)",
            f"category_id {number!r}; described: {known}",
        )
    if category.fault:
        raise UnusableError(category.fault, f"category {category.name!r}")
    return category


def joints_of(annotation: Mapping[str, Any], category: Category) -> Float32Array:
    """Our joints of an annotation, in the pixels that it was made on.

    Returns:
        (K, 2), NaN where not annotated.

    Raises:
        UnusableError: the joints are missing, no numbers, or not as many as the category names.
    """
    keypoints = _triples(annotation, category)
    marked = keypoints[:, 2] > 0
    count = annotation.get("num_keypoints")
    if is_id(count) and count == 0 and marked.any():
        raise UnusableError(
            "num_keypoints 0 though joints are marked (person left out)",
            f"{marked.sum()} joints with a visibility above 0",
        )
    if not marked.any() and keypoints[:, :2].any():
        raise UnusableError(
            "joints with coordinates whose visibility is 0, which means not annotated (person "
            "left out)",
            f"{np.count_nonzero(keypoints[:, :2].any(axis=1))} joints",
        )
    points = np.where(marked[:, None], keypoints[:, :2], np.float32(np.nan))
    return joint_columns.pick(points, category.columns)


def _triples(annotation: Mapping[str, Any], category: Category) -> Float32Array:
    """(N, 3) x, y and visibility."""
    listed = annotation.get("keypoints")
    if not isinstance(listed, list) or not listed:
        raise UnusableError("annotation without keypoints (left out)", f"keypoints {listed!r}")
    try:
        values = np.asarray(listed, dtype=np.float32)
    except (TypeError, ValueError, OverflowError):
        raise UnusableError(
            "keypoints that are not numbers (person left out)", str(listed)[:60]
        ) from None
    expected = KEYPOINTS if category.count is None else category.count
    is_nested = values.ndim == 2 and values.shape[1] == 3
    if values.size != 3 * expected or not (values.ndim == 1 or is_nested):
        raise UnusableError(
            "keypoints that are not x, y and visibility of each joint of the category (person left "
            "out)",
            f"{values.size} numbers; expected 3 x {expected}",
        )
    return np.nan_to_num(values.reshape(-1, 3), nan=0.0, posinf=np.inf, neginf=-np.inf)


def is_crowd(annotation: Mapping[str, Any]) -> bool:
    """Whether an annotation is of a group of people."""
    return annotation.get("iscrowd") in (1, "1", "true")


def has_no_joints(annotation: Mapping[str, Any]) -> bool:
    """Whether an annotation says that no joint is marked, as COCO does of small people."""
    if annotation.get("num_keypoints") != 0:
        return False
    listed = annotation.get("keypoints")
    return not isinstance(listed, list) or not any(_is_above_zero(v) for v in listed[2::3])


def _is_above_zero(value: object) -> bool:
    return isinstance(value, (int, float)) and value > 0


def _joint(name: str) -> frozenset[str]:
    """A joint's name as the words in it, however they are joined: `LShoulder`, `shoulder_left`."""
    return frozenset(_SIDES.get(word, word) for word in _words(name))


def _words(name: str) -> list[str]:
    """The words of a name in lower case, camel case and left or right before a word divided."""
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)
    return [part for word in words for part in _SIDE.sub(r"\1 ", word.lower()).split()]


_SIDE = re.compile(r"^(left|right)(?=[a-z])")
_SIDES = {"l": "left", "r": "right"}
_OURS = tuple(joint_columns.COCO_COLUMNS)

_PERSON = frozenset(
    {
        "person",
        "persons",
        "people",
        "human",
        "humans",
        "man",
        "men",
        "woman",
        "women",
        "child",
        "children",
        "kid",
        "kids",
        "boy",
        "girl",
        "adult",
        "baby",
        "pedestrian",
        "pedestrians",
        "player",
        "athlete",
        "worker",
        "rider",
        "driver",
        "cyclist",
        "patient",
        "dancer",
        "body",
        "pose",
        "skeleton",
    }
)
"""Words in the names of categories that are people."""

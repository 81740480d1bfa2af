"""FLIC: upper bodies in films (Sapp and Taskar, "MODEC", CVPR 2013), in its own layout.

`examples.mat` beside `images/`; coordinates are person-centric.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from mobilepose_core.datasets import joint_columns
from mobilepose_core.datasets.matlab import load_mat
from mobilepose_core.datasets.picture_size import TURNED, PictureSize, read_size
from mobilepose_core.datasets.pictures import Name, Pictures
from mobilepose_core.datasets.sample import UNREADABLE, Dataset, Sample, check_person
from mobilepose_core.errors import DataError
from mobilepose_core.typing import Float32Array

HELD_OUT_FILMS = ("hitch", "schindlers-list", "goldeneye")
"""Held-out films of the training set, on which models are selected: FLIC's train and test sets
share shots, so only a film that was never trained on measures generalisation."""

COLUMNS = 29
"""Joints in `coords`, most of them never annotated."""


def load(root: Path) -> Dataset:
    """All people of FLIC with their split.

    Args:
        root: the folder with `examples.mat` and `images/`, or the one that holds it as `FLIC/`.

    Raises:
        DataError: no `examples.mat` there, or it is not FLIC's.
    """
    base = root / "FLIC" if (root / "FLIC").is_dir() else root
    path = base / "examples.mat"
    examples = np.atleast_1d(load_mat(path, "examples"))
    dataset = Dataset("flic")
    pictures = Pictures(base / "images")
    sizes: dict[Path, PictureSize | None] = {}
    for number, example in enumerate(examples, start=1):
        title = f"example {number}"
        try:
            coords, size, split = _coords(example), _size(example), _split(example)
            file, film = str(example.filepath), str(example.moviename)
        except (AttributeError, IndexError, TypeError, ValueError) as error:
            dataset.faults.note(
                "example that lacks coords, imgdims, filepath or split (left out)",
                f"{title}: {error}",
            )
            continue
        found = pictures.find(Name.of(file))
        if found.path is None:
            dataset.faults.note(found.fault, f"{title}: {found.example}")
            continue
        if found.path not in sizes:
            sizes[found.path] = read_size(found.path)
        if (fault := _size_fault(sizes[found.path], size)) is not None:
            dataset.faults.note(fault[0], f"{title}, {file}: {fault[1]}")
            continue
        joints = joint_columns.pick(coords.T, joint_columns.FLIC_COLUMNS)
        checked = check_person(joints, size, dataset.faults, f"{title}, {file}")
        if checked is not None:
            dataset.samples.append(Sample(found.path, checked, film, split))
    return dataset


def _coords(example: Any) -> Float32Array:
    """(2, 29) x and y of FLIC's joints; raises DataError for another shape."""
    coords = np.asarray(example.coords, dtype=np.float32)
    if coords.shape != (2, COLUMNS):
        raise DataError(f"coords of shape {coords.shape}; expected (2, {COLUMNS})")
    return coords


def _size(example: Any) -> tuple[int, int]:
    """Width and height."""
    height, width = (int(side) for side in example.imgdims[:2])
    return width, height


def _split(example: Any) -> str:
    is_test, is_train = bool(int(example.istest)), bool(int(example.istrain))
    if is_test and is_train:
        raise DataError("both of the training set and of the test set")
    return "test" if is_test else "train" if is_train else "unused"


def _size_fault(actual: PictureSize | None, claimed: tuple[int, int]) -> tuple[str, str] | None:
    """The fault of a picture, and its example; None if its size is the annotated one."""
    if actual is None:
        return UNREADABLE, "no picture, or cut off"
    if actual.orientation != 1:
        return TURNED, f"EXIF orientation {actual.orientation}"
    if actual.upright == claimed:
        return None
    sizes = f"{claimed[0]}x{claimed[1]} annotated, {actual.upright[0]}x{actual.upright[1]} there"
    return "picture of another size than annotated (person left out)", sizes

"""LSP and LSP-extended: sports people (Johnson and Everingham, BMVC 2010 and CVPR 2011).

`joints.mat` beside `images/imNNNN.jpg`; 14 joints, no face. LSP keeps them as (3, 14, N) and marks
hidden joints, LSP-extended as (14, 3, N) and marks visible ones; the shape distinguishes them.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from mobilepose_core.datasets import joint_columns
from mobilepose_core.datasets.matlab import load_mat
from mobilepose_core.datasets.picture_size import TURNED, read_size
from mobilepose_core.datasets.pictures import AMBIGUOUS, MISSING
from mobilepose_core.datasets.sample import UNREADABLE, Dataset, Sample, check_person
from mobilepose_core.errors import DataError
from mobilepose_core.io import photo

LSP_TRAIN = 1000
"""LSP's first thousand people are its training set; LSP-extended is for training as a whole."""

_JOINTS = 14


def load(root: Path) -> Dataset:
    """All people whose photograph exists.

    Args:
        root: the folder with `joints.mat` and `images/`.

    Raises:
        DataError: no `joints.mat` there, or not numbers of shape (14, 3, N) or (3, 14, N).
    """
    content = load_mat(root / "joints.mat", "joints")
    try:
        table = np.asarray(content, dtype=np.float32)
    except (TypeError, ValueError):
        raise DataError(f"{root / 'joints.mat'} holds no array of numbers") from None
    if table.ndim == 2:
        table = table[..., None]
    if table.ndim != 3 or table.shape[:2] not in ((_JOINTS, 3), (3, _JOINTS)):
        raise DataError(
            f"{root / 'joints.mat'} holds an array of shape {table.shape}; expected (14, 3, N) "
            "(LSP-extended) or (3, 14, N) (LSP)"
        )
    extended = table.shape[0] == _JOINTS
    people = table.transpose(2, 0, 1) if extended else table.transpose(2, 1, 0)
    dataset = Dataset("lsp")
    files = _numbered(root / "images")
    for number, person in enumerate(people, start=1):
        title = f"person {number}"
        paths = files.get(number, [])
        if len(paths) != 1:
            fault = AMBIGUOUS if paths else MISSING
            names = " and ".join(path.name for path in paths[:2]) or f"no im{number:04d}.jpg"
            dataset.faults.note(fault, f"{title}: {names}")
            continue
        (path,) = paths
        size = read_size(path)
        if size is None or size.orientation != 1:
            dataset.faults.note(UNREADABLE if size is None else TURNED, f"{title}: {path.name}")
            continue
        points = person[:, :2].copy()
        if extended:
            points[person[:, 2] <= 0] = np.nan
        picked = joint_columns.pick(points, joint_columns.LSP_COLUMNS)
        joints = check_person(picked, size.upright, dataset.faults, title)
        if joints is not None:
            split = "train" if extended or number <= LSP_TRAIN else "test"
            dataset.samples.append(Sample(path, joints, path.name, split))
    return dataset


def _numbered(folder: Path) -> dict[int, list[Path]]:
    """Photographs by number; more than one if the number is ambiguous."""
    files: dict[int, list[Path]] = {}
    for path in sorted(folder.glob("im*")):
        if path.suffix.lower() in photo.SUFFIXES and (match := _NUMBER(path.stem)):
            files.setdefault(int(match[1]), []).append(path)
    return files


_NUMBER = re.compile(r"im(\d+)$", re.IGNORECASE).match

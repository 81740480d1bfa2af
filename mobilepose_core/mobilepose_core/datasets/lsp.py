"""LSP and LSP-extended: sports people (Johnson and Everingham, BMVC 2010 and CVPR 2011).

`joints.mat` beside `images/imNNNN.jpg`; 14 joints, no face. LSP keeps them as (3, 14, N) and marks
hidden joints, LSP-extended as (14, 3, N) and marks visible ones; both are told apart by shape.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from mobilepose_core import photo, skeleton
from mobilepose_core.datasets.matlab import load_mat
from mobilepose_core.datasets.sample import UNREADABLE, Dataset, Sample, check_person

LSP_TRAIN = 1000
"""LSP's first thousand people are its training set; LSP-extended is for training as a whole."""

_JOINTS = 14


def load(root: Path) -> Dataset:
    """All people whose photograph is there.

    Args:
        root: the folder with `joints.mat` and `images/`.

    Raises:
        ValueError: no `joints.mat` there, or not of shape (14, 3, N) or (3, 14, N).
    """
    table = np.asarray(load_mat(root / "joints.mat", "joints"), dtype=np.float32)
    if table.ndim == 2:
        table = table[..., None]
    if table.ndim != 3 or table.shape[:2] not in ((_JOINTS, 3), (3, _JOINTS)):
        raise ValueError(
            f"{root / 'joints.mat'} holds an array of shape {table.shape}; expected (14, 3, N) "
            "(LSP-extended) or (3, 14, N) (LSP)"
        )
    extended = table.shape[0] == _JOINTS
    people = table.transpose(2, 0, 1) if extended else table.transpose(2, 1, 0)
    dataset = Dataset("lsp")
    files = {int(m[1]): path for path in (root / "images").glob("im*") if (m := _NUMBER(path.name))}
    for number, person in enumerate(people, start=1):
        if number not in files:
            dataset.faults["image missing (person left out)"] += 1
            continue
        image = photo.read(files[number])
        if image is None:
            dataset.faults[UNREADABLE] += 1
            continue
        size = image.shape[1], image.shape[0]
        points = person[:, :2].copy()
        if extended:
            points[person[:, 2] <= 0] = np.nan
        joints = check_person(skeleton.pick(points, skeleton.LSP_COLUMNS), size, dataset.faults)
        if joints is not None:
            split = "train" if extended or number <= LSP_TRAIN else "test"
            dataset.samples.append(Sample(files[number], joints, files[number].name, split))
    return dataset


_NUMBER = re.compile(r"im(\d+)\.(?:jpg|jpeg|png)$", re.IGNORECASE).match

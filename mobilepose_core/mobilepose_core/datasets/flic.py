"""FLIC: upper bodies in films (Sapp and Taskar, "MODEC", CVPR 2013), in its own layout.

`examples.mat` beside `images/`; coordinates are person-centric.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mobilepose_core import skeleton
from mobilepose_core.datasets.matlab import load_mat
from mobilepose_core.datasets.sample import Dataset, Sample, check_person

HELD_OUT_FILMS = ("hitch", "schindlers-list", "goldeneye")
"""Films of the training set on which models are chosen: neighbouring frames of one shot fall into
FLIC's train and test alike, so only a film that was never trained on tells one model from another.
"""


def load(root: Path) -> Dataset:
    """All people of FLIC with their split.

    Args:
        root: the folder with `examples.mat` and `images/`, or the one that holds it as `FLIC/`.

    Raises:
        ValueError: no `examples.mat` there, or it is not FLIC's.
    """
    base = root / "FLIC" if (root / "FLIC").is_dir() else root
    path = base / "examples.mat"
    examples = np.atleast_1d(load_mat(path, "examples"))
    dataset = Dataset("flic")
    present = {file.name for file in (base / "images").glob("*")}
    for example in examples:
        try:
            coords = np.asarray(example.coords, dtype=np.float32)
            height, width = (int(side) for side in example.imgdims[:2])
            joints = skeleton.pick(coords.T, skeleton.FLIC_COLUMNS)
            split = "test" if int(example.istest) else "train" if int(example.istrain) else "unused"
            file, film = str(example.filepath), str(example.moviename)
        except (AttributeError, IndexError, TypeError, ValueError):
            dataset.faults["example that lacks coords, imgdims, filepath or split (left out)"] += 1
            continue
        if file not in present:
            dataset.faults["image missing (person left out)"] += 1
            continue
        checked = check_person(joints, (width, height), dataset.faults)
        if checked is not None:
            dataset.samples.append(Sample(base / "images" / file, checked, film, split))
    return dataset

"""Loaders of data sets with annotated people: each format is read into the same sample type."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from mobilepose_core.datasets import coco, flic, lsp
from mobilepose_core.datasets.sample import Dataset, Sample
from mobilepose_core.errors import DataError

LOADERS: Mapping[str, Callable[[Path], Dataset]] = {
    "flic": flic.load,
    "lsp": lsp.load,
    "coco": coco.load,
}


def load(name: str, root: Path) -> Dataset:
    """Loads the data set of format `name` in the folder `root`.

    Raises:
        DataError: an unknown format, a missing folder, or files of another format.
    """
    if name not in LOADERS:
        raise DataError(f"data set {name!r} unknown; known: {', '.join(LOADERS)}")
    if not root.is_dir():
        raise DataError(f"{root} is not a folder; expected the root of a {name} data set")
    return LOADERS[name](root)


def recognise(root: Path) -> str:
    """The format of the data set in the folder `root`, by its annotation file.

    Raises:
        DataError: a missing folder, or one without a known annotation file.
    """
    if not root.is_dir():
        raise DataError(f"{root} is not a folder; expected the root of a data set")
    for name, pattern in _ANNOTATIONS:
        if any(root.glob(pattern)):
            return name
    expected = ", ".join(pattern for _, pattern in _ANNOTATIONS)
    raise DataError(f"no data set recognised in {root}; expected one of {expected}{_hint(root)}")


def _hint(root: Path) -> str:
    """Suggests a JSON file that may be COCO's under another name."""
    others = sorted(p for depth in ("*.json", "*/*.json") for p in root.glob(depth))
    if not others:
        return ""
    return (
        f"; if {others[0].relative_to(root)} is COCO's, name it "
        "annotations/person_keypoints_train.json"
    )


_ANNOTATIONS = (
    ("flic", "FLIC/examples.mat"),
    ("flic", "examples.mat"),
    ("lsp", "joints.mat"),
    ("coco", "annotations/person_keypoints_*.json"),
)

__all__ = ["LOADERS", "Dataset", "Sample", "load", "recognise"]

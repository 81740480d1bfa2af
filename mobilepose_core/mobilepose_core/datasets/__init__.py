"""Data sets of annotated people, each read from its own layout into one sample type."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from mobilepose_core.datasets import coco, flic, lsp
from mobilepose_core.datasets.sample import Dataset, Sample

LOADERS: Mapping[str, Callable[[Path], Dataset]] = {
    "flic": flic.load,
    "lsp": lsp.load,
    "coco": coco.load,
}


def load(name: str, root: Path) -> Dataset:
    """The data set of format `name` under `root`.

    Raises:
        ValueError: an unknown format, a folder that is missing, or files that are not the format's.
    """
    if name not in LOADERS:
        raise ValueError(f"data set {name!r} unknown; known: {', '.join(LOADERS)}")
    if not root.is_dir():
        raise ValueError(f"{root} is not a folder; expected the root of a {name} data set")
    return LOADERS[name](root)


def recognise(root: Path) -> str:
    """The format of the data set under `root`, by its annotation file.

    Raises:
        ValueError: no folder, or no known annotation file there.
    """
    if not root.is_dir():
        raise ValueError(f"{root} is not a folder; expected the root of a data set")
    for name, pattern in _ANNOTATIONS:
        if any(root.glob(pattern)):
            return name
    expected = ", ".join(pattern for _, pattern in _ANNOTATIONS)
    raise ValueError(f"no data set recognised in {root}; expected one of {expected}{_hint(root)}")


def _hint(root: Path) -> str:
    """Which file may be COCO's under another name."""
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

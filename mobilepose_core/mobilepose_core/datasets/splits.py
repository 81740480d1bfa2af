"""The split in a file's or folder's name, by whole words: `latest` is not `test`."""

from __future__ import annotations

import re

_WORDS = {
    "train": "train",
    "training": "train",
    "trainval": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "minival": "val",
    "test": "test",
    "testing": "test",
}

_ORDER = ("train", "val", "test")
"""Precedence if a name has several of these words."""


def split_in(name: str) -> str | None:
    """`train`, `val` or `test` if a name has such a word, else None.

    Args:
        name: of a file or folder, such as `person_keypoints_val2017`.
    """
    words = re.findall(r"[A-Z]?[a-z]+|[A-Z]+", name)
    splits = {_WORDS[word.lower()] for word in words if word.lower() in _WORDS}
    return next((split for split in _ORDER if split in splits), None)

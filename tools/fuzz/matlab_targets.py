"""What LSP's and FLIC's MATLAB files may hold.

The files are whole: SciPy's reader of MATLAB files ends the process on some damaged ones.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import scipy.io

from mobilepose_core import datasets
from mobilepose_core.typing import AnyArray

_TYPES = ("f8", "f4", "i4", "u1", "?", "U3", "O", "c16")
_SHAPES = ((14, 3, 2), (3, 14, 2), (14, 3), (2, 29), (3,), (1,), (), (0, 3), (2, 2, 2, 2))
_FIELDS = ("filepath", "imgdims", "coords", "istrain", "istest", "moviename")
_USUAL = ("im0001.jpg", np.array([12, 16, 3]), np.arange(58.0).reshape(2, 29) / 5, 1, 0, "film")


def lsp_files() -> Iterator[bytes]:
    """An array of each type and shape: both bytes first, then its values."""
    for shape in range(len(_SHAPES)):
        yield bytes([0, shape]) + np.arange(84.0).tobytes()
    for kind in range(len(_TYPES)):
        yield bytes([kind, 0]) + bytes(range(200))


def read_lsp(content: bytes) -> object:
    """The data set with such an array."""
    return _loaded("lsp", "joints.mat", {"joints": _array(content)})


def flic_files() -> Iterator[bytes]:
    """One person as usual, and with another field."""
    for field in range(len(_FIELDS) + 1):
        for kind in (0, 5):
            yield bytes([field, kind, field]) + np.arange(58.0).tobytes()


def read_flic(content: bytes) -> object:
    """The data set with one person, of whom a field is any array."""
    examples = np.zeros((1, 1), dtype=[(name, object) for name in _FIELDS])
    values = list(_USUAL)
    if content and content[0] % (len(_FIELDS) + 1) < len(_FIELDS):
        values[content[0] % (len(_FIELDS) + 1)] = _array(content[1:])
    examples[0, 0] = tuple(values)
    return _loaded("flic", "examples.mat", {"examples": examples})


def _array(content: bytes) -> AnyArray:
    """An array of the type, shape and values that bytes tell."""
    head = content[:2].ljust(2, b"\0")
    kind, shape = _TYPES[head[0] % len(_TYPES)], _SHAPES[head[1] % len(_SHAPES)]
    count = int(np.prod(shape))
    if kind in ("U3", "O"):
        return np.resize(np.array(["abc", ""], dtype=kind), shape)
    size = np.dtype(kind).itemsize
    return np.frombuffer(content[2:].ljust(count * size, b"\1")[: count * size], kind).reshape(
        shape
    )


def _loaded(kind: str, name: str, variables: dict[str, object]) -> object:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "images").mkdir()
        cv2.imwrite(str(root / "images" / "im0001.jpg"), np.zeros((12, 16, 3), np.uint8))
        scipy.io.savemat(root / name, variables)
        return datasets.load(kind, root)

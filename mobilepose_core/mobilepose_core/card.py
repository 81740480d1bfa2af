"""The card of a released model: what it says of the files beside it, and how it is written."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mobilepose_core import atomic
from mobilepose_core.inference import model_file


def write(card: dict[str, Any], folder: Path) -> Path:
    """Writes a card beside its model; returns its path."""
    path = folder / f"{card['name']}.json"
    atomic.write_json(path, card)
    return path


def described(paths: list[Path]) -> dict[str, Any]:
    """Checksum and size of each file, as `model_file.find` proves them."""
    return {
        path.name: {"sha256": model_file.sha256(path), "bytes": path.stat().st_size}
        for path in paths
    }


@contextmanager
def replacing(model: Path) -> Iterator[Path]:
    """A folder for a model's new files and card, which take the place of earlier ones at the end.

    The earlier ones stay as they are until all is written. Where they are exchanged in part only,
    `model_file.find` says what completes it.

    Args:
        model: path of the ONNX file, which need not be there yet.
    """
    staged = model_file.replacement_of(model)
    shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir(parents=True)
    try:
        yield staged
    except BaseException:
        shutil.rmtree(staged)
        raise
    for path in sorted(staged.iterdir(), key=lambda path: (path.suffix == ".json", path.name)):
        path.replace(model.parent / path.name)
    staged.rmdir()

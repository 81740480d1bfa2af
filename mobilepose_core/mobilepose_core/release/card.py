"""The card of a released model: its description of files, and atomic replacement."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mobilepose_core.errors import ModelError
from mobilepose_core.inference.runtime import model_file
from mobilepose_core.io import atomic

WEIGHT_BITS = "weight_bits"
"""Entry with the bits of each weight in the file."""


def check_name(name: str) -> None:
    """Looks at the name of a model that is to be released, before anything is written.

    Raises:
        ModelError: it is empty, has other characters than those that every file system and shell
            takes, or begins as a hidden file or an option does.
    """
    if not re.fullmatch(r"\w[\w.+-]*", name):
        raise ModelError(
            "the name of a model has letters, digits, '_', '.', '+' and '-', and begins with none "
            f"of the last three, got {name!r}"
        )


def check_replaced(model: Path, is_detector: bool, quantised_from: str | None = None) -> None:
    """Refuses to replace a released model by one of another kind.

    Args:
        model: path of the ONNX file, which need not exist yet.
        is_detector: whether the new one is a detector and no pose network.
        quantised_from: name of the model that the new one is the INT8 network of, if it is one.

    Raises:
        ModelError: what is there is of another kind.
    """
    try:
        earlier = model_file.card_of(model)
    except ModelError:  # damaged, as after an interruption: the new release mends it
        return
    if not earlier:
        return
    was_detector = earlier.get("model", {}).get("architecture") == "finder"
    old = _kind(was_detector, earlier.get("quantised", {}).get("from"))
    new = _kind(is_detector, quantised_from)
    if old != new:
        raise ModelError(
            f"{model} is {old}, and would be replaced by {new}; give --name another name"
        )


def _kind(is_detector: bool, quantised_from: str | None) -> str:
    """What a model is, in words."""
    kind = "detector" if is_detector else "pose network"
    return f"a {kind}" if quantised_from is None else f"the INT8 {kind} of {quantised_from!r}"


def write(card: dict[str, Any], folder: Path) -> Path:
    """Writes a card beside its model; returns its path."""
    path = folder / f"{card['name']}.json"
    atomic.write_json(path, card)
    return path


def described(paths: list[Path]) -> dict[str, Any]:
    """Checksum and size of each file, which `model_file.find` checks."""
    return {
        path.name: {"sha256": model_file.sha256(path), "bytes": path.stat().st_size}
        for path in paths
    }


@contextmanager
def replacing(model: Path, checkpoints: Path | None = None) -> Iterator[Path]:
    """A staging folder for a model's new files and card, which replace earlier ones at the end.

    Earlier files stay until all new ones are written. If the replacement is interrupted,
    `model_file.find` says how to complete it.

    Args:
        model: path of the ONNX file, which need not exist yet.
        checkpoints: where a `.safetensors` file goes; None for beside the model.

    Raises:
        ModelError: the file has no name that a model can have; see `check_name`.
    """
    check_name(model.name.removesuffix(".onnx"))
    staged = model_file.replacement_of(model)
    shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir(parents=True)
    try:
        yield staged
    except BaseException:
        shutil.rmtree(staged)
        raise
    folders = {".safetensors": checkpoints or model.parent}
    for path in sorted(staged.iterdir(), key=lambda path: _ORDER.index(path.suffix)):
        path.replace(folders.get(path.suffix, model.parent) / path.name)
    staged.rmdir()


_ORDER = (".safetensors", ".onnx", ".json")
"""In which files take their places: what is left after an interruption is the model's folder's."""

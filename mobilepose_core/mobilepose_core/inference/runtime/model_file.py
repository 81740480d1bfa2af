"""Released models by name, their cards, and the check of files against the cards' checksums."""

from __future__ import annotations

import hashlib
import json
import os
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mobilepose_core.errors import ModelError
from mobilepose_core.inference.runtime import model_check

WEIGHTS = Path(__file__).resolve().parents[2] / "weights"


@dataclass(frozen=True)
class ModelFile:
    """An ONNX file with its card and checksum.

    Attributes:
        name: the released model's, or the file's own.
        path: the ONNX file.
        checksum: SHA-256 of its bytes, hexadecimal.
        card: the released model's card; empty for a user's file.
    """

    name: str
    path: Path
    checksum: str
    card: dict[str, Any]

    @property
    def checkpoint(self) -> dict[str, Any] | None:
        """What the card says of the checkpoint's file; None without one, as for an INT8 model."""
        described: dict[str, Any] | None = self.card.get("files", {}).get(
            f"{self.path.stem}.safetensors"
        )
        return described


def released_models() -> list[str]:
    """The names of all released models."""
    return sorted(
        path.stem for path in WEIGHTS.glob("*.onnx") if path.with_suffix(".json").exists()
    )


def released_pose_models() -> list[str]:
    """The names of the released pose models, without person detectors."""
    return [
        name
        for name in released_models()
        if card_of(WEIGHTS / f"{name}.onnx").get("model", {}).get("architecture") != "finder"
    ]


def find(model: str | Path) -> ModelFile:
    """The file of a released model, or at a path.

    Raises:
        ModelError: neither a released model nor a file, or its checksum differs from the card's, or
            it is too large.
    """
    is_released = str(model) in released_models()
    path = WEIGHTS / f"{model}.onnx" if is_released else Path(os.path.expanduser(model))
    if not path.is_file():
        raise ModelError(f"model {str(model)!r} not found; {_hint(path)}")
    if (size := path.stat().st_size) > model_check.LARGEST_FILE:
        raise ModelError(
            f"{path} is refused: it has {size} bytes; "
            f"at most {model_check.LARGEST_FILE} are allowed"
        )
    checksum = sha256(path)
    card = card_of(path)
    if card and (stated := card["files"][path.name]["sha256"]) != checksum:
        raise ModelError(_refusal(path, f"its SHA-256 is {checksum}, its card says {stated}"))
    return ModelFile(path.stem, path, checksum, card)


def replacement_of(path: Path) -> Path:
    """The staging folder for a model's new files and card, until all of them are written."""
    return path.with_suffix(".replacement")


def card_of(path: Path) -> dict[str, Any]:
    """The card beside a model's file; empty if there is none."""
    beside = path.with_suffix(".json")
    if not beside.is_file():
        return {}
    try:
        card: dict[str, Any] = json.loads(beside.read_bytes())
        str(card["files"][path.name]["sha256"])
    except (ValueError, KeyError, TypeError) as error:
        raise ModelError(f"model card {beside} cannot be read: {error!r}") from error
    return card


def _hint(path: Path) -> str:
    """What to do if there is no such model."""
    if path.suffix == ".onnx":
        return "is its path right?"
    return f"known: {', '.join(released_pose_models()) or 'none'}; or a path to an .onnx file"


def _refusal(path: Path, reason: str) -> str:
    """Why a model that differs from its card is refused, and what to do."""
    staged = replacement_of(path)
    if (staged / path.name).with_suffix(".json").is_file():
        source, target = shlex.quote(str(staged)), shlex.quote(str(path.parent))
        return f"the replacement of {path} was interrupted: `mv {source}/* {target}` completes it"
    return f"{path} is damaged or was replaced: {reason}; install it again"


def sha256(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()

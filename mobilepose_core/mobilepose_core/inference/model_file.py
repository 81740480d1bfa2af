"""Released models by name, their cards, and the checksum that says a file is what its card says."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

WEIGHTS = Path(__file__).resolve().parent.parent / "weights"


@dataclass(frozen=True)
class ModelFile:
    """An ONNX file and what is known of it.

    Attributes:
        name: the released model's, or the file's own.
        path: the ONNX file.
        checksum: SHA-256 of its bytes, hexadecimal.
        card: the released model's card; empty for a file of the user's.
    """

    name: str
    path: Path
    checksum: str
    card: dict[str, Any]


def released_models() -> list[str]:
    """The names that `find` knows."""
    return sorted(
        path.stem for path in WEIGHTS.glob("*.onnx") if path.with_suffix(".json").exists()
    )


def released_pose_models() -> list[str]:
    """The names of those that find joints: all but finders of people."""
    return [
        name
        for name in released_models()
        if find(name).card.get("model", {}).get("architecture") != "finder"
    ]


def find(model: str | Path) -> ModelFile:
    """The file of a released model, or of a path.

    Raises:
        ValueError: neither a released model nor a file, or its bytes are not those of its card.
    """
    known = released_models()
    path = WEIGHTS / f"{model}.onnx" if str(model) in known else Path(model).expanduser()
    if not path.is_file():
        raise ValueError(
            f"model {str(model)!r} not found; known: {', '.join(known) or 'none'}; "
            "or a path to an .onnx file"
        )
    checksum = sha256(path)
    card_path = path.with_suffix(".json")
    card: dict[str, Any] = {}
    if card_path.is_file():
        try:
            card = json.loads(card_path.read_text(encoding="utf-8"))
            stated = str(card["files"][path.name]["sha256"])
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"model card {card_path} cannot be read: {error!r}") from error
        if stated != checksum:
            raise ValueError(
                f"{path} is damaged or was exchanged: its SHA-256 is {checksum}, its card "
                f"{card_path.name} says {stated}; install it again"
            )
    return ModelFile(path.stem, path, checksum, card)


def sha256(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()

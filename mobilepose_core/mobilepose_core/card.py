"""The card of a released model: what it says of the files beside it, and how it is written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mobilepose_core.inference import model_file


def write(card: dict[str, Any], folder: Path) -> Path:
    """Writes a card beside its model; returns its path."""
    path = folder / f"{card['name']}.json"
    path.write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")
    return path


def described(paths: list[Path]) -> dict[str, Any]:
    """Checksum and size of each file, as `model_file.find` proves them."""
    return {
        path.name: {"sha256": model_file.sha256(path), "bytes": path.stat().st_size}
        for path in paths
    }

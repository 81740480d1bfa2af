"""Metadata that is fitted to an exported network: stored in its file, and noted in its card."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import onnx

from mobilepose_core.inference.detection.verification import PRESENCE_KEY
from mobilepose_core.inference.pose_model import CALIBRATION_KEY
from mobilepose_core.inference.runtime.model_file import ModelFile
from mobilepose_core.io import atomic
from mobilepose_core.release import card

CALIBRATION, PRESENCE = "calibration", "presence"

KEYS = {CALIBRATION: CALIBRATION_KEY, PRESENCE: PRESENCE_KEY}
"""Keys in the file's metadata, by the names in the card."""


def update_model(model: ModelFile, name: str, value: str, note: Mapping[str, Any]) -> None:
    """Sets a value in a model's file, and in its card, if it has one.

    Args:
        model: its file is replaced, whole or not at all.
        name: of `KEYS`.
        value: for the file.
        note: for the card, next to the model's name.
    """
    with card.replacing(model.path) as staged:
        path = staged / model.path.name
        shutil.copy(model.path, path)
        write_metadata(path, {name: value})
        if model.card:
            files = model.card["files"] | card.described([path])
            entry = {name: {"model": model.name, **note}, "files": files}
            card.write(model.card | entry, path.parent)


def write_metadata(path: Path, values: Mapping[str, str]) -> None:
    """Sets values in a model's file, by their names in the card."""
    proto = onnx.load(str(path))
    kept = {KEYS[name]: value for name, value in values.items()}
    onnx.helper.set_model_props(proto, _metadata(proto) | kept)
    atomic.write_bytes(path, proto.SerializeToString())


def read_metadata(proto: onnx.ModelProto) -> dict[str, str]:
    """The fitted values in a network's file, by their names in the card."""
    kept = _metadata(proto)
    return {name: kept[key] for name, key in KEYS.items() if key in kept}


def copy_metadata(earlier: onnx.ModelProto, path: Path) -> list[str]:
    """Copies fitted values from an earlier file of the same network; returns their names."""
    values = read_metadata(earlier)
    graph = onnx.load(str(path)).graph
    if not values or graph.SerializeToString() != earlier.graph.SerializeToString():
        return []
    write_metadata(path, values)
    return list(values)


def _metadata(proto: onnx.ModelProto) -> dict[str, str]:
    return {entry.key: entry.value for entry in proto.metadata_props}

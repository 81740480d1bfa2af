"""Values of the node's parameters that may be set at any time, and some that may not."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import Field
from typing import Any

from mobilepose_ros.parameter_table import table_rows
from mobilepose_ros.parameters import PoseParameters

OWN_EVENTS = frozenset({"enabled", "publish_tf", "max_image_pixels"})
"""Parameters that are not drawn: they start and stop processing, need TF, or refuse images."""

INVALID: tuple[Mapping[str, Any], ...] = (
    {"max_people": 0},
    {"max_people": 3.5},
    {"track_timeout": float("nan")},
    {"person_threshold": 2.0},
    {"labels": "yes"},
    {"model": "small"},
    {"autostart": False},
    {"labels": True, "smoothing_time": -1.0},
)
"""Sets that must be refused as a whole while the node is active."""


def defaults() -> dict[str, Any]:
    """The defaults of all that are drawn."""
    return {name: row.default for name, row in _rows().items()}


def drawn(source: random.Random) -> dict[str, Any]:
    """A random half of them, with valid values."""
    rows = _rows()
    chosen = source.sample(sorted(rows), len(rows) // 2)
    return {name: _value(rows[name], source) for name in chosen}


def _rows() -> dict[str, Field[Any]]:
    return {
        name: row
        for name, row in table_rows(PoseParameters).items()
        if not (row.metadata["at_configure"] or row.metadata["read_only"] or name in OWN_EVENTS)
    }


def _value(row: Field[Any], source: random.Random) -> Any:
    span, choices = row.metadata["span"], row.metadata["choices"]
    if choices:
        return source.choice(choices)
    if isinstance(row.default, bool):
        return source.random() < 0.5
    if isinstance(row.default, int):
        return source.randint(*span)
    if isinstance(row.default, float):
        return source.uniform(*span)
    return source.choice((row.default, "odom", "robot/"))

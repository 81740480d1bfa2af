"""JSON that every reader takes: numbers that are none are null."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any


def of(value: Any, indent: int | None = None) -> str:
    """A value as JSON, with null for NaN and infinity, which JSON does not have.

    Args:
        value: of dictionaries, lists, tuples, strings, numbers and None.
        indent: spaces by which each level is indented; None writes one line.
    """
    return json.dumps(_finite(value), indent=indent, allow_nan=False)


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value

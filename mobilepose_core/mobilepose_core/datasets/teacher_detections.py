"""Detections of teacher networks in whole photographs, which complete a data set's annotations."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from mobilepose_core.errors import DataError
from mobilepose_core.typing import Float32Array

_NO_BOXES: Float32Array = np.zeros((0, 5), dtype=np.float32)


@dataclass(frozen=True, eq=False)
class TeacherDetections:
    """Detections of teacher networks in a photograph, of annotated people or others.

    Attributes:
        people: (K, 5) x0, y0, x1, y1 around the joints in image pixels, and score.
        bodies: (B, 5) boxes of whole bodies, and scores: they do not tell the box of the joints.
    """

    people: Float32Array = field(default_factory=lambda: _NO_BOXES)
    bodies: Float32Array = field(default_factory=lambda: _NO_BOXES)


NO_DETECTIONS = TeacherDetections()


def load(path: Path) -> dict[str, TeacherDetections]:
    """Teachers' detections: `{"people": {"photo.jpg": [[x0, y0, x1, y1, score], ...]}}`.

    The optional `"bodies"` has the same format.

    Raises:
        DataError: the file has another format.
    """
    try:
        content = json.loads(path.read_bytes())
        people = {name: _rows(found) for name, found in content["people"].items()}
        bodies = {name: _rows(found) for name, found in content.get("bodies", {}).items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(
            f'{path} has no boxes of people: {error!r}; expected {{"people": '
            '{"photo.jpg": [[x0, y0, x1, y1, score], …]}}'
        ) from error
    return {
        name: TeacherDetections(people.get(name, _NO_BOXES), bodies.get(name, _NO_BOXES))
        for name in people.keys() | bodies.keys()
    }


def _rows(found: npt.ArrayLike) -> Float32Array:
    rows = np.asarray(found, dtype=np.float32)
    return rows.reshape(0, 5) if not rows.size else rows.reshape(len(rows), 5)

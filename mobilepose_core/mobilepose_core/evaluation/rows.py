"""A model's row in the report: measured if the model is available, else from the last report.

The baselines are not released; their results are kept in a file beside the page, so that the report
can be written with the released models alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mobilepose_core import skeleton
from mobilepose_core.datasets import Sample
from mobilepose_core.errors import DataError, ModelError
from mobilepose_core.evaluation import pck
from mobilepose_core.evaluation.crop_regions import annotated_as
from mobilepose_core.evaluation.evaluate import find_joints
from mobilepose_core.inference.pose_model import PoseModel
from mobilepose_core.io import atomic
from mobilepose_core.typing import FloatArray

THRESHOLD = 0.2
STRICT_THRESHOLD = 0.05
CURVE_THRESHOLDS = tuple(float(value) for value in np.linspace(0, 0.3, 31).round(3))
"""In torso lengths."""

CURVE_PARTS = ("elbows", "wrists")

CARD_KEYS = (
    "model",
    "parameters",
    "data",
    "recipe",
    "processes",
    "trained",
    "history",
    "mean",
    "quantised",
)
"""Entries of the model's card that a row keeps."""


@dataclass(frozen=True)
class ResultRow:
    """One model's figures, PCK in per cent.

    Attributes:
        name: of the model.
        people: description of the test people.
        card: entries of the model's card that the page shows.
        pck, strict, observer: `pck.summary` at 0.2, at 0.05, and at 0.2 observer-centric.
        curves: PCK at each of `CURVE_THRESHOLDS`, by part.
        onnx_bytes: size of the ONNX file.
        checkpoint_bytes: size of the checkpoint; None without one.
    """

    name: str
    people: str
    card: Mapping[str, Any]
    pck: Mapping[str, float]
    strict: Mapping[str, float]
    observer: Mapping[str, float]
    curves: Mapping[str, Sequence[float]]
    onnx_bytes: int
    checkpoint_bytes: int | None

    @property
    def architecture(self) -> str:
        """Which network it is; see `ModelConfig`."""
        return str(self.card["model"]["architecture"])

    @property
    def people_seen(self) -> int:
        """How many people it was shown until the validation whose weights were kept."""
        steps, batch = int(self.card["trained"]["step"]), int(self.card["recipe"]["batch"])
        return steps * batch * int(self.card.get("processes", 1))


def measure(session: PoseModel, samples: Sequence[Sample], people: str) -> ResultRow:
    """Evaluates a model on the joints of the upper body.

    Args:
        session: a model with a card.
        samples: the people.
        people: description of the people.

    Raises:
        ModelError: the model has no card.
        DataError: a photograph cannot be read.
    """
    model = session.file
    if not model.card:
        raise ModelError(f"{model.path} has no card; `mobilepose release` writes one")
    place = annotated_as(session.framing)
    findings = find_joints(samples, session.infer, session.size, place, session.skeleton.joints)
    if findings.unreadable:
        raise DataError(f"{findings.unreadable} photographs of {people} are unreadable")
    found = findings.comparison().upper_body()
    truth = skeleton.select(findings.annotated)
    distances = pck.normalised_distances(found, truth)
    observed = pck.normalised_distances(
        skeleton.observer_centric(found), skeleton.observer_centric(truth)
    )
    checkpoint = model.checkpoint
    return ResultRow(
        name=str(model.card["name"]),
        people=people,
        card={key: model.card[key] for key in CARD_KEYS if key in model.card},
        pck=_rounded(pck.summary(distances, THRESHOLD)),
        strict=_rounded(pck.summary(distances, STRICT_THRESHOLD)),
        observer=_rounded(pck.summary(observed, THRESHOLD)),
        curves=_curves(distances),
        onnx_bytes=model.path.stat().st_size,
        checkpoint_bytes=int(checkpoint["bytes"]) if checkpoint else None,
    )


def read(path: Path) -> dict[str, ResultRow]:
    """The rows that `write` stored, by name; empty if there is no file.

    Raises:
        DataError: the file has another content.
    """
    if not path.is_file():
        return {}
    try:
        rows = [ResultRow(**values) for values in json.loads(path.read_bytes())]
    except (ValueError, TypeError) as error:
        raise DataError(f"{path} is not what a report wrote: {error}; delete it") from error
    return {row.name: row for row in rows}


def write(rows: Sequence[ResultRow], path: Path) -> None:
    """Stores rows for `read`."""
    atomic.write_json(path, [asdict(row) for row in rows], indent=1)


def _curves(distances: FloatArray) -> dict[str, list[float]]:
    curves = {}
    for part in CURVE_PARTS:
        columns = distances[:, [skeleton.INDEX[name] for name in pck.PARTS[part]]]
        found = [np.nanmean(pck.share_within(columns, t)) for t in CURVE_THRESHOLDS]
        curves[part] = [round(100 * float(share), 2) for share in found]
    return curves


def _rounded(figures: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 2) for name, value in figures.items()}

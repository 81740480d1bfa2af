"""A model's row in the report: measured where the model is at hand, else read from the last report.

The networks that the Final one is compared with are large and of no use on a robot; what was
measured of them is kept beside the page, so that whoever has only the released models still gets
the whole table.
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
from mobilepose_core.evaluation import pck
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
"""What a row keeps of the model's card."""


@dataclass(frozen=True)
class ResultRow:
    """One model's figures, PCK in per cent.

    Attributes:
        name: the model's.
        people: which people it was judged on.
        card: what the model's card says of its training, as far as the page shows it.
        pck, strict, observer: `pck.summary` at 0.2, at 0.05, and at 0.2 observer-centric.
        curves: PCK at each of `CURVE_THRESHOLDS`, by part.
        onnx_bytes: size of the ONNX file.
        checkpoint_bytes: size of the checkpoint; None for a model that has none.
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


def measure(session: PoseModel, samples: Sequence[Sample], people: str) -> ResultRow:
    """Evaluates a model.

    Args:
        session: of a model with a card.
        samples: the people.
        people: what to call them.

    Raises:
        ValueError: the model has no card, or a photograph cannot be read.
    """
    model = session.file
    if not model.card:
        raise ValueError(f"{model.path} has no card; `mobilepose release` writes one")
    findings = find_joints(samples, session.infer, session.size)
    if findings.unreadable:
        raise ValueError(f"{findings.unreadable} photographs of {people} are unreadable")
    distances = pck.normalised_distances(findings.found, findings.truth)
    observed = pck.normalised_distances(
        skeleton.observer_centric(findings.found), skeleton.observer_centric(findings.truth)
    )
    checkpoint = model.path.with_suffix(".safetensors")
    return ResultRow(
        name=str(model.card["name"]),
        people=people,
        card={key: model.card[key] for key in CARD_KEYS if key in model.card},
        pck=_rounded(pck.summary(distances, THRESHOLD)),
        strict=_rounded(pck.summary(distances, STRICT_THRESHOLD)),
        observer=_rounded(pck.summary(observed, THRESHOLD)),
        curves=_curves(distances),
        onnx_bytes=model.path.stat().st_size,
        checkpoint_bytes=checkpoint.stat().st_size if checkpoint.is_file() else None,
    )


def read(path: Path) -> dict[str, ResultRow]:
    """The rows that `write` kept, by name; none where there is no such file.

    Raises:
        ValueError: the file holds something else.
    """
    if not path.is_file():
        return {}
    try:
        rows = [ResultRow(**values) for values in json.loads(path.read_bytes())]
    except (ValueError, TypeError) as error:
        raise ValueError(f"{path} is not what a report wrote: {error}; delete it") from error
    return {row.name: row for row in rows}


def write(rows: Sequence[ResultRow], path: Path) -> None:
    """Keeps rows for `read`."""
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

"""Fits a presence to a pose network: a classifier that verifies our detector's detections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy.stats import rankdata

from mobilepose_core.datasets import Sample, held_out, scenes
from mobilepose_core.datasets.scenes import Scene
from mobilepose_core.errors import DataError, ModelError
from mobilepose_core.evaluation.logistic import fit_logistic
from mobilepose_core.inference import PoseEstimator
from mobilepose_core.inference.detection import verification
from mobilepose_core.inference.detection.verification import Fusion, Presence
from mobilepose_core.inference.runtime.pose_interface import FEATURES, HEATMAPS
from mobilepose_core.release import metadata
from mobilepose_core.release.presence_examples import (
    PresenceExamples,
    can_be_close,
    close_up,
    examples,
    whole,
)
from mobilepose_core.training.sources import DataSource, photographs_of
from mobilepose_core.typing import BoolArray, Float64Array, FloatArray

MOST_PHOTOGRAPHS, MOST_EMPTY = 400, 1200
"""Largest numbers of photographs per data set, and without people, sampled evenly, to fit to. For
the released `small`, 4600, 2300 and 1200 in all give 0.982, 0.982 and 0.981 under the ROC curve."""

MOST_CLOSE = 130
"""Largest number of people of a data set who are shown close up, too."""

RIDGE = 0.01
"""L2 regularisation of the weights, for features of unit variance."""


@dataclass(frozen=True)
class PresenceResult:
    """A presence, and its evaluation on held-out photographs.

    Attributes:
        presence: the fitted one.
        people, false: number of true and of false detections.
        before, after: area under the ROC curve of the detector's confidence, and of the fused
            score.
    """

    presence: Presence
    people: int
    false: int
    before: float
    after: float


def fit_presence(model: str | Path, sources: Sequence[DataSource], empty: Path) -> PresenceResult:
    """Fits a presence, and writes it into the model's file and card.

    The weights are fitted to detections in the training photographs, which are numerous. Their
    scale relative to the detector, which is overconfident there, is fitted to one half of the
    held-out photographs. The other half is for evaluation.

    Args:
        model: a released model's name, or a path to an .onnx file, with or without a card.
        sources: data sets, with `others` if not all people are annotated.
        empty: folder of photographs without people.

    Raises:
        ModelError: the model has no pooled features.
        DataError: a data set cannot be read, or there are too few detections.
    """
    estimator = PoseEstimator(model, "cpu")
    if [entry.name for entry in estimator.model.outputs][:2] != [HEATMAPS, FEATURES]:
        raise ModelError(
            f"{estimator.model.file.path} has no output {FEATURES!r} with pooled features; "
            "`mobilepose export` writes it for networks of --config final"
        )
    outside, inside, people = _photographs(sources, empty)
    training = examples(estimator, map(whole, outside), len(outside), "training")
    close_ups = (
        examples(estimator, map(close_up, people), len(people), "close-ups") if people else None
    )
    halves = [
        examples(estimator, map(whole, half), len(half), title)
        for half, title in (
            (inside[0::2], "held out, to fit"),
            (inside[1::2], "held out, to evaluate"),
        )
    ]
    presence = fit(training, close_ups, halves[0])
    other = halves[1]
    fused = presence.fused(other.found, other.posed, other.features, other.cut)
    result = PresenceResult(
        presence,
        int(other.there.sum()),
        int((~other.there).sum()),
        area_under_curve(other.found, other.there),
        area_under_curve(fused, other.there),
    )
    note = {
        "data": [str(source) for source in sources],
        "area_under_curve": {"before": round(result.before, 4), "after": round(result.after, 4)},
    }
    metadata.update_model(estimator.model.file, metadata.PRESENCE, str(presence), note)
    return result


def fit(
    training: PresenceExamples, close_ups: PresenceExamples | None, held_out: PresenceExamples
) -> Presence:
    """The maximum-likelihood presence, given the detector's confidences, and its fusion.

    That of people whom the lower border cuts off is fitted to close-ups as well, if there are any:
    photographs have few. Fitted to them, that of all others would take dogs for people. Its fusion
    stays the product of the odds: most joints of a close-up are out of the picture.

    Raises:
        DataError: all detections are people, or none is.
    """
    presence = _fit(training, held_out)
    presence = replace(presence, fusion=_fit_fusion(presence, held_out))
    if close_ups is None:
        return presence
    with_close_ups = PresenceExamples.of([training, close_ups])
    return replace(presence, of_cut=_fit(with_close_ups, held_out))


def _fit(training: PresenceExamples, held_out: PresenceExamples) -> Presence:
    """A presence for everybody.

    Raises:
        DataError: all detections are people, or none is.
    """
    for part in (training, held_out):
        if not 0 < part.there.sum() < len(part.there):
            raise DataError(
                f"{part.there.sum()} of {len(part.there)} detections are people; expected true and "
                "false ones"
            )
    mean = training.features.mean(axis=0, dtype=float)
    spread = training.features.std(axis=0, dtype=float) + _LEAST_SPREAD
    standard = _with_constant((training.features - mean) / spread)
    there = training.there
    balanced = 1 / np.where(there, there.sum(), (~there).sum())
    start = np.zeros(standard.shape[1])
    ridge = np.append(np.full(len(start) - 1, RIDGE), 0.0)
    factors = fit_logistic(standard, there, balanced, start, ridge=ridge)
    raw = _with_constant((held_out.features - mean) / spread) @ factors
    equal = np.full(len(raw), 1 / len(raw))
    given = verification.logits(held_out.found).astype(float)
    worth, shift = fit_logistic(
        _with_constant(raw[:, None]), held_out.there, equal, np.zeros(2), given=given
    )
    own = worth * factors[:-1] / spread
    return Presence(own.astype(np.float32), float(worth * factors[-1] + shift - mean @ own))


def _fit_fusion(presence: Presence, held_out: PresenceExamples) -> Fusion:
    """The maximum-likelihood weights of the scores of detector, presence and pose."""
    scores = held_out.found, presence(held_out.features), held_out.posed
    logits = np.column_stack([verification.logits(each) for each in scores])
    features = _with_constant(logits.astype(float))
    equal = np.full(len(features), 1 / len(features))
    start = np.array([1.0, 1.0, 0.0, 0.0])
    factors = fit_logistic(features, held_out.there, equal, start, _BOUNDS)
    return Fusion(*factors.tolist())


_BOUNDS = ((0.0, None), (0.0, None), (0.0, None), (None, None))
"""Ranges of a `Fusion`."""


def area_under_curve(scores: FloatArray, there: BoolArray) -> float:
    """Area under the ROC curve: share of pairs in which the true detection scores higher."""
    people = int(there.sum())
    false = len(there) - people
    ranks = rankdata(scores)[there].sum() - people * (people + 1) / 2
    return float(ranks / max(1, people * false))


def _photographs(
    sources: Sequence[DataSource], empty: Path
) -> tuple[list[Scene], list[Scene], list[Sample]]:
    """Training and held-out photographs of all data sets, and people to train on close up."""
    people: list[Sample] = []
    outside, inside = held_out.split_off(scenes.empty_scenes(empty))
    outside = scenes.thinned(outside, MOST_EMPTY)
    for source in sources:
        dataset, training, kept_apart = photographs_of(source)
        large = [person for person in held_out.divided(dataset)[0] if can_be_close(person)]
        people += large[:: max(1, len(large) // MOST_CLOSE)][:MOST_CLOSE]
        outside += scenes.thinned(training, MOST_PHOTOGRAPHS)
        inside += kept_apart
    return outside, inside, people


def _with_constant(features: Float64Array) -> Float64Array:
    """(N, F + 1) features (N, F), and a constant."""
    return np.column_stack([features, np.ones(len(features))])


_LEAST_SPREAD = 1e-3

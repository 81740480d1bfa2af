"""Speed of networks and of the whole pipeline on this machine."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from mobilepose_core import crop
from mobilepose_core.evaluation.timing import interleaved
from mobilepose_core.inference import PoseEstimator
from mobilepose_core.inference.detection.finder_detector import LOOKS, FinderDetector
from mobilepose_core.typing import ImageArray

WARM_UP = 10
"""Rounds before those that count."""


@dataclass(frozen=True)
class Timing:
    """The time of one model or pipeline.

    Attributes:
        name: of the model, and what was timed.
        provider: ONNX Runtime's execution provider.
        ms: median of a call.
        low: lower quartile, ms.
        high: upper quartile, ms.
        people: number of poses found; None for a network alone.
    """

    name: str
    provider: str
    ms: float
    low: float
    high: float
    people: int | None


@dataclass(frozen=True)
class Speed:
    """Times measured side by side.

    Attributes:
        rows: in the order of the models.
        fallbacks: reasons why networks are not on the requested device, without duplicates.
    """

    rows: list[Timing]
    fallbacks: list[str]


def measure(
    models: Sequence[str], frame: ImageArray, device: str, threads: int, rounds: int
) -> Speed:
    """Times each model on one crop, and in the whole pipeline on a repeated frame.

    Args:
        models: names of released models, or paths of .onnx files.
        frame: (H, W, 3) uint8, BGR.
        device: of the networks, as `PoseModel` takes it.
        threads: likewise.
        rounds: calls of each that count, 2 or more.

    Raises:
        ModelError: a model cannot be loaded.
        ValueError: there are too few rounds.
    """
    if rounds < 2:
        raise ValueError(f"quartiles need 2 rounds or more, got {rounds}")
    region = crop.region_of_frame(frame.shape[1], frame.shape[0])
    contestants: dict[str, Callable[[], object]] = {}
    providers: dict[str, str] = {}
    people: dict[str, int] = {}
    fallbacks: dict[str, None] = {}
    for model in models:
        estimator = PoseEstimator(model, device, threads)
        session = estimator.model
        crops = crop.cut(frame, region, session.size)[None]
        pipe = f"{model}, whole pipeline"
        contestants[model] = partial(session.infer, crops)
        contestants[pipe] = partial(estimator, frame)
        providers[model] = providers[pipe] = session.provider
        people[pipe] = len(estimator(frame))
        fallbacks[session.fallback] = None
    detector = FinderDetector(device=device, threads=threads)
    looks = looks_at(frame, detector)
    contestants |= looks
    providers |= dict.fromkeys(looks, detector.provider)
    times = interleaved(contestants, rounds, WARM_UP)
    rows = []
    for name, taken in times.items():
        low, middle, high = (round(ms, 3) for ms in statistics.quantiles(taken, n=4))
        rows.append(Timing(name, providers[name], middle, low, high, people.get(name)))
    return Speed(rows, [reason for reason in fallbacks if reason])


def looks_at(frame: ImageArray, detector: FinderDetector) -> dict[str, Callable[[], object]]:
    """Each look of our detector at a frame, (H, W, 3) uint8 BGR, by its name in tables."""
    return {
        f"finder, look {number + 1} of {len(LOOKS)}": partial(detector.look, frame, number)
        for number in range(len(LOOKS))
    }

"""Which way people face, as the pose network tells it, and as their annotated joints tell it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from mobilepose_core import heading
from mobilepose_core.behaviour import Body, facing
from mobilepose_core.datasets import Sample
from mobilepose_core.inference.pose_model import PoseModel
from mobilepose_core.io import photo

FRONT, BACK = -heading.BACK, heading.BACK
"""Cosines from which, and up to which, somebody is seen from the front and from behind."""


def measure(samples: Sequence[Sample], model: PoseModel) -> dict[str, Any]:
    """What the network says of the people whose joints tell where they face.

    Args:
        samples: the people, looked at in the crops of their annotations.
        model: tells headings.

    Returns:
        For people seen from the front, the side and behind by their joints, as what the network
        sees each of them; errors of those whose left and right are known, degrees, and how many
        of them are within one and two of the standard deviations that are claimed.
    """
    truths = heading.headings(np.array([sample.joints for sample in samples]))
    told: Counter[tuple[str, str]] = Counter()
    errors, claimed = [], []
    for sample, truth in zip(samples, truths, strict=True):
        image = photo.read(sample.image) if np.isfinite(truth[0]) else None
        if image is None:
            continue
        (pose,) = model(image, [model.framing.region(sample.joints)])
        found = facing.of_network(Body.of(pose))
        told[_view(truth[0]), "unknown" if found is None else _view(found.cosine)] += 1
        if found is not None and np.isfinite(truth).all():
            errors.append(abs(facing.wrapped(found.angle - np.arctan2(truth[1], truth[0]))))
            claimed.append(found.deviation)
    off, deviations = np.array(errors), np.array(claimed)
    table: dict[str, Any] = {}
    for (view, seen), count in sorted(told.items()):
        table.setdefault(view, {})[seen] = count
    median, high = np.degrees(np.percentile(off, [50, 95])) if errors else (np.nan, np.nan)
    return {
        "people": sum(told.values()),
        "seen": table,
        "median_error_deg": round(float(median), 1),
        "p95_error_deg": round(float(high), 1),
        "within_1_deviation": round(float(np.mean(off <= deviations)), 3) if errors else None,
        "within_2_deviations": round(float(np.mean(off <= 2 * deviations)), 3) if errors else None,
    }


def _view(cosine: float) -> str:
    return "front" if cosine >= FRONT else "back" if cosine <= BACK else "side"

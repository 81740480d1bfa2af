"""Labelled detections in photographs, and in close-ups cut out of them, to fit a presence to."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import cv2
import numpy as np
from tqdm import tqdm

from mobilepose_core import crop, skeleton
from mobilepose_core.datasets import Sample
from mobilepose_core.datasets.scenes import Scene
from mobilepose_core.errors import DataError
from mobilepose_core.evaluation.detection_metrics import IGNORED_SHARE, MATCH_IOU
from mobilepose_core.inference import PoseEstimator
from mobilepose_core.inference.detection import verification
from mobilepose_core.io import photo
from mobilepose_core.typing import BoolArray, Float32Array, Float64Array, ImageArray

NEARLY = 0.3
"""IoU with a person above which, up to `MATCH_IOU`, a detection is ambiguous and skipped."""

LEAST_HEIGHT = 100.0
"""Height of a person from which they are shown close up, pixels."""

FACE, CHEST = 0.75, 0.4
"""Where a close-up may end at most: below the eyes by this share of the neck, from there to the
shoulders, or below the shoulders by this share of the torso."""

ABOVE, ASIDE = 1.1, 0.15
"""What is shown above the eyes, in necks, and how far off the middle a person is at most, in widths
of what is shown."""

SHARP = 480
"""Height that close-ups are enlarged to, pixels, as frames of a camera have it."""

LEAST_SIDE = 24
"""Least width and height of what is left of a photograph for a close-up, pixels."""

Labels: TypeAlias = Callable[[Float32Array], tuple[BoolArray, BoolArray]]
"""Which of boxes (N, 4) are people, and of which that is certain."""


@dataclass(frozen=True)
class PresenceExamples:
    """Labelled detections.

    Attributes:
        features: (N, C) pooled features of the pose network.
        found: (N,) confidences of the detector.
        posed: (N,) scores of the poses.
        there: (N,) whether the detection is a person.
        cut: (N,) whether the lower border of the photograph cuts it off.
    """

    features: Float32Array
    found: Float32Array
    posed: Float32Array
    there: BoolArray
    cut: BoolArray

    @staticmethod
    def of(parts: Sequence[PresenceExamples]) -> PresenceExamples:
        """The concatenation of several parts."""
        return PresenceExamples(
            np.concatenate([part.features for part in parts]),
            np.concatenate([part.found for part in parts]),
            np.concatenate([part.posed for part in parts]),
            np.concatenate([part.there for part in parts]),
            np.concatenate([part.cut for part in parts]),
        )


@dataclass(frozen=True)
class LabelledImage:
    """What a photograph, or a part of one, shows.

    Attributes:
        image: (H, W, 3) uint8, BGR.
        labels: of boxes in pixels of the image.
    """

    image: ImageArray
    labels: Labels


def examples(
    estimator: PoseEstimator, views: Iterable[LabelledImage | None], count: int, title: str
) -> PresenceExamples:
    """Two examples for each detection, from its first and second crop, with a progress bar.

    Args:
        estimator: its pose network gives the features, its detector the detections.
        views: of photographs; None for those that cannot be read.
        count: of the views.
        title: of the bar.
    """
    assert estimator.detector is not None
    parts: list[PresenceExamples] = []
    for view in tqdm(views, title, count, unit="photo", leave=False):
        if view is None:
            continue
        image = view.image
        found = estimator.detector(image).of_joints()
        regions, first = verification.first_poses(estimator.model, image, found)
        better = verification.recrop(estimator.model, image, regions, first)
        boxes = verification.mean_boxes_of(found.boxes, better)
        is_there, counts = view.labels(boxes)
        is_cut = verification.are_cut(found.boxes, image.shape[0])
        for poses in (first, better):
            if counts.any():
                features = verification.features_of(poses)[counts]
                scores = found.scores[counts], verification.scores_of(poses)[counts]
                parts.append(PresenceExamples(features, *scores, is_there[counts], is_cut[counts]))
    if not parts:
        raise DataError(f"no detections in {count} photographs, {title}")
    return PresenceExamples.of(parts)


def whole(scene: Scene) -> LabelledImage | None:
    """All of a photograph; None if it cannot be read."""
    image = photo.read(scene.image)
    return None if image is None else LabelledImage(image, partial(_labels_of_scene, scene))


def can_be_close(person: Sample) -> bool:
    """Whether somebody is upright and large enough to be shown close up."""
    eyes, shoulders, hips = _heights_of(person)
    return eyes < shoulders < hips and person.height >= LEAST_HEIGHT


def close_up(person: Sample) -> LabelledImage | None:
    """Somebody who is cut off below the face, the shoulders or the chest; None if unreadable.

    How much is shown is drawn by the photograph's name. Nobody else is said to be there or not.

    Args:
        person: who `can_be_close`.
    """
    image = photo.read(person.image)
    if image is None:
        return None
    random = np.random.default_rng(zlib.crc32(person.image.name.encode()))
    eyes, shoulders, hips = _heights_of(person)
    neck, torso = shoulders - eyes, hips - shoulders
    top, bottom = eyes - ABOVE * neck, random.uniform(eyes + FACE * neck, shoulders + CHEST * torso)
    width = (bottom - top) * 4 / 3
    middle = float(skeleton.select(person.joints, EYES)[:, 0].mean())
    left = middle + (random.uniform(-ASIDE, ASIDE) - 0.5) * width
    sides = np.tile(image.shape[1::-1], 2)
    corners = np.clip([left, top, left + width, bottom], 0, sides).round().astype(int).tolist()
    x0, y0, x1, y1 = corners
    if min(x1 - x0, y1 - y0) < LEAST_SIDE:
        return None
    scale = max(1.0, SHARP / (y1 - y0))
    size = round(scale * (x1 - x0)), round(scale * (y1 - y0))
    shown = cv2.resize(image[y0:y1, x0:x1], size, interpolation=cv2.INTER_LINEAR)
    face = scale * np.array([middle - x0, eyes - y0])
    return LabelledImage(
        np.asarray(shown, np.uint8), partial(_labels_of_face, face, scale * neck / 2)
    )


def _heights_of(person: Sample) -> tuple[float, float, float]:
    """Where somebody's eyes, shoulders and hips are, y of image pixels; NaN where unknown."""
    eyes, shoulders, hips = (
        float(skeleton.select(person.joints, names)[:, 1].mean())
        for names in (EYES, SHOULDERS, HIPS)
    )
    return eyes, shoulders, hips


EYES, SHOULDERS, HIPS = ((f"left_{part}", f"right_{part}") for part in ("eye", "shoulder", "hip"))


def _labels_of_scene(scene: Scene, boxes: Float32Array) -> tuple[BoolArray, BoolArray]:
    """Of boxes in a whole photograph, see `Labels`."""
    overlaps = crop.overlaps(boxes, scene.boxes).max(axis=1, initial=0.0)
    is_doubtful = (crop.shares_of(boxes, scene.doubtful) >= IGNORED_SHARE).any(axis=1)
    is_there = overlaps >= MATCH_IOU
    return is_there, is_there | ((overlaps <= NEARLY) & ~is_doubtful)


def _labels_of_face(
    face: Float64Array, above: float, boxes: Float32Array
) -> tuple[BoolArray, BoolArray]:
    """Of boxes in a close-up: those around the face (2,), or below it by little, are the person.

    A box of what is visible of somebody is not defined well enough to compare it with.
    """
    x, y = face.tolist()
    x0, y0, x1, y1 = boxes.T
    holds = np.asarray((x0 < x) & (x < x1) & (y0 - above < y) & (y < y1))
    return holds, holds

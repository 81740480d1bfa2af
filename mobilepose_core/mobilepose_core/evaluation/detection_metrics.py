"""Metrics of person detection: recall, false positives, and localisation (IoU)."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from tqdm import tqdm

from mobilepose_core import crop
from mobilepose_core.datasets.scenes import Scene
from mobilepose_core.errors import DataError
from mobilepose_core.io import photo
from mobilepose_core.pose import PersonBoxes
from mobilepose_core.typing import BoolArray, FloatArray, ImageArray

MIN_SCORE = 0.05
"""Detections with a lower score are ignored."""

MATCH_IOU = 0.5
"""IoU from which a detection matches a person, by default."""

MIN_HEIGHTS = {"": 0.2, "_of_a_tenth": 0.1, "_of_a_quarter": 0.25}
"""Height of the boxes of people who count for recall, in heights of the frame, by the ending of the
metrics' names."""

MISSED = -1.0
"""Score of a missed person."""

IGNORED_SHARE = 0.5
"""Share of a detection inside an ignored region from which it is neither right nor wrong."""


@dataclass
class DetectionTally:
    """True positives, misses and false positives, counted over photographs.

    Attributes:
        overlap: IoU from which a detection matches a person.
        photographs, empty: how many photographs, and how many of them without people.
    """

    overlap: float = MATCH_IOU
    photographs: int = 0
    empty: int = 0
    _heights: list[float] = field(default_factory=list)
    _hits: list[float] = field(default_factory=list)
    _overlaps: list[float] = field(default_factory=list)
    _false: list[float] = field(default_factory=list)
    _false_in_empty: list[list[float]] = field(default_factory=list)

    def add(
        self,
        boxes: FloatArray,
        scores: FloatArray,
        people: FloatArray,
        doubtful: FloatArray,
        height: float,
    ) -> None:
        """Matches the detections in a photograph with its people, and counts them.

        Args:
            boxes: (N, 4) detections, in any coordinate frame that all arguments share.
            scores: (N,) of the detections.
            people: (M, 4) annotated boxes.
            doubtful: (K, 4) regions to ignore: they may show people who are not annotated.
            height: of the photograph.
        """
        order = np.argsort(-scores)
        boxes, scores = boxes[order], scores[order]
        taken = np.zeros(len(people), dtype=bool)
        hits = np.full(len(people), MISSED)
        closeness = np.zeros(len(people))
        overlaps = crop.overlaps(boxes, people)
        is_doubtful = np.any(crop.shares_of(boxes, doubtful) >= IGNORED_SHARE, axis=1).tolist()
        false: list[float] = []
        for index, score in enumerate(scores):
            free = np.where(taken, 0, overlaps[index]) if len(people) else np.zeros(0)
            best = int(free.argmax()) if len(people) else -1
            if best >= 0 and free[best] >= self.overlap:
                taken[best], hits[best], closeness[best] = True, score, free[best]
            elif not is_doubtful[index]:
                false.append(float(score))
        self._heights += ((people[:, 3] - people[:, 1]) / height).tolist()
        self._hits += hits.tolist()
        self._overlaps += closeness.tolist()
        self._false += false
        self.photographs += 1
        if not len(people) and not len(doubtful):
            self.empty += 1
            self._false_in_empty.append(false)

    def figures(self, threshold: float) -> dict[str, float]:
        """The metrics at a score threshold.

        Returns:
            `photographs`; `people` a fifth of the frame or more in height, their `recall`, and
            `overlap` (mean IoU of true positives); `people_of_a_tenth`, `recall_of_a_tenth` and
            the same of a quarter; `false_per_frame` (false positives per photograph), `empty`
            (photographs without people), `false_per_empty_frame`, and `empty_without_false`, the
            share of empty photographs without any. NaN where nothing was counted.
        """
        nan = float("nan")
        figures: dict[str, float] = {"photographs": self.photographs}
        for ending, least in MIN_HEIGHTS.items():
            found = self._found(threshold, least)
            figures[f"people{ending}"] = len(found)
            figures[f"recall{ending}"] = float(found.mean()) if len(found) else nan
        counts = [_count(scores, threshold) for scores in self._false_in_empty]
        return figures | {
            "overlap": self._mean_overlap(threshold),
            "false_per_frame": _count(self._false, threshold) / max(1, self.photographs),
            "empty": self.empty,
            "false_per_empty_frame": sum(counts) / self.empty if self.empty else nan,
            "empty_without_false": counts.count(0) / self.empty if self.empty else nan,
        }

    def _found(self, threshold: float, least: float) -> BoolArray:
        """Whether each person of a height, in heights of the frame, is detected."""
        is_tall = np.array(self._heights) >= least
        return np.asarray(np.array(self._hits)[is_tall] >= threshold)

    def _mean_overlap(self, threshold: float) -> float:
        """Mean IoU of true positives a fifth of the frame or more in height."""
        is_tall = np.array(self._heights) >= MIN_HEIGHTS[""]
        found = np.array(self._overlaps)[is_tall][self._found(threshold, MIN_HEIGHTS[""])]
        return float(found.mean()) if len(found) else float("nan")


def evaluate_detector(
    scenes: Sequence[Scene],
    find: Callable[[ImageArray], PersonBoxes],
    threshold: float | None = None,
    overlap: float = MATCH_IOU,
) -> dict[str, float]:
    """Runs a detector over annotated photographs, with a progress bar.

    Args:
        scenes: the photographs, and where people are in them.
        find: the detector.
        threshold: score from which a detection counts; None counts all.
        overlap: IoU from which a detection matches a person, above 0 and up to 1.

    Returns:
        The metrics of `DetectionTally`, the count of `unreadable` photographs, and the median
        `milliseconds` of a call.

    Raises:
        DataError: none of the photographs can be read.
        ValueError: there is no such overlap.
    """
    if not 0 < overlap <= 1:
        raise ValueError(f"an overlap is an IoU above 0 and up to 1, got {overlap}")
    tally, unreadable = DetectionTally(overlap), 0
    times: list[float] = []
    for scene in tqdm(scenes, desc="detect", unit="photo", leave=False):
        image = photo.read(scene.image)
        if image is None:
            unreadable += 1
            continue
        start = time.perf_counter()
        found = find(image).of_joints()
        times.append(time.perf_counter() - start)
        tally.add(found.boxes, found.scores, scene.boxes, scene.doubtful, image.shape[0])
    if not tally.photographs:
        raise DataError(f"none of {unreadable} photographs can be read; are they damaged?")
    return tally.figures(threshold or 0.0) | {
        "unreadable": unreadable,
        "milliseconds": 1e3 * statistics.median(times),
    }


def _count(scores: list[float], threshold: float) -> int:
    return sum(score >= threshold for score in scores)

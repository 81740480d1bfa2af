"""How well people are found: recall, false people, and the trade between them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from tqdm import tqdm

from mobilepose_core import center_map
from mobilepose_core.datasets.scenes import Scene
from mobilepose_core.io import photo
from mobilepose_core.pose import PersonBoxes
from mobilepose_core.typing import FloatArray, ImageArray

LOWEST = 0.05
"""Score below which nothing that is found is looked at."""

FOUND = 0.5
"""IoU from which a box is that of a person."""

TALL = 0.2
"""Height of a person from which they have to be found, in heights of the frame."""

MISSED = -1.0
"""In place of a score, of those who were not found."""

COVERED = 0.5
"""Share of a box inside a place where somebody may be from which it is neither right nor wrong."""


@dataclass
class Judgement:
    """What was found in photographs, against the people in them.

    Attributes:
        photographs, empty: how many, and how many of them without anybody.
    """

    photographs: int = 0
    empty: int = 0
    _hits: list[float] = field(default_factory=list)
    _overlaps: list[float] = field(default_factory=list)
    _false: list[float] = field(default_factory=list)
    _false_in_empty: list[float] = field(default_factory=list)

    def add(
        self,
        boxes: FloatArray,
        scores: FloatArray,
        people: FloatArray,
        doubtful: FloatArray,
        height: float,
    ) -> None:
        """Counts a photograph.

        Args:
            boxes: (N, 4) that were found, in any frame that all arguments share.
            scores: (N,) of them.
            people: (M, 4) annotated.
            doubtful: (K, 4) where somebody may be, or not.
            height: of the photograph.
        """
        order = np.argsort(-scores)
        boxes, scores = boxes[order], scores[order]
        taken = np.zeros(len(people), dtype=bool)
        hits = np.full(len(people), MISSED)
        closeness = np.zeros(len(people))
        overlaps = center_map.overlaps(boxes, people)
        is_doubtful = np.any(center_map.shares_of(boxes, doubtful) >= COVERED, axis=1).tolist()
        false: list[float] = []
        for index, score in enumerate(scores):
            free = np.where(taken, 0, overlaps[index]) if len(people) else np.zeros(0)
            best = int(free.argmax()) if len(people) else -1
            if best >= 0 and free[best] >= FOUND:
                taken[best], hits[best], closeness[best] = True, score, free[best]
            elif not is_doubtful[index]:
                false.append(float(score))
        tall = (people[:, 3] - people[:, 1]) >= TALL * height if len(people) else taken
        self._hits += hits[tall].tolist()
        self._overlaps += closeness[tall].tolist()
        self._false += false
        self.photographs += 1
        if not len(people) and not len(doubtful):
            self.empty += 1
            self._false_in_empty += false

    def figures(self, threshold: float) -> dict[str, float]:
        """Figures at a score from which people count.

        Returns:
            `people` who are tall enough to count, `recall` of them, `overlap` (mean IoU of those
            found), `false_per_frame` of all photographs, and `empty_with_someone`, false people in
            a photograph without any. NaN where there is nothing to count.
        """
        hits = np.array(self._hits)
        found = hits >= threshold
        nan = float("nan")
        return {
            "photographs": float(self.photographs),
            "people": float(len(hits)),
            "recall": float(found.mean()) if len(hits) else nan,
            "overlap": float(np.array(self._overlaps)[found].mean()) if found.any() else nan,
            "false_per_frame": _count(self._false, threshold) / max(1, self.photographs),
            "empty": float(self.empty),
            "false_per_empty_frame": (
                _count(self._false_in_empty, threshold) / self.empty if self.empty else nan
            ),
        }


def judge(
    scenes: Sequence[Scene],
    find: Callable[[ImageArray], PersonBoxes],
    threshold: float | None = None,
) -> dict[str, float]:
    """Looks for people in photographs, with a progress bar.

    Args:
        scenes: the photographs, and where people are in them.
        find: gives the boxes of the people in a photograph.
        threshold: score from which somebody counts; all that are given where it is None.

    Returns:
        The figures of `Judgement`, the `unreadable` photographs, and the median `milliseconds`.

    Raises:
        ValueError: none of the photographs can be read.
    """
    judgement, unreadable = Judgement(), 0
    times: list[float] = []
    for scene in tqdm(scenes, desc="find", unit="photo", leave=False):
        image = photo.read(scene.image)
        if image is None:
            unreadable += 1
            continue
        start = time.perf_counter()
        found = find(image).of_joints()
        times.append(time.perf_counter() - start)
        judgement.add(found.boxes, found.scores, scene.boxes, scene.doubtful, image.shape[0])
    if not judgement.photographs:
        raise ValueError(f"none of {unreadable} photographs can be read; are they whole?")
    return judgement.figures(threshold or 0.0) | {
        "unreadable": float(unreadable),
        "milliseconds": 1e3 * statistics.median(times),
    }


def _count(scores: list[float], threshold: float) -> int:
    return sum(score >= threshold for score in scores)

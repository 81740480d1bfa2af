"""A tracker that knows all joints and exchanges IDs where people meet: what a lock has to bear."""

from __future__ import annotations

import numpy as np

from mobilepose_core import crop
from mobilepose_core.evaluation.scenes import Moment
from mobilepose_core.pose import Pose
from mobilepose_core.typing import ImageArray

MEETING = 0.3
"""IoU of two people's boxes from which their IDs may be exchanged."""

FORGOTTEN = 1.0
"""Somebody who was not seen for so long gets a new ID, s."""

NOISE = 0.02
"""Standard deviation of joints, in lengths of the person's box."""


class CarelessTracker:
    """True joints, and IDs that are exchanged at a share of all meetings.

    Attributes:
        moment: the frame that it will be asked about.
        exchanges: how often IDs were exchanged so far.
    """

    def __init__(self, share: float, seed: int) -> None:
        """Exchanges IDs at that share of meetings."""
        self.moment: Moment | None = None
        self.exchanges = 0
        self._share = share
        self._draw = np.random.default_rng(seed)
        self.begin_video()

    def begin_video(self) -> None:
        """Knows nobody any more."""
        self._ids: dict[int, int] = {}
        self._seen: dict[int, float] = {}
        self._meeting: set[frozenset[int]] = set()
        self._next = 1

    def __call__(self, frame: ImageArray, time: float) -> list[Pose]:
        """Everybody of whom enough is seen."""
        sights = [] if self.moment is None else [s for s in self.moment.people if s.counts]
        for sight in sights:
            if time - self._seen.get(sight.number, -np.inf) > FORGOTTEN:
                self._ids[sight.number], self._next = self._next, self._next + 1
            self._seen[sight.number] = time
        self._exchange({sight.number: sight.box for sight in sights})
        poses = []
        for sight in sights:
            length = float(np.ptp(sight.box.reshape(2, 2), axis=0).max())
            joints = sight.joints + self._draw.normal(0, NOISE * length, sight.joints.shape)
            scores = np.where(sight.visible, 0.9, 0.2).astype(np.float32)
            poses.append(Pose(joints.astype(np.float32), scores, self._ids[sight.number]))
        return poses

    def _exchange(
        self, boxes: dict[int, np.ndarray[tuple[int, ...], np.dtype[np.float32]]]
    ) -> None:
        people = sorted(boxes)
        meeting = {
            frozenset((one, other))
            for index, one in enumerate(people)
            for other in people[index + 1 :]
            if crop.overlaps(boxes[one][None], boxes[other][None]).item() >= MEETING
        }
        for pair in self._meeting - meeting:
            one, other = sorted(pair)
            if {one, other} <= boxes.keys() and self._draw.random() < self._share:
                self._ids[one], self._ids[other] = self._ids[other], self._ids[one]
                self.exchanges += 1
        self._meeting = meeting

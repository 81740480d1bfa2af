"""Who was seen, and where to look for them next: the only state of the pipe."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mobilepose_core import crop
from mobilepose_core.inference.pose import Pose

FOLLOW_MARGIN = 1.5
"""Looser than the crop that fits: a person moves between frames, and one at the picture's edge has
joints outside it. PCK@0.2 is the same in such crops."""


_A_PIXEL_MORE = np.array([-1, -1, 1, 1])
"""On each side: joints that all lie in one place have a box too."""


def region_around(pose: Pose) -> crop.Region:
    """Where to look for a person again."""
    return crop.region_of_box(pose.box + _A_PIXEL_MORE, FOLLOW_MARGIN)


class Tracker:
    """Follows one person from their own last joints."""

    def __init__(self, person_threshold: float) -> None:
        self.person_threshold = person_threshold
        self._followed: Pose | None = None
        self._people = 0

    def regions(self) -> list[crop.Region]:
        """Where to look for those who are followed, image pixels; empty while nobody is."""
        return [] if self._followed is None else [region_around(self._followed)]

    def update(self, poses: list[Pose]) -> list[Pose]:
        """The people among this frame's poses, each with the id they keep while followed."""
        people = [pose for pose in poses if pose.score >= self.person_threshold]
        if not people:
            self.forget()
            return []
        if self._followed is None:
            self._people += 1
        self._followed = replace(max(people, key=lambda pose: pose.score), track_id=self._people)
        return [self._followed]

    def forget(self) -> None:
        """Looks for people anew in the next frame."""
        self._followed = None

"""Who was seen, and where to look for them next: the only state of the pipe."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mobilepose_core import crop
from mobilepose_core.inference import association, recognition
from mobilepose_core.inference.boxes import PersonBoxes
from mobilepose_core.inference.frame_size import Size, scale_between
from mobilepose_core.inference.pose import Pose
from mobilepose_core.inference.track import (
    FOLLOW_MARGIN,
    Track,
    begin,
    expected_boxes,
)

Floats = npt.NDArray[np.floating[Any]]
Looks = Callable[[Sequence[Pose]], Floats]

PERSON_THRESHOLD = 0.35
"""A pose whose joints score less than this in the mean is nobody.

With the released `final`, of composed people 6 and 9 % are missed (seeds 4 and 5) for 8 and 10 % at
0.45; where our finder found somebody, the network's presence says who is there.
"""

STILL_SEEN = 0.75
"""Share of the threshold that keeps someone who is followed, for a while."""

PATIENCE = 3
"""Frames in a row in which someone may score below the threshold if the finder is not sure."""

LOST_INTERVAL = 3
"""The finder runs every so many frames while someone is lost who may come back."""

CROWDED = crop.MARGIN / FOLLOW_MARGIN
"""How much smaller a region is that shows somebody else too."""

JUMP = 0.6
"""Cost of `association.step_cost` above which someone was not where they were expected."""

SPARE = 2
"""So many more newcomers are looked at than there is room for: some may turn out to be nobody."""

ROOM = 0.5
"""Who moved so far since the finder last ran, in lengths of their box, may have hidden others."""


@dataclass(frozen=True)
class Tracking:
    """How people are followed; may be exchanged between frames.

    Attributes:
        person_threshold: mean score of a pose's joints from which it is a person.
        max_people: followed at most.
        timeout: s after which someone unseen is forgotten; who comes back sooner keeps their id.
        find_interval: the finder runs every so many frames at least, and whenever a pose gets
            unsure, someone is lost or moves away, or nobody is there.
    """

    person_threshold: float = PERSON_THRESHOLD
    max_people: int = 10
    timeout: float = 2.0
    find_interval: int = 10

    def __post_init__(self) -> None:
        if not 0 <= self.person_threshold <= 1:
            raise ValueError(f"the person threshold is in [0, 1], got {self.person_threshold}")
        if self.max_people < 1:
            raise ValueError(f"at least 1 person is followed, got max_people {self.max_people}")
        if not (math.isfinite(self.timeout) and self.timeout >= 0):
            raise ValueError(f"the timeout of people is 0 s or more, got {self.timeout}")
        if self.find_interval < 1:
            raise ValueError(f"the finder runs every 1 frame or more, got {self.find_interval}")


class Tracker:
    """Follows people from their own last joints, and knows them again.

    Its time is the frames', but never goes back: after a jump of their clock to the past it goes on
    from where it was.
    """

    def __init__(self, tracking: Tracking | None = None) -> None:
        """Follows nobody yet, by default settings until the first frame begins."""
        self._tracking = tracking or Tracking()
        self._followed: list[Track] = []
        self._lost: list[Track] = []
        self._people = 0
        self._now = 0.0
        self._frame_time: float | None = None
        self._size: Size | None = None
        self._frames_since_find = 0

    def begin_frame(self, time: float, tracking: Tracking, size: Size | None = None) -> None:
        """Takes the next frame's time, and forgets whom nobody has seen for too long.

        Args:
            time: of the frame, s.
            tracking: how people are followed from now on.
            size: of the frame; people keep their places in it when it changes. None if it does not.
        """
        self._resize(size)
        if self._frame_time is not None:
            self._now += max(0.0, time - self._frame_time)
        self._frame_time = time
        self._tracking = tracking
        self._frames_since_find += 1
        recent = [
            [t for t in tracks if self._now - t.time <= tracking.timeout]
            for tracks in (self._followed, self._lost)
        ]
        self._followed, self._lost = recent
        if len(self._followed) > tracking.max_people:
            best = sorted(self._followed, key=lambda track: -track.pose.score)
            self._followed = best[: tracking.max_people]

    @property
    def needs_finder(self) -> bool:
        """Whether people are to be found anew in this frame."""
        interval = self._tracking.find_interval
        if not self._followed:
            return True
        if self._lost:
            interval = min(interval, LOST_INTERVAL)
        if self._frames_since_find >= interval:
            return True
        return any(t.unsure or t.has_jumped or t.moved() > ROOM for t in self._followed)

    def regions(self) -> list[crop.Region]:
        """Where to look for those who are followed, image pixels.

        Closer where somebody else is near, so that the network sees whom it is to look at.
        """
        regions = [track.region(self._now) for track in self._followed]
        self._followed = [
            track._replace(looked_at=region)
            for track, region in zip(self._followed, regions, strict=True)
        ]
        near = [*self._followed, *self._lost]
        if len(near) < 2:
            return regions
        crowded = _crowded(regions, expected_boxes(near, self._now))
        return [
            region.scaled(CROWDED) if is_crowded else region
            for region, is_crowded in zip(regions, crowded, strict=True)
        ]

    def newcomers(self, found: PersonBoxes) -> PersonBoxes:
        """Those of the people that were found whom nobody followed explains, the surest first."""
        self._frames_since_find = 0
        boxes = found.of_joints()
        owners = association.explained(boxes.boxes, expected_boxes(self._followed, self._now))
        seen = set(owners[boxes.are_sure].tolist())
        self._followed = [
            t._replace(found_at=t.pose.middle, unsure=0 if i in seen else t.unsure)
            for i, t in enumerate(self._followed)
        ]
        strangers = np.flatnonzero(owners < 0)
        room = self._tracking.max_people - len(self._followed)
        looked_at = room + SPARE if room > 0 else 0
        best = strangers[np.argsort(-boxes.scores[strangers], kind="stable")][:looked_at]
        return boxes[best]

    def update(
        self, poses: Sequence[Pose], width: int, height: int, looks_of: Looks | None = None
    ) -> list[Pose]:
        """The people among a frame's poses, each with the id they keep.

        Args:
            poses: in the regions of those who are followed and of newcomers, image pixels.
            width: of the frame, pixels.
            height: of the frame, pixels.
            looks_of: what some of the poses look like, as of `appearance.looks_of`; asked only
                where people have to be told apart. None for nothing.
        """
        threshold = self._tracking.person_threshold
        seen = association.without_doubles(
            [pose for pose in poses if pose.score >= threshold * STILL_SEEN]
        )
        is_sure = np.array([pose.score >= threshold for pose in seen], dtype=bool)
        looks = self._looks(seen, looks_of)
        costs = recognition.costs_of(self._followed, self._lost, seen, looks, is_sure, self._now)
        pairs, gone, new = association.matched(costs.whole)
        known = [*self._followed, *self._lost]
        people: list[tuple[Track, int]] = []
        for row, index in pairs:
            if row < len(self._followed):
                has_jumped = bool(costs.steps[row, index] > JUMP)
                track = known[row].seen(seen[index], self._now, bool(is_sure[index]), has_jumped)
            else:
                track = known[row].back(seen[index], self._now)
            people.append((track, index))
        people += [(begin(seen[i], self._now, self._next_id()), i) for i in new if is_sure[i]]
        tracks = [track for track, _ in people]
        if looks is not None:
            clear = recognition.are_clear(seen, self._lost, self._now)
            tracks = [track.looking(looks[i], bool(clear[i])) for track, i in people]
        given_up = [track for track in tracks if track.unsure > PATIENCE]
        followed = [track for track in tracks if track.unsure <= PATIENCE]
        self._followed = followed[: self._tracking.max_people]
        self._lost = [
            track
            for track in (*(known[row] for row in gone), *given_up)
            if _is_inside(track.middle(self._now), width, height)
        ]
        return [track.pose for track in self._followed]

    def forget(self) -> None:
        """Looks for people anew in the next frame, which is of another video."""
        self._followed, self._lost, self._frame_time = [], [], None

    def _resize(self, size: Size | None) -> None:
        scale = scale_between(self._size, size)
        if scale is not None:
            self._followed = [track.rescaled(scale) for track in self._followed]
            self._lost = [track.rescaled(scale) for track in self._lost]
        self._size = size or self._size

    def _looks(self, seen: list[Pose], looks_of: Looks | None) -> Floats | None:
        """What those who are seen look like, where it matters or is to be known later."""
        is_alone = len(seen) == len(self._followed) == 1 and not self._lost
        is_known = is_alone and self._followed[0].is_look_clear
        if not seen or looks_of is None or (is_known and self._frames_since_find):
            return None
        return looks_of(seen)

    def _next_id(self) -> int:
        self._people += 1
        return self._people


def _crowded(
    regions: Sequence[crop.Region], boxes: npt.NDArray[np.floating[Any]]
) -> npt.NDArray[np.bool_]:
    """(N,) which regions show somebody else, by boxes (M, 4) whose first N are the regions' own."""
    middles = np.array([(region.x, region.y) for region in regions]).reshape(-1, 1, 2)
    halves = np.array([region.side / 2 for region in regions]).reshape(-1, 1, 1)
    shown = (boxes[:, :2] < middles + halves) & (boxes[:, 2:] > middles - halves)
    return np.asarray(shown.all(axis=2).sum(axis=1) > 1)


def _is_inside(place: npt.NDArray[np.floating[Any]], width: int, height: int) -> bool:
    x, y = place.tolist()
    return bool(0 <= x < width and 0 <= y < height)

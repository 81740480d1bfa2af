"""The tracker: predicts where people are in the next frame, and updates tracks with its poses.

Tracker and smoother hold the only state of the pipeline.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import NamedTuple

import numpy as np

from mobilepose_core import crop
from mobilepose_core.framing import FRAMINGS, UPPER_BODY, Framing
from mobilepose_core.inference.tracking import association
from mobilepose_core.inference.tracking.frame_size import scale_between
from mobilepose_core.inference.tracking.settings import Tracking
from mobilepose_core.inference.tracking.track import (
    Track,
    any_needs_detection,
    predicted_boxes,
    predicted_poses,
    with_appearances,
    with_regions,
)
from mobilepose_core.pose import Pose, appearance_of, is_isolated
from mobilepose_core.typing import BoolArray, FloatArray, ImageArray, ImageSize, IndexArray

PERSON_SCORE = attrgetter("person_score")

KEEP_SHARE = 0.75
"""Share of the person threshold from which a pose still continues a track, for a while."""

PATIENCE = 3
"""Consecutive frames that a track may score below the threshold without a detection."""

LOST_INTERVAL = 3
"""The detector runs every so many frames while a track is lost, or if joints do not tell where
people are."""

JUMP_COST = 0.6
"""`association.motion_cost` above which a pose was far from its track's prediction."""

SPARE = 2
"""Detections that are verified beyond the free tracks: some may be false positives."""


class Prediction(NamedTuple):
    """Where tracked people are expected in a frame.

    Attributes:
        regions: to search, one for each tracked person, image pixels.
        boxes: (T, 4) of the tracked people, image pixels.
        needs_detection: whether the detector should run on this frame.
        looks: how often it has looked at this video before.
        capacity: how many detections of new people to verify.
    """

    regions: list[crop.Region]
    boxes: FloatArray
    needs_detection: bool
    looks: int
    capacity: int

    def moved(
        self, owners: IndexArray, regions: Sequence[crop.Region], boxes: FloatArray
    ) -> Prediction:
        """Tracked people where a detector sees them now.

        Args:
            owners: (N,) index of the tracked person that each detection matches; -1 for none.
            regions: around the N detections, image pixels.
            boxes: (N, 4) of the detections, image pixels.
        """
        places, around = self.boxes.copy(), [*self.regions]
        for index, owner in enumerate(owners.tolist()):
            if owner >= 0:
                around[owner], places[owner] = regions[index], boxes[index]
        return self._replace(regions=around, boxes=places)


class Tracker:
    """Tracks people by their joints, and re-identifies lost ones.

    Each frame takes one `predict` and one `update`. The tracker's time follows the frames, but is
    monotonic: if their clock jumps back, it goes on from where it was.
    """

    def __init__(self, framing: Framing = FRAMINGS[UPPER_BODY]) -> None:
        """Starts without tracks; `framing` is that of the pose network."""
        self._framing = framing
        self._settings = Tracking()
        self._tracked: list[Track] = []
        self._lost: list[Track] = []
        self._people = 0
        self._now = 0.0
        self._frame_time: float | None = None
        self._size: ImageSize | None = None
        self._frames_since_detection = 0
        self._looks = 0

    def predict(self, time: float, settings: Tracking, size: ImageSize | None = None) -> Prediction:
        """Advances to the next frame, and ends tracks that were lost for too long.

        Args:
            time: of the frame, s.
            settings: from this frame on.
            size: of the frame; tracks are rescaled when it changes. None if it never changes.
        """
        if size is not None and size != self._size:
            self._resize(size)
        self._advance(time, settings)
        needs_detection = self._is_detection_due() or any_needs_detection(self._tracked)
        self._tracked, regions = with_regions(self._tracked, self._now)
        boxes = predicted_boxes(self._tracked, self._now)
        if self._lost or len(regions) > 1:
            lost = predicted_boxes(self._lost, self._now)
            regions = crop.closer_where_crowded(regions, np.concatenate([boxes, lost]))
        room = settings.max_people - len(self._tracked)
        capacity = room + SPARE if room > 0 else 0
        return Prediction(regions, boxes, needs_detection, self._looks, capacity)

    def update(
        self,
        poses: Sequence[Pose],
        frame: ImageArray,
        confirmed: IndexArray | None = None,
    ) -> list[Pose]:
        """The tracked people of a frame, with their IDs.

        Args:
            poses: of the predicted regions and of new detections, image pixels.
            frame: (H, W, 3) uint8, BGR, from which appearances are taken.
            confirmed: indices of the predicted people who match a certain detection; None if the
                detector did not run.
        """
        if confirmed is not None:
            self._confirm(set(confirmed.tolist()))
        threshold, follows_one = self._settings.person_threshold, self._follows_one_known()
        lost = predicted_boxes(self._lost, self._now)
        predicted = predicted_poses(self._tracked, self._now)
        seen = association.distinct(poses, threshold * KEEP_SHARE)
        found = association.PoseArrays.of(seen)
        is_sure = np.array(list(map(PERSON_SCORE, seen))) >= threshold
        is_known = follows_one and len(seen) == 1
        appearances = None if is_known or not seen else appearance_of(frame, seen)
        is_boxed = bool(seen) and seen[0].detection is not None
        cost = association.box_cost if is_boxed else association.motion_cost
        costs = motion = cost(predicted, found)
        if self._lost or (appearances is not None and self._tracked):
            costs = self._reidentified(motion, lost, found, appearances, is_sure)
        pairs, unmatched, new = association.match(costs)
        begun = [index for index in new if is_sure[index]]
        tracks = self._continued(pairs, seen, motion, is_sure) + self._begun(begun, seen)
        if appearances is not None:
            rows = [*(index for _, index in pairs), *begun]
            is_clear = is_isolated(found.boxes, lost)
            tracks = with_appearances(tracks, appearances[rows], is_clear[rows])
        known = [*self._tracked, *self._lost]
        height, width = frame.shape[:2]
        self._keep(tracks, [known[row] for row in unmatched], width, height)
        return [track.pose.with_id(track.track_id) for track in self._tracked]

    def reset(self) -> None:
        """Drops all tracks: the next frame is of another video. IDs continue."""
        self._tracked, self._lost, self._frame_time = [], [], None
        self._looks = 0

    def _resize(self, size: ImageSize) -> None:
        before, self._size = self._size, size
        if before is not None and (scale := scale_between(before, size)) is not None:
            self._tracked = [track.rescaled(scale) for track in self._tracked]
            self._lost = [track.rescaled(scale) for track in self._lost]

    def _advance(self, time: float, settings: Tracking) -> None:
        if self._frame_time is not None:
            self._now += max(0.0, time - self._frame_time)
        self._frame_time = time
        self._settings = settings
        self._frames_since_detection += 1
        self._tracked, self._lost = (
            [track for track in tracks if self._now - track.time <= settings.timeout]
            for tracks in (self._tracked, self._lost)
        )
        if len(self._tracked) > settings.max_people:
            best = sorted(self._tracked, key=lambda track: -track.pose.score)
            self._tracked = best[: settings.max_people]

    def _is_detection_due(self) -> bool:
        interval = self._settings.find_interval
        if not self._tracked:
            return True
        if self._lost or self._tracked[0].pose.detection is not None:
            interval = min(interval, LOST_INTERVAL)
        return self._frames_since_detection >= interval

    def _confirm(self, confirmed: set[int]) -> None:
        """Records a run of the detector, and the tracks that it confirmed."""
        self._frames_since_detection = 0
        self._looks += 1
        self._tracked = [
            track._replace(
                detected_at=track.middle, unsure=0 if index in confirmed else track.unsure
            )
            for index, track in enumerate(self._tracked)
        ]

    def _follows_one_known(self) -> bool:
        """Whether this is a frame between detections, with one person of a clear appearance."""
        is_alone = len(self._tracked) == 1 and not self._lost
        is_known = is_alone and self._tracked[0].is_appearance_clear
        return is_known and self._frames_since_detection > 0

    def _reidentified(
        self,
        motion: FloatArray,
        lost: FloatArray,
        found: association.PoseArrays,
        appearances: FloatArray | None,
        is_sure: BoolArray,
    ) -> FloatArray:
        """(T + L, P) cost of matching each tracked and each lost person with each pose."""
        unseen_for = np.array([self._now - track.time for track in self._lost])
        tracks = association.LostTracks(lost, unseen_for)
        known = [track.appearance for track in (*self._tracked, *self._lost)]
        return association.reidentification_cost(motion, tracks, known, found, appearances, is_sure)

    def _continued(
        self,
        pairs: Sequence[tuple[int, int]],
        seen: Sequence[Pose],
        motion: FloatArray,
        is_sure: BoolArray,
    ) -> list[Track]:
        """The tracks updated with their matched poses, by pairs of track and pose."""
        tracks, count = [], len(self._tracked)
        for row, index in pairs:
            if row < count:
                jumped = bool(motion[row, index] > JUMP_COST)
                track = self._tracked[row]
                track = track.seen(seen[index], self._now, bool(is_sure[index]), jumped)
            else:
                track = self._lost[row - count].recovered(seen[index], self._now)
            tracks.append(track)
        return tracks

    def _begun(self, indices: Sequence[int], seen: Sequence[Pose]) -> list[Track]:
        """New tracks of the poses that match none."""
        return [
            Track.begin(seen[index], self._now, self._next_id(), self._framing) for index in indices
        ]

    def _keep(self, tracks: list[Track], unmatched: list[Track], width: int, height: int) -> None:
        """Keeps the active tracks, and those lost inside the frame; others have left it."""
        given_up = [track for track in tracks if track.unsure > PATIENCE]
        kept = [track for track in tracks if track.unsure <= PATIENCE]
        self._tracked = kept[: self._settings.max_people]
        self._lost = [
            track
            for track in (*unmatched, *given_up)
            if _is_inside(track.center(self._now), width, height)
        ]

    def _next_id(self) -> int:
        self._people += 1
        return self._people


def _is_inside(place: FloatArray, width: int, height: int) -> bool:
    x, y = place.tolist()
    return bool(0 <= x < width and 0 <= y < height)

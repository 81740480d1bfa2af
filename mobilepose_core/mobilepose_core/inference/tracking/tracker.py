"""The tracker: predicts where people are in the next frame, and updates tracks with its poses.

Tracker and smoother hold the only state of the pipeline.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from mobilepose_core import crop
from mobilepose_core.framing import FRAMINGS, UPPER_BODY, Framing
from mobilepose_core.inference.tracking import association
from mobilepose_core.inference.tracking.frame_size import rescaled, rescaled_pose, scale_between
from mobilepose_core.inference.tracking.settings import Tracking
from mobilepose_core.pose import Pose
from mobilepose_core.pose_similarity import MIN_WEIGHT, PoseArrays, distinct, stacked
from mobilepose_core.typing import (
    BoolArray,
    Float64Array,
    FloatArray,
    ImageArray,
    ImageSize,
    IndexArray,
)

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

UNCOVERED = 0.5
"""A person who moved so far since the detector last ran, in lengths of their box, may have occluded
others: the detector runs again."""


GROWTH = 1.1
"""Largest change of a region's side per frame, as a factor: joints that come and go must not shrink
it step by step."""

REST = 0.06
"""A region stays where it is while its person's center moves by less than this, in sides, and its
side changes by less than twice this. Otherwise region and joints would drive each other forever."""

SPEED_TIME = 0.25
"""Time constant of the velocity's average, s."""

COAST = 0.8
"""An unseen person is predicted to move on for so long, s."""

APPEARANCE_SHARE = 0.2
"""Weight of the latest appearance in the average: light changes as people walk."""


class Track(NamedTuple):
    """A tracked person.

    Attributes:
        track_id: their ID.
        pose: the latest.
        time: of that pose, s.
        framing: says which box of theirs the region is fitted to.
        middle: (2,) of that box, image pixels.
        side: of the region around them, image pixels.
        velocity: (2,) image pixels per second.
        detected_at: (2,) that middle when the detector last ran.
        region: in which they were last searched for; None for new tracks.
        unsure: number of consecutive frames below the person threshold.
        has_jumped: whether the latest pose was far from the prediction.
        appearance: (5, 3) of `association.appearance_of`; None while unknown.
        is_appearance_clear: whether nobody was near when the appearance was seen.
    """

    track_id: int
    pose: Pose
    time: float
    framing: Framing
    middle: FloatArray
    side: float
    velocity: FloatArray
    detected_at: FloatArray
    region: crop.Region | None = None
    unsure: int = 0
    has_jumped: bool = False
    appearance: FloatArray | None = None
    is_appearance_clear: bool = False

    @classmethod
    def begin(cls, pose: Pose, time: float, track_id: int, framing: Framing) -> Track:
        """The track of a new person, at rest."""
        middle, side = _place(pose, framing)
        return cls(track_id, pose, time, framing, middle, side, np.zeros(2), middle)

    def step(self, time: float) -> FloatArray:
        """(2,) predicted displacement since the latest pose, at constant velocity."""
        return np.asarray(self.velocity * min(max(time - self.time, 0.0), COAST))

    def center(self, time: float) -> FloatArray:
        """(2,) predicted middle of their box, image pixels."""
        return self.middle + self.step(time)

    def predicted_region(self, time: float) -> crop.Region:
        """The region to search for them at a time."""
        x, y = self.center(time).tolist()
        last = self.region
        if last is not None:
            apart = max(abs(x - last.x), abs(y - last.y)) / last.side
            if apart < REST and abs(math.log(self.side / last.side)) < 2 * REST:
                return last
        return crop.Region(x, y, self.side)

    def seen(self, pose: Pose, time: float, is_sure: bool, has_jumped: bool) -> Track:
        """The track after its pose in the next frame."""
        middle, side = _place(pose, self.framing)
        return self._replace(
            pose=pose,
            time=time,
            middle=middle,
            side=min(max(side, self.side / GROWTH), self.side * GROWTH),
            velocity=self._velocity(pose, middle, time),
            unsure=0 if is_sure else self.unsure + 1,
            has_jumped=has_jumped,
        )

    def recovered(self, pose: Pose, time: float) -> Track:
        """The track after it was lost and is found again."""
        again = Track.begin(pose, time, self.track_id, self.framing)
        return again._replace(
            appearance=self.appearance, is_appearance_clear=self.is_appearance_clear
        )

    def rescaled(self, scale: Float64Array) -> Track:
        """The track in frames of another size, scaled by (2,); the detector has to confirm it."""
        growth = math.sqrt(float(scale.prod()))
        last = self.region
        if last is not None:
            x, y = rescaled(np.array([last.x, last.y]), scale).tolist()
            last = crop.Region(x, y, last.side * growth)
        return self._replace(
            pose=rescaled_pose(self.pose, scale),
            middle=rescaled(self.middle, scale),
            side=self.side * growth,
            velocity=self.velocity * scale,
            detected_at=rescaled(self.detected_at, scale),
            region=last,
            has_jumped=True,
        )

    def with_appearance(self, appearance: FloatArray, is_clear: bool) -> Track:
        """The track with an updated appearance; in a crowd (not clear) it may be another's."""
        if self.appearance is None or (is_clear and not self.is_appearance_clear):
            return self._replace(appearance=appearance, is_appearance_clear=is_clear)
        if is_clear and association.is_familiar(self.appearance, appearance):
            step = APPEARANCE_SHARE * (appearance - self.appearance)
            return self._replace(appearance=self.appearance + step)
        return self

    def moved(self) -> float:
        """Distance covered since the detector last ran, in lengths of their box."""
        apart = np.abs(self.middle - self.detected_at).max()
        return float(apart) * crop.FOLLOW_MARGIN / self.side

    def _velocity(self, pose: Pose, middle: FloatArray, time: float) -> FloatArray:
        passed = time - self.time
        if passed <= 0:
            return self.velocity
        if pose.detection is not None:  # two wrists may wave while their person stands
            step = middle - self.middle
        else:
            weights = np.sqrt(self.pose.scores * pose.scores) + MIN_WEIGHT
            step = weights @ (pose.joints - self.pose.joints) / np.add.reduce(weights)
        share = passed / (passed + SPEED_TIME)
        averaged: FloatArray = self.velocity + share * (step / passed - self.velocity)
        return averaged


class Prediction(NamedTuple):
    """Where tracked people are expected in a frame.

    Attributes:
        regions: to search, one for each tracked person, image pixels.
        boxes: (T, 4) of the tracked people, image pixels.
        needs_detection: whether the detector should run on this frame.
        capacity: how many detections of new people to verify.
    """

    regions: list[crop.Region]
    boxes: FloatArray
    needs_detection: bool
    capacity: int


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
        regions = [track.predicted_region(self._now) for track in self._tracked]
        self._tracked = [
            track._replace(region=region)
            for track, region in zip(self._tracked, regions, strict=True)
        ]
        boxes = _predicted_boxes(self._tracked, self._now)
        if self._lost or len(regions) > 1:
            lost = _predicted_boxes(self._lost, self._now)
            regions = crop.closer_where_crowded(regions, np.concatenate([boxes, lost]))
        room = settings.max_people - len(self._tracked)
        capacity = room + SPARE if room > 0 else 0
        return Prediction(regions, boxes, self._needs_detection(), capacity)

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
        threshold = self._settings.person_threshold
        predicted = _predicted(self._tracked, self._now)
        seen = distinct(poses, threshold * KEEP_SHARE)
        found = PoseArrays.of(seen)
        is_sure = found.totals >= threshold
        is_alone = len(seen) == len(self._tracked) == 1 and not self._lost
        is_known = is_alone and self._tracked[0].is_appearance_clear
        has_appearances = bool(seen) and not (is_known and self._frames_since_detection)
        appearances = association.appearance_of(frame, seen) if has_appearances else None
        is_detected = bool(seen) and seen[0].detection is not None
        costs = motion = (association.box_cost if is_detected else association.motion_cost)(
            predicted, found
        )
        if self._lost or (appearances is not None and self._tracked):
            costs = self._reidentified(motion, found, appearances, is_sure)
        pairs, unmatched, new = association.match(costs)
        known = [*self._tracked, *self._lost]
        unmatched_tracks = [known[row] for row in unmatched]
        tracks = self._continued(pairs, seen, motion, is_sure)
        begun = [index for index in new if is_sure[index]]
        tracks += [
            Track.begin(seen[index], self._now, self._next_id(), self._framing) for index in begun
        ]
        if appearances is not None:
            indices = [*(index for _, index in pairs), *begun]
            lost = _predicted_boxes(self._lost, self._now)
            isolated = association.is_isolated(found.boxes, lost)
            tracks = [
                track.with_appearance(appearances[index], bool(isolated[index]))
                for track, index in zip(tracks, indices, strict=True)
            ]
        height, width = frame.shape[:2]
        self._keep(tracks, unmatched_tracks, width, height)
        return [track.pose.with_id(track.track_id) for track in self._tracked]

    def reset(self) -> None:
        """Drops all tracks: the next frame is of another video. IDs continue."""
        self._tracked, self._lost, self._frame_time = [], [], None

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

    def _needs_detection(self) -> bool:
        interval = self._settings.find_interval
        if not self._tracked:
            return True
        if self._lost or self._tracked[0].pose.detection is not None:
            interval = min(interval, LOST_INTERVAL)
        if self._frames_since_detection >= interval:
            return True
        return any(
            track.unsure or track.has_jumped or track.moved() > UNCOVERED for track in self._tracked
        )

    def _confirm(self, confirmed: set[int]) -> None:
        """Records a run of the detector, and the tracks that it confirmed."""
        self._frames_since_detection = 0
        self._tracked = [
            track._replace(
                detected_at=track.middle, unsure=0 if index in confirmed else track.unsure
            )
            for index, track in enumerate(self._tracked)
        ]

    def _reidentified(
        self,
        motion: FloatArray,
        found: PoseArrays,
        appearances: FloatArray | None,
        is_sure: BoolArray,
    ) -> FloatArray:
        """(T + L, P) cost of matching each tracked and each lost person with each pose."""
        lost = association.LostTracks(
            _predicted_boxes(self._lost, self._now),
            np.array([self._now - track.time for track in self._lost]),
        )
        known = [track.appearance for track in (*self._tracked, *self._lost)]
        return association.reidentification_cost(motion, lost, known, found, appearances, is_sure)

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


def _predicted(tracks: Sequence[Track], time: float) -> PoseArrays:
    """The poses that tracks predict for a time."""
    joints = [track.pose.joints + track.step(time) for track in tracks]
    scores = [track.pose.scores for track in tracks]
    return PoseArrays(
        stacked(joints, 2),
        stacked(scores),
        _predicted_boxes(tracks, time),
        np.array([track.pose.score for track in tracks]),
    )


def _predicted_boxes(tracks: Sequence[Track], time: float) -> FloatArray:
    """(N, 4) upper bodies as tracks predict them for a time, image pixels."""
    boxes = [track.pose.upper_body + np.tile(track.step(time), 2) for track in tracks]
    return np.array(boxes).reshape(-1, 4)


def _place(pose: Pose, framing: Framing) -> tuple[FloatArray, float]:
    """Middle (2,) and side of the region in which to look for a pose next, image pixels."""
    box = framing.box_of_pose(pose)
    middle = pose.center if box is pose.box else crop.middles(box)
    x0, y0, x1, y1 = box.tolist()
    longer = max((x1 - x0) / framing.aspect, y1 - y0)
    return middle, crop.FOLLOW_MARGIN * float(longer + crop.PIXELS_MORE)


def _is_inside(place: FloatArray, width: int, height: int) -> bool:
    x, y = place.tolist()
    return bool(0 <= x < width and 0 <= y < height)

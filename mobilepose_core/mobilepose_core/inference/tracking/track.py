"""`Track`: one tracked person, and where they are expected to be in the next frame."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from mobilepose_core import crop
from mobilepose_core.framing import Framing
from mobilepose_core.inference.tracking.association import MIN_WEIGHT, PoseArrays, stacked
from mobilepose_core.inference.tracking.frame_size import rescaled, rescaled_pose
from mobilepose_core.pose import Pose, body_box, is_familiar
from mobilepose_core.typing import BoolArray, Float64Array, FloatArray

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

UNCOVERED = 0.5
"""A person who moved so far since the detector last ran, in lengths of their box, may have occluded
others: the detector runs again."""

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
        appearance: (5, 3) of `pose.appearance_of`; None while unknown.
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
        if is_clear and is_familiar(self.appearance, appearance):
            step = APPEARANCE_SHARE * (appearance - self.appearance)
            return self._replace(appearance=self.appearance + step)
        return self

    def needs_detection(self) -> bool:
        """Whether a detector should look at the person, or at whom they may have occluded."""
        if self.unsure or self.has_jumped:
            return True
        apart = np.abs(self.middle - self.detected_at).max()
        return float(apart) * crop.FOLLOW_MARGIN / self.side > UNCOVERED

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


def any_needs_detection(tracks: Sequence[Track]) -> bool:
    """Whether a detector should look at any of the people."""
    return any(track.needs_detection() for track in tracks)


def with_regions(tracks: Sequence[Track], time: float) -> tuple[list[Track], list[crop.Region]]:
    """The tracks that are searched for at a time, and in which regions."""
    regions = [track.predicted_region(time) for track in tracks]
    searched = zip(tracks, regions, strict=True)
    return [track._replace(region=region) for track, region in searched], regions


def with_appearances(
    tracks: Sequence[Track], appearances: FloatArray, is_clear: BoolArray
) -> list[Track]:
    """Tracks with the appearances (N, 5, 3) of their latest poses, and whether these are clear."""
    return [
        track.with_appearance(appearance, clear)
        for track, appearance, clear in zip(tracks, appearances, is_clear.tolist(), strict=True)
    ]


def predicted_poses(tracks: Sequence[Track], time: float) -> PoseArrays:
    """The poses that tracks predict for a time."""
    joints = [track.pose.joints + track.step(time) for track in tracks]
    scores = [track.pose.scores for track in tracks]
    totals = np.array([track.pose.score for track in tracks])
    boxes = predicted_boxes(tracks, time)
    return PoseArrays(stacked(joints, 2), stacked(scores), boxes, totals)


def predicted_boxes(tracks: Sequence[Track], time: float) -> FloatArray:
    """(N, 4) upper bodies as tracks predict them for a time, image pixels."""
    boxes = [track.pose.upper_body + np.tile(track.step(time), 2) for track in tracks]
    return np.array(boxes).reshape(-1, 4)


def _place(pose: Pose, framing: Framing) -> tuple[FloatArray, float]:
    """Middle (2,) and side of the region in which to look for a pose next, image pixels."""
    box = body_box(pose, framing.legs)
    middle = pose.center if box is pose.box else crop.middles(box)
    x0, y0, x1, y1 = box.tolist()
    longer = max((x1 - x0) / framing.aspect, y1 - y0)
    return middle, crop.FOLLOW_MARGIN * float(longer + crop.PIXELS_MORE)

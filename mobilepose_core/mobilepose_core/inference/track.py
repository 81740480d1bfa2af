"""One person through time: where they were last, how they move, and where they should be now."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from mobilepose_core import crop
from mobilepose_core.inference import appearance, association
from mobilepose_core.inference.association import People
from mobilepose_core.inference.frame_size import rescaled, rescaled_pose
from mobilepose_core.inference.pose import Pose, boxes_of

Floats = npt.NDArray[np.floating[Any]]

FOLLOW_MARGIN = 1.5
"""Looser than the crop that fits: a person moves between frames, and one at the picture's edge has
joints outside it. PCK@0.2 is the same in such crops."""

GROWTH = 1.1
"""A region's side grows or shrinks by this factor in a frame at most: joints that come and go must
not make it shrink on to nobody."""

REST = 0.06
"""A region stays where it is while its person's middle is within so much of its own, in sides, and
while the side they need is within twice that: joints that follow from a region, which follows from
them, would never come to rest."""

SPEED_TIME = 0.25
"""Over which a person's speed is averaged, s."""

LOOK_SHARE = 0.2
"""Of what somebody looks like now in what is known of it: light changes as people walk."""

FAMILIAR = 0.3
"""Strangeness up to which a look is learned: that of somebody else is not."""

COAST = 0.8
"""A person who is not seen is taken to walk on for so long, s."""

_PIXELS_MORE = 2
"""In all, for a box around joints: those that all lie in one place have one too."""


class Track(NamedTuple):
    """A person who is followed.

    Attributes:
        pose: as they were last seen, with their id.
        time: when that was, s.
        side: of the region around them, image pixels.
        looked_at: the region in which they were last looked for; None for newcomers.
        velocity: (2,) image pixels per second.
        unsure: for how many frames in a row they have scored below the threshold.
        has_jumped: whether they were last seen where they were not expected.
        found_at: (2,) middle of their box when the finder last ran.
        look: (5, 3) the colours of their torso, as of `appearance.looks_of`; None while unknown.
        is_look_clear: whether nobody was near when those were seen.
    """

    pose: Pose
    time: float
    side: float
    velocity: Floats
    found_at: Floats
    looked_at: crop.Region | None = None
    unsure: int = 0
    has_jumped: bool = False
    look: Floats | None = None
    is_look_clear: bool = False

    def walked(self, time: float) -> Floats:
        """(2,) how far they are from where they were seen, if they go on as they did."""
        return np.asarray(self.velocity * min(max(time - self.time, 0.0), COAST))

    def middle(self, time: float) -> Floats:
        """(2,) of their box where it should be at a time, image pixels."""
        return self.pose.middle + self.walked(time)

    def region(self, time: float) -> crop.Region:
        """Where to look for them at a time."""
        x, y = self.middle(time).tolist()
        region = crop.Region(x, y, self.side)
        last = self.looked_at
        return last if last is not None and _is_at_rest(region, last) else region

    def seen(self, pose: Pose, time: float, is_sure: bool, has_jumped: bool) -> Track:
        """The same person a frame later."""
        side = _side_around(pose.box)
        return self._replace(
            pose=pose.with_id(self.pose.track_id),
            time=time,
            side=min(max(side, self.side / GROWTH), self.side * GROWTH),
            velocity=self._velocity(pose, time),
            unsure=0 if is_sure else self.unsure + 1,
            has_jumped=has_jumped,
        )

    def back(self, pose: Pose, time: float) -> Track:
        """The same person, who was lost and is seen again."""
        again = begin(pose, time, self.pose.track_id)
        return again._replace(look=self.look, is_look_clear=self.is_look_clear)

    def rescaled(self, scale: npt.NDArray[np.float64]) -> Track:
        """The same person in frames of another size, scaled by (2,); where they are is unsure."""
        growth = math.sqrt(float(scale.prod()))
        last = self.looked_at
        if last is not None:
            x, y = rescaled(np.array([last.x, last.y]), scale).tolist()
            last = crop.Region(x, y, last.side * growth)
        return self._replace(
            pose=rescaled_pose(self.pose, scale),
            side=self.side * growth,
            velocity=self.velocity * scale,
            found_at=rescaled(self.found_at, scale),
            looked_at=last,
            has_jumped=True,
        )

    def looking(self, look: Floats, is_clear: bool) -> Track:
        """The same person, whose colours were seen again; those of a crowd may be another's."""
        if self.look is None or (is_clear and not self.is_look_clear):
            return self._replace(look=look, is_look_clear=is_clear)
        if is_clear and appearance.strangeness(self.look[None], look[None]).item() <= FAMILIAR:
            return self._replace(look=self.look + LOOK_SHARE * (look - self.look))
        return self

    def moved(self) -> float:
        """How far they went since the finder last ran, in lengths of their box."""
        return float(np.abs(self.pose.middle - self.found_at).max()) * FOLLOW_MARGIN / self.side

    def _velocity(self, pose: Pose, time: float) -> Floats:
        passed = time - self.time
        if passed <= 0:
            return self.velocity
        weights = np.sqrt(self.pose.scores * pose.scores) + association.MIN_WEIGHT
        step = weights @ (pose.joints - self.pose.joints) / np.add.reduce(weights)
        share = passed / (passed + SPEED_TIME)
        averaged: Floats = self.velocity + share * (step / passed - self.velocity)
        return averaged


def begin(pose: Pose, time: float, track_id: int) -> Track:
    """Somebody who is seen for the first time, or again after a while."""
    side = _side_around(pose.box)
    return Track(pose.with_id(track_id), time, side, np.zeros(2), pose.middle)


def region_around(box: Floats, margin: float = FOLLOW_MARGIN) -> crop.Region:
    """Where to look for a person by the box of their joints, (4,) in image pixels."""
    x, y = crop.middles(box).tolist()
    return crop.Region(x, y, _side_around(box, margin))


def _side_around(box: Floats, margin: float = FOLLOW_MARGIN) -> float:
    x0, y0, x1, y1 = box.tolist()
    return margin * float(max(x1 - x0, y1 - y0) + _PIXELS_MORE)


def _is_at_rest(region: crop.Region, last: crop.Region) -> bool:
    apart = max(abs(region.x - last.x), abs(region.y - last.y)) / last.side
    return apart < REST and abs(math.log(region.side / last.side)) < 2 * REST


def expected(tracks: Sequence[Track], time: float) -> People:
    """Where people should be at a time."""
    people = People.of([track.pose for track in tracks])
    walked = _walked(tracks, time)
    return People(people.joints + walked[:, None], people.scores, _moved(people.boxes, walked))


def expected_boxes(tracks: Sequence[Track], time: float) -> Floats:
    """(N, 4) theirs, image pixels."""
    return _moved(boxes_of([track.pose for track in tracks]), _walked(tracks, time))


def _moved(boxes: Floats, steps: Floats) -> Floats:
    corners = boxes.reshape(-1, 2, 2) + steps[:, None]
    return np.asarray(corners.reshape(-1, 4))


def _walked(tracks: Sequence[Track], time: float) -> Floats:
    return np.array([track.walked(time) for track in tracks]).reshape(-1, 2)

"""People whom the finder has just found: looked at, looked at more closely, and judged.

Finder and pose network see different things: a coat on a hook has a person's outline and no joints.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from mobilepose_core import crop
from mobilepose_core.inference.boxes import Floats, PersonBoxes
from mobilepose_core.inference.pose import Pose, boxes_of
from mobilepose_core.inference.track import region_around

Look = Callable[[list[crop.Region]], list[Pose]]
"""Poses in regions of the frame that they were found in."""

COARSE = 0.5
"""Share of the threshold from which a newcomer is looked at again, in a crop that fits them."""

ASIDE = 0.25
"""Distance from the middle of a region, in its sides, at which a pose is likely someone else's."""

THERE = 0.5
"""Score of finder and pose together from which somebody is there of whom the finder is not sure.

With the released networks 96 % of the people in films held out are there, at 0.07 false ones a
photograph; of 93 % the finder alone is sure.
"""


def regions_of(boxes: Floats) -> list[crop.Region]:
    """Where to look for people by the boxes (N, 4) around their joints, image pixels."""
    return [region_around(box, crop.MARGIN) for box in boxes]


def judged(
    boxes: PersonBoxes, poses: Sequence[Pose], look: Look, threshold: float, are_chances: bool
) -> tuple[PersonBoxes, list[Pose]]:
    """Those of whom the finder is sure, and those who have a person's pose as well.

    Args:
        boxes: around joints, image pixels.
        poses: in their regions.
        look: finds poses in other regions of the frame.
        threshold: score of a pose from which it is a person's.
        are_chances: whether poses' scores are calibrated; others say nothing of who is there.

    Returns:
        People and poses in the boxes' order. Boxes lie halfway between the finder's and those of
        the poses, which are wrong in other ways; scores are those of both together.
    """
    coarse = [i for i, pose in enumerate(poses) if pose.score >= threshold * COARSE]
    boxes, poses = boxes[coarse], [poses[i] for i in coarse]
    closer = look(regions_of(boxes_of(poses)))
    better = [
        max(both, key=lambda pose: pose.score * _agreement(pose, region))
        for *both, region in zip(poses, closer, regions_of(boxes.boxes), strict=True)
    ]
    posed = np.array([pose.score for pose in better], np.float32)
    scores = _together(boxes.scores, posed) if are_chances else boxes.scores
    is_confirmed = (scores >= THERE) & (posed >= threshold) & are_chances
    there = np.flatnonzero(boxes.are_sure | is_confirmed).tolist()
    halfway = (boxes.boxes + boxes_of(better)) / np.float32(2)
    return PersonBoxes(halfway, scores)[there], [better[i] for i in there]


def _agreement(pose: Pose, region: crop.Region) -> float:
    """In (0, 1], how near a pose is to the middle of where it was looked for: others are beside."""
    x, y = pose.middle.tolist()
    apart = math.hypot(x - region.x, y - region.y) / region.side
    return math.exp(-((apart / ASIDE) ** 2))


def _together(found: Floats, posed: Floats) -> Floats:
    """(N,) scores in [0, 1] of people by those of their finder and of their poses.

    As if they were independent, and as many boxes were people's as not.
    """
    odds = _odds(found) * _odds(posed)
    together: Floats = odds / (1 + odds)
    return together


def _odds(scores: Floats) -> Floats:
    clipped = scores.clip(_LEAST, 1 - _LEAST)
    odds: Floats = clipped / (1 - clipped)
    return odds


_LEAST = 1e-3

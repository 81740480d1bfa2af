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

POSE_WEIGHT = 0.75
"""How much the odds of a pose count beside those of the finder, as their exponent."""

THERE = 0.5
"""Score of finder and pose together from which somebody is there.

With the released networks 96 % of the people in films held out are, whom the finder alone finds to
93 % at as many false ones.
"""


def regions_of(boxes: PersonBoxes) -> list[crop.Region]:
    """Where to look for people by the boxes around their joints, image pixels."""
    return [region_around(box, crop.MARGIN) for box in boxes.boxes]


def judged(
    boxes: PersonBoxes, poses: Sequence[Pose], look: Look, threshold: float
) -> tuple[PersonBoxes, list[Pose]]:
    """Those who are there, and their poses.

    Args:
        boxes: around joints, image pixels.
        poses: in their regions.
        look: finds poses in other regions of the frame.
        threshold: score of a pose from which somebody is certain.

    Returns:
        People and poses in the boxes' order. Where the finder was not sure, boxes lie halfway
        between its own and those of the poses, and scores are those of both together.
    """
    coarse = [i for i, pose in enumerate(poses) if pose.score >= threshold * COARSE]
    boxes, poses = boxes[coarse], [poses[i] for i in coarse]
    closer = look([region_around(pose.box, crop.MARGIN) for pose in poses])
    better = [
        max(both, key=lambda pose: pose.score * _agreement(pose, region))
        for *both, region in zip(poses, closer, regions_of(boxes), strict=True)
    ]
    if boxes.are_sure or not better:
        return boxes, better
    scores = _together(boxes.scores, np.array([pose.score for pose in better], np.float32))
    there = np.flatnonzero(scores >= THERE).tolist()
    halfway = (boxes.boxes + boxes_of(better)) / np.float32(2)
    return PersonBoxes(halfway, scores)[there], [better[i] for i in there]


def _agreement(pose: Pose, region: crop.Region) -> float:
    """In (0, 1], how near a pose is to the middle of where it was looked for: others are beside."""
    x, y = pose.middle.tolist()
    apart = math.hypot(x - region.x, y - region.y) / region.side
    return math.exp(-((apart / ASIDE) ** 2))


def _together(found: Floats, posed: Floats) -> Floats:
    """(N,) scores in [0, 1] of people by those of their finder and of their poses."""
    odds = _odds(found) * _odds(posed) ** POSE_WEIGHT
    together: Floats = odds / (1 + odds)
    return together


def _odds(scores: Floats) -> Floats:
    clipped = scores.clip(_LEAST, 1 - _LEAST)
    odds: Floats = clipped / (1 - clipped)
    return odds


_LEAST = 1e-3

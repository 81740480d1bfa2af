"""People whom the finder has just found: looked at, looked at more closely, and judged.

Finder and pose network see different things: a coat on a hook has a person's outline and no joints.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from mobilepose_core import crop
from mobilepose_core.inference.detection.boxes import Floats, PersonBoxes
from mobilepose_core.inference.detection.presence import Presence
from mobilepose_core.inference.tracking.track import region_around
from mobilepose_core.pose import Pose, boxes_of

Look = Callable[[list[crop.Region]], list[Pose]]
"""Poses in regions of the frame that they were found in."""

COARSE = 0.5
"""Share of the threshold from which a newcomer is looked at again, in a crop that fits them."""

ASIDE = 0.25
"""Distance from the middle of a region, in its sides, at which a pose is likely someone else's."""

THERE = 0.3
"""Score of our finder and of the pose network's presence together from which somebody is there.

With the released `final` 97 % of the people in films held out are there, at 0.07 false ones a
photograph, of acrobats 91 % at 0.08, and nobody but an elk in 320 photographs without people.
"""

CONFIRMED = 0.5
"""Score of finder and pose together from which somebody is there of whom the finder is not sure,
where the pose network has no presence but calibrated scores."""


def regions_of(boxes: Floats) -> list[crop.Region]:
    """Where to look for people by the boxes (N, 4) around their joints, image pixels."""
    return [region_around(box, crop.MARGIN) for box in boxes]


def looked_at_closer(
    boxes: PersonBoxes, poses: Sequence[Pose], look: Look, threshold: float
) -> tuple[PersonBoxes, list[Pose]]:
    """Newcomers who may have a person's pose, and the better of two looks at each.

    Args:
        boxes: around joints, image pixels.
        poses: in their regions.
        look: finds poses in other regions of the frame.
        threshold: score of a pose from which it is a person's.
    """
    coarse = [i for i, pose in enumerate(poses) if pose.score >= threshold * COARSE]
    boxes, poses = boxes[coarse], [poses[i] for i in coarse]
    closer = look(regions_of(boxes_of(poses)))
    better = [
        max(both, key=lambda pose: pose.score * _agreement(pose, region))
        for *both, region in zip(poses, closer, regions_of(boxes.boxes), strict=True)
    ]
    return boxes, better


def judged(
    boxes: PersonBoxes,
    poses: Sequence[Pose],
    threshold: float,
    presence: Presence | None,
    are_chances: bool,
) -> tuple[PersonBoxes, list[Pose]]:
    """Those who are there, by what found them and by the pose network.

    The pose network does not contradict what is sure of all that it finds, as the user's own
    detectors are. It has a say in whom our finder finds where it knows whether somebody is there,
    and otherwise, with calibrated scores, in those of whom our finder is not sure.

    Args:
        boxes: around joints, image pixels.
        poses: in them, of `looked_at_closer`.
        threshold: score of a pose from which it is a person's.
        presence: of the pose network, if it has one.
        are_chances: whether poses' scores are calibrated.

    Returns:
        People and poses in the boxes' order. Boxes lie halfway between the finder's and those of
        the poses, which are wrong in other ways; scores are those of both together.
    """
    if not len(boxes):
        return boxes, []
    posed = np.array([pose.score for pose in poses], np.float32)
    halfway = halfway_boxes(boxes.boxes, poses)
    if presence is not None and boxes.sure_from > 0:
        scores = together(boxes.scores, presence(summaries_of(poses)))
        there = (scores >= THERE) & (posed >= threshold)
    else:
        scores = together(boxes.scores, posed) if are_chances else boxes.scores
        is_confirmed = (scores >= CONFIRMED) & (posed >= threshold) & are_chances
        there = boxes.are_sure | is_confirmed
    chosen = np.flatnonzero(there).tolist()
    return PersonBoxes(halfway, scores)[chosen], [poses[i] for i in chosen]


def halfway_boxes(boxes: Floats, poses: Sequence[Pose]) -> Floats:
    """(N, 4) halfway between a finder's boxes and those of the poses in them."""
    halfway: Floats = (boxes + boxes_of(poses)) / np.float32(2)
    return halfway


def summaries_of(poses: Sequence[Pose]) -> Floats:
    """(N, C) of poses that a network with summaries found, one or more."""
    return np.array([pose.summary for pose in poses], np.float32)


def _agreement(pose: Pose, region: crop.Region) -> float:
    """In (0, 1], how near a pose is to the middle of where it was looked for: others are beside."""
    x, y = pose.middle.tolist()
    apart = math.hypot(x - region.x, y - region.y) / region.side
    return math.exp(-((apart / ASIDE) ** 2))


def together(found: Floats, posed: Floats) -> Floats:
    """(N,) scores in [0, 1] of people by those of their finder and of their poses.

    As if they were independent, and as many boxes were people's as not.
    """
    both = odds(found) * odds(posed)
    score: Floats = both / (1 + both)
    return score


def odds(scores: Floats) -> Floats:
    """(N,) of scores in [0, 1], none beyond a thousand to one."""
    clipped = scores.clip(_LEAST, 1 - _LEAST)
    ratio: Floats = clipped / (1 - clipped)
    return ratio


_LEAST = 1e-3

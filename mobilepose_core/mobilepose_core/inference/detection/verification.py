"""Verification: the pose network confirms or rejects the detections of people.

Both see different things: a coat on a hook has a person's outline and no joints.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from mobilepose_core import crop
from mobilepose_core.inference.pose_model import PoseModel, Presence
from mobilepose_core.pose import PersonBoxes, Pose, boxes_of, no_boxes
from mobilepose_core.typing import BoolArray, Float32Array, ImageArray

RECROP_SHARE = 0.5
"""Share of the threshold from which a detection gets a second look, in a crop around its pose."""

CENTER_SPREAD = 0.25
"""Distance from a region's centre, in its sides, at which a pose is likely another person's."""

PRESENCE_THRESHOLD = 0.3
"""Fused score of our detector and the pose network's presence from which it is a person.

With the released `final` 97 % of the people in films held out are detected, at 0.07 false positives
a photograph, of acrobats 91 % at 0.08, and nobody but an elk in 320 photographs without people.
"""

POSE_THRESHOLD = 0.5
"""Fused score of detector and pose from which a detection is a person if the detector is not sure
and the pose network has calibrated scores, but no presence."""

_LEAST = 1e-3


class Verified(NamedTuple):
    """Detections that the pose network has confirmed.

    Attributes:
        boxes: halfway between the detector's and those of the poses, which are wrong in different
            ways, with the scores of both fused.
        poses: one for each.
    """

    boxes: PersonBoxes
    poses: list[Pose]


def verify_detections(
    model: PoseModel,
    frame: ImageArray,
    boxes: PersonBoxes,
    regions: Sequence[crop.Region],
    poses: Sequence[Pose],
    threshold: float,
) -> Verified:
    """The detections that are people.

    Each that may be a person is looked at once more, in a crop that fits its first pose.

    Args:
        model: the pose network.
        frame: (H, W, 3) uint8, BGR.
        boxes: of the detections, around joints, image pixels.
        regions: around them, in which they were looked at first.
        poses: found there.
        threshold: score of a pose from which it is a person's.
    """
    chosen = [i for i, pose in enumerate(poses) if pose.score >= threshold * RECROP_SHARE]
    if not chosen:
        return Verified(no_boxes(), [])
    first, around = [poses[index] for index in chosen], [regions[index] for index in chosen]
    boxes = boxes[chosen]
    best = recrop(model, frame, around, first)
    scores, is_person = confirm(
        boxes, best, threshold, model.presence, model.calibration is not None
    )
    kept = np.flatnonzero(is_person).tolist()
    fused = PersonBoxes(mean_boxes_of(boxes.boxes, best), scores)
    return Verified(fused[kept], [best[index] for index in kept])


def recrop(
    model: PoseModel,
    frame: ImageArray,
    regions: Sequence[crop.Region],
    poses: Sequence[Pose],
) -> list[Pose]:
    """The better of two poses for each region: that found there, and one in a crop that fits it.

    Args:
        model: the pose network.
        frame: (H, W, 3) uint8, BGR.
        regions: in which the poses were found, image pixels.
        poses: one for each.
    """
    again = model(frame, crop.regions_around(boxes_of(poses)))
    return [
        max(pair, key=lambda pose: pose.score * _centrality(pose, region))
        for *pair, region in zip(poses, again, regions, strict=True)
    ]


def confirm(
    boxes: PersonBoxes,
    poses: Sequence[Pose],
    threshold: float,
    presence: Presence | None,
    is_calibrated: bool,
) -> tuple[Float32Array, BoolArray]:
    """Fused scores (N,) of detections, and which of them are people.

    The pose network does not reject what the detector is sure of where that is a user's own
    detector. Those of ours it confirms by its presence, and otherwise, with calibrated scores,
    those of which the detector is not sure.

    Args:
        boxes: of the detections.
        poses: in them.
        threshold: score of a pose from which it is a person's.
        presence: of the pose network, if it has one.
        is_calibrated: whether poses' scores are probabilities.
    """
    pose_scores = np.array([pose.score for pose in poses], np.float32)
    if presence is not None and boxes.sure_from > 0:
        scores = fuse_scores(boxes.scores, presence(features_of(poses)))
        return scores, (scores >= PRESENCE_THRESHOLD) & (pose_scores >= threshold)
    scores = fuse_scores(boxes.scores, pose_scores) if is_calibrated else boxes.scores
    is_confirmed = (scores >= POSE_THRESHOLD) & (pose_scores >= threshold) & is_calibrated
    return scores, boxes.are_sure | is_confirmed


def mean_boxes_of(boxes: Float32Array, poses: Sequence[Pose]) -> Float32Array:
    """(N, 4) halfway between a detector's boxes and those of the poses in them."""
    halfway: Float32Array = (boxes + boxes_of(poses)) / np.float32(2)
    return halfway


def features_of(poses: Sequence[Pose]) -> Float32Array:
    """(N, C) of one or more poses of a network that gives features."""
    return np.array([pose.features for pose in poses], np.float32)


def fuse_scores(detected: Float32Array, posed: Float32Array) -> Float32Array:
    """(N,) scores in [0, 1] of detections, from the detector's and the pose network's.

    The product of the odds: as if both were independent, and half of all boxes were people's.
    """
    both = odds(detected) * odds(posed)
    score: Float32Array = both / (1 + both)
    return score


def odds(scores: Float32Array) -> Float32Array:
    """(N,) of scores in [0, 1], at most a thousand to one."""
    clipped = scores.clip(_LEAST, 1 - _LEAST)
    ratio: Float32Array = clipped / (1 - clipped)
    return ratio


def _centrality(pose: Pose, region: crop.Region) -> float:
    """In (0, 1], how near a pose is to the centre of its region: others are beside it."""
    x, y = pose.center.tolist()
    apart = math.hypot(x - region.x, y - region.y) / region.side
    return math.exp(-((apart / CENTER_SPREAD) ** 2))

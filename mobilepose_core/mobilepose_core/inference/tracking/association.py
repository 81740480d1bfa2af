"""Data association: how alike poses are, costs of matching them with tracks, the best assignment.

While people are apart, their joints suffice. When they cross, their appearance tells which of them
is occluded and reappears. P is the number of poses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mobilepose_core import crop
from mobilepose_core.inference.tracking.assignment import assigned
from mobilepose_core.pose import FAMILIAR, Pose, appearance_distance
from mobilepose_core.typing import BoolArray, FloatArray, IndexArray

SAME_FRAME_SPREAD = 0.12
"""Spread of one person's joints between two crops of a frame, in lengths of the person."""

DUPLICATE_SIMILARITY = 0.3
"""Similarity from which two poses in a frame are the same person.

Where people cross, the crop around the one behind begins to show joints of the one in front.
"""

SHORTEST_BOX = 32.0
"""People who are smaller than this are compared as if they were as long, pixels."""

MIN_WEIGHT = 0.05
"""Weight of joints that score nothing on either side."""

NEXT_FRAME_SPREAD = 0.2
"""Spread of the similarity (OKS) between predicted joints and those in the next frame."""

MIN_SIMILARITY = 0.2
"""Similarity below which a pose does not match a track."""

SIZE_TOLERANCE = 0.7
"""Logarithm of the largest change of a person's size while their track is lost."""

MIN_IOU = 0.3
"""IoU from which a detection matches a tracked person."""

SEARCH_RADIUS = 0.5
SEARCH_RADIUS_GROWTH = 1.0
"""Search radius around the predicted position of a lost person, in lengths of their box, and its
growth per second."""

FAMILIAR_SEARCH_RADIUS = 1.0
"""Additional search radius if the appearance matches, in lengths of the box: the track may have
drifted with another person's pose."""

RETURN_COST = 0.3
"""Least cost of matching a pose with a lost track: tracked people come first."""

APPEARANCE_COST = 0.6
"""Additional cost at an appearance distance of 1."""

RIVAL_COST = 0.6
"""Largest additional cost of a match if another possible person has a more similar appearance."""

_IMPOSSIBLE = 2.0


@dataclass(frozen=True, eq=False)
class PoseArrays:
    """Several poses of one skeleton as arrays.

    Attributes:
        joints: (P, K, 2) image pixels; (0, 0, 2) without any.
        scores: (P, K).
        boxes: (P, 4) of the upper bodies, image pixels.
        totals: (P,) scores of the whole poses.
    """

    joints: FloatArray
    scores: FloatArray
    boxes: FloatArray
    totals: FloatArray

    def __len__(self) -> int:
        return len(self.joints)

    @staticmethod
    def of(poses: Sequence[Pose]) -> PoseArrays:
        """The arrays of some poses."""
        return PoseArrays(
            stacked([pose.joints for pose in poses], 2),
            stacked([pose.scores for pose in poses]),
            np.array([pose.upper_body for pose in poses], np.float32).reshape(-1, 4),
            np.array([pose.score for pose in poses]),
        )


def pose_similarity(poses: PoseArrays, others: PoseArrays, spread: float) -> FloatArray:
    """(P, Q) how well joints agree, in [0, 1]: COCO's object keypoint similarity (OKS).

    Joints are weighted by the scores of both sides, distances by the smaller person's length.

    Args:
        poses: in image pixels.
        others: likewise.
        spread: distance at which a joint's similarity is e^-1/2, in lengths of a person's box.
    """
    if not len(poses) or not len(others):
        return np.zeros((len(poses), len(others)))
    apart = poses.joints[:, None] - others.joints[None]
    lengths = np.fmin(box_lengths(poses.boxes)[:, None], box_lengths(others.boxes))
    far = np.add.reduce(apart * apart, axis=-1)
    similar = np.exp(far / (-2 * spread**2 * (lengths * lengths)[..., None]))
    weights = np.sqrt(poses.scores[:, None] * others.scores[None]) + MIN_WEIGHT
    agreeing = np.add.reduce(weights * similar, axis=-1)
    return np.asarray(agreeing / np.add.reduce(weights, axis=-1))


def pose_nms(poses: Sequence[Pose]) -> list[int]:
    """Indices of the poses, best first, without duplicates of better ones."""
    order = sorted(range(len(poses)), key=lambda index: -poses[index].score)
    if len(poses) < 2:
        return order
    arrays = PoseArrays.of(poses)
    is_same = pose_similarity(arrays, arrays, SAME_FRAME_SPREAD) >= DUPLICATE_SIMILARITY
    kept: list[int] = []
    for index in order:
        if not is_same[index, kept].any():
            kept.append(index)
    return kept


def distinct(poses: Sequence[Pose], threshold: float) -> list[Pose]:
    """The poses that reach a threshold, best first, without duplicates of better ones."""
    chosen = [pose for pose in poses if pose.person_score >= threshold]
    return [chosen[index] for index in pose_nms(chosen)]


def box_lengths(boxes: FloatArray) -> FloatArray:
    """(P,) the longer side of each box (P, 4), image pixels, `SHORTEST_BOX` at least."""
    return np.asarray(np.fmax.reduce(boxes[:, 2:] - boxes[:, :2], axis=1, initial=SHORTEST_BOX))


def stacked(rows: Sequence[FloatArray], *shape: int) -> FloatArray:
    """(P, K, *shape) of P arrays (K, *shape); (0, 0, *shape) of none."""
    return np.array(rows) if len(rows) else np.zeros((0, 0, *shape))


def motion_cost(predicted: PoseArrays, found: PoseArrays) -> FloatArray:
    """(P, Q) cost of matching predicted poses with those of this frame; up to 1 is a match."""
    similarity = pose_similarity(predicted, found, NEXT_FRAME_SPREAD)
    return np.asarray((1 - similarity) / (1 - MIN_SIMILARITY))


def box_cost(predicted: PoseArrays, found: PoseArrays) -> FloatArray:
    """(P, Q) the same cost from the boxes: between two frames a hand can move anywhere."""
    apart = 1 - crop.overlaps(predicted.boxes, found.boxes)
    return np.asarray(apart / (1 - MIN_IOU))


def return_cost(predicted: FloatArray, found: FloatArray, reach: FloatArray) -> FloatArray:
    """(P, Q) cost of matching poses with tracks that were lost for a while; up to 1 is a match.

    Only position and size count, since the pose changes meanwhile.

    Args:
        predicted: (P, 4) boxes of the tracks, image pixels.
        found: (Q, 4) boxes of the poses, image pixels.
        reach: (P, Q) search radius around the predicted position, in lengths of the box.
    """
    apart = np.linalg.norm(crop.middles(predicted)[:, None] - crop.middles(found), axis=-1)
    lengths = box_lengths(predicted)
    far = apart / (lengths[:, None] * reach)
    resized = np.abs(np.log(lengths[:, None] / box_lengths(found)))
    return np.asarray(far + resized / SIZE_TOLERANCE)


def match(costs: FloatArray) -> tuple[list[tuple[int, int]], list[int], list[int]]:
    """Pairs of rows and columns of least total cost, none above 1; unmatched rows and columns."""
    pairs = assign(costs, 1.0)
    rows, columns = {row for row, _ in pairs}, {column for _, column in pairs}
    return (
        pairs,
        [row for row in range(costs.shape[0]) if row not in rows],
        [column for column in range(costs.shape[1]) if column not in columns],
    )


def assign(costs: FloatArray, limit: float) -> list[tuple[int, int]]:
    """Pairs of rows and columns of least total cost, none above `limit`."""
    if not costs.size:
        return []
    if 1 in costs.shape:  # a single row or column needs no solver
        row, column = divmod(int(costs.argmin()), costs.shape[1])
        return [(row, column)] if costs[row, column] <= limit else []
    return assigned(costs, limit)


def match_boxes(boxes: FloatArray, known: FloatArray) -> IndexArray:
    """(N,) index of the tracked person that each detection matches; -1 for a new person.

    Args:
        boxes: (N, 4) detections.
        known: (P, 4) predicted boxes of the tracked people in the same frame.
    """
    owners = np.full(len(boxes), -1, dtype=np.intp)
    for box, person in assign(1 - crop.overlaps(boxes, known), 1 - MIN_IOU):
        owners[box] = person
    return owners


@dataclass(frozen=True, eq=False)
class LostTracks:
    """Tracks without a pose in the last frame.

    Attributes:
        boxes: (L, 4) predicted, image pixels.
        unseen_for: (L,) time since the last pose, s.
    """

    boxes: FloatArray
    unseen_for: FloatArray


def reidentification_cost(
    motion: FloatArray,
    lost: LostTracks,
    known: Sequence[FloatArray | None],
    found: PoseArrays,
    appearances: FloatArray | None,
    is_sure: BoolArray,
) -> FloatArray:
    """(T + L, P) cost of matching each of T tracked and L lost people with each pose.

    Args:
        motion: (T, P) of `motion_cost`.
        lost: L lost tracks.
        known: (5, 3) appearance of each of the T + L people; None while unknown.
        found: P poses.
        appearances: (P, 5, 3) of the poses; None if they were not computed.
        is_sure: (P,) which poses reach the person threshold: others match no lost track.
    """
    distance = np.full((len(known), len(found)), np.nan)
    rows = [row for row, appearance in enumerate(known) if appearance is not None]
    if appearances is not None and rows:
        distance[rows] = appearance_distance(np.array([known[row] for row in rows]), appearances)
    unlike = np.nan_to_num(distance)
    familiar = np.nan_to_num(1 - distance / FAMILIAR).clip(min=0)
    tracked = slice(len(motion))
    back = _return_cost(lost, found, familiar[len(motion) :])
    back = back + (1 - RETURN_COST) * APPEARANCE_COST * unlike[len(motion) :]
    is_possible = np.concatenate([motion, back]) <= 1
    nearest = np.where(is_possible, unlike, 1).min(axis=0, initial=1)
    ahead = motion + RIVAL_COST * (unlike[tracked] - nearest).clip(min=0)
    return np.concatenate([ahead, np.where(is_sure, back, _IMPOSSIBLE)])


def _return_cost(lost: LostTracks, found: PoseArrays, familiar: FloatArray) -> FloatArray:
    """(L, P) of `return_cost`, given how well each appearance matches, in [0, 1]."""
    reach = (
        SEARCH_RADIUS
        + SEARCH_RADIUS_GROWTH * lost.unseen_for[:, None]
        + FAMILIAR_SEARCH_RADIUS * familiar
    )
    costs = return_cost(lost.boxes, found.boxes, reach)
    return np.asarray(RETURN_COST + (1 - RETURN_COST) * costs)

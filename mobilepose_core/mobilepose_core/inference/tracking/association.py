"""Data association: the cost of taking a pose for a tracked person, and the best assignment by it.

Joints are enough while people keep apart; where they meet, the colours of their torsos tell who is
in front and who comes out behind. Functions of arrays; P poses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mobilepose_core import center_map, crop
from mobilepose_core.inference.tracking.assignment import assigned
from mobilepose_core.pose import Pose
from mobilepose_core.pose_similarity import PoseArrays, box_lengths, pose_similarity
from mobilepose_core.typing import BoolArray, FloatArray, ImageArray, IndexArray

NEXT_FRAME_SPREAD = 0.2
"""Joints of one person differ by so much from their predicted places in the next frame."""

MIN_SIMILARITY = 0.2
"""Similarity below which a pose in the next frame is another person."""

SIZE_TOLERANCE = 0.7
"""Logarithm of how much larger or smaller a person may be when they are seen again."""

MIN_IOU = 0.3
"""IoU from which a detection may be a tracked person."""

DOWN = (0.1, 0.3, 0.5, 0.7, 0.9)
"""Rows of the torso that are sampled, from shoulders to hips, in torso lengths."""

ACROSS = (0.2, 0.35, 0.5, 0.65, 0.8)
"""Columns likewise, from one side to the other: the arms that hang there are left out."""

SAME_COLOUR, OTHER_COLOUR = 12.0, 50.0
"""Distances of colours, grey levels: of one person in two frames, and of two people."""

BRIGHTNESS_WEIGHT = 0.5
"""Weight of brightness, which shadows change, relative to that of colour."""

FAMILIAR = 0.3
"""Appearance distance up to which two appearances are of one person."""

REACH = 0.5
REACH_SPEED = 1.0
"""How far from the predicted place a lost person may be found, in lengths of their box, and how
much farther for every second."""

FAMILIAR_REACH = 1.0
"""How much farther a person of the same appearance may be found, in lengths of their box: a pose
that went over to another person led the track astray."""

RETURN_COST = 0.3
"""Least cost of assigning a pose to a lost track: tracked people come first."""

APPEARANCE_COST = 0.6
"""Additional cost at an appearance distance of 1."""

RIVAL_COST = 0.6
"""Cost of assigning a pose to a tracked person if it looks like another whom it may be as well."""

NEAR_IOU = 0.03
"""IoU of two people's boxes from which one may be seen where the other is looked at."""

_IMPOSSIBLE = 2.0


def motion_cost(predicted: PoseArrays, found: PoseArrays) -> FloatArray:
    """(P, Q) cost of assigning poses found in this frame to predicted ones; possible up to 1."""
    similarity = pose_similarity(predicted, found, NEXT_FRAME_SPREAD)
    return np.asarray((1 - similarity) / (1 - MIN_SIMILARITY))


def box_cost(predicted: PoseArrays, found: PoseArrays) -> FloatArray:
    """(P, Q) likewise, by the people's boxes: a hand may be anywhere in the next frame."""
    apart = 1 - center_map.overlaps(predicted.boxes, found.boxes)
    return np.asarray(apart / (1 - MIN_IOU))


def return_cost(predicted: FloatArray, found: FloatArray, reach: FloatArray) -> FloatArray:
    """(P, Q) cost of assigning poses to tracks that were lost for a while; possible up to 1.

    By place and size, since a pose changes meanwhile.

    Args:
        predicted: (P, 4) boxes, image pixels.
        found: (Q, 4) likewise.
        reach: (P, Q) how far from the predicted place a person may be, in lengths of their box.
    """
    apart = np.linalg.norm(crop.middles(predicted)[:, None] - crop.middles(found), axis=-1)
    lengths = box_lengths(predicted)
    far = apart / (lengths[:, None] * reach)
    resized = np.abs(np.log(lengths[:, None] / box_lengths(found)))
    return np.asarray(far + resized / SIZE_TOLERANCE)


def match(costs: FloatArray) -> tuple[list[tuple[int, int]], list[int], list[int]]:
    """Pairs of rows and columns of least total cost, none above 1, and those left over."""
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
    if 1 in costs.shape:  # the best of one alone, in less time than the solver starts in
        row, column = divmod(int(costs.argmin()), costs.shape[1])
        return [(row, column)] if costs[row, column] <= limit else []
    return assigned(costs, limit)


def match_boxes(boxes: FloatArray, known: FloatArray) -> IndexArray:
    """(N,) index of the known person that each detection is; -1 for a new one.

    Args:
        boxes: (N, 4) detections.
        known: (P, 4) predicted boxes of known people in the same frame.
    """
    owners = np.full(len(boxes), -1, dtype=np.intp)
    for box, person in assign(1 - center_map.overlaps(boxes, known), 1 - MIN_IOU):
        owners[box] = person
    return owners


def appearance_of(frame: ImageArray, poses: Sequence[Pose]) -> FloatArray | None:
    """The colours of people's torsos, row by row from the shoulders to the hips.

    Args:
        frame: (H, W, 3) uint8, BGR.
        poses: P of them, joints in its pixels; beyond the frame's edge the edge counts.

    Returns:
        (P, 5, 3) brightness, blue less brightness, and red less brightness; None if the poses'
        skeleton lacks a shoulder or a hip: then joints alone tell people apart.
    """
    if not poses:
        return np.zeros((0, len(DOWN), 3))
    torso = poses[0].skeleton.torso
    if torso is None:
        return None
    joints = np.array([pose.joints for pose in poses])
    corners = joints[:, torso].reshape(-1, 2, 2, 2)  # by shoulders and hips, left and right
    points = np.einsum("dy,ax,pyxc->pdac", _DOWN, _ACROSS, corners)
    edges = np.array(frame.shape[1::-1]) - 1
    columns, rows = np.moveaxis(points.clip(0, edges).astype(np.intp), -1, 0)
    bands = frame[rows, columns].mean(axis=2)
    brightness = bands.mean(axis=-1)
    opponents = bands[..., [0, 2]] - brightness[..., None]
    return np.concatenate([BRIGHTNESS_WEIGHT * brightness[..., None], opponents], axis=-1)


def appearance_distance(appearances: FloatArray, others: FloatArray) -> FloatArray:
    """(P, Q) distance of appearances in [0, 1]; 1 is certainly another person.

    The median over the rows: a hand before the torso changes only some.

    Args:
        appearances: (P, 5, 3).
        others: (Q, 5, 3).
    """
    apart = np.linalg.norm(appearances[:, None] - others[None], axis=-1)
    median = np.sort(apart, axis=-1)[..., len(DOWN) // 2]
    return np.asarray(((median - SAME_COLOUR) / (OTHER_COLOUR - SAME_COLOUR)).clip(0, 1))


def is_familiar(appearance: FloatArray, other: FloatArray) -> bool:
    """Whether two appearances (5, 3) are of one person."""
    return appearance_distance(appearance[None], other[None]).item() <= FAMILIAR


@dataclass(frozen=True, eq=False)
class LostTracks:
    """Those who were tracked and are not seen now.

    Attributes:
        boxes: (L, 4) predicted, image pixels.
        unseen_for: (L,) s.
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
    """(T + L, P) cost of assigning each pose to each of T tracked and L lost people.

    Args:
        motion: (T, P) of `association.motion_cost`.
        lost: L lost people.
        known: (5, 3) appearance of each of the T + L people; None while unknown.
        found: P poses.
        appearances: (P, 5, 3) of the poses; None if they were not needed.
        is_sure: (P,) which poses score enough to be a person: others cannot be a lost one.
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
    """(L, P), by how familiar each pose looks to each lost person."""
    reach = REACH + REACH_SPEED * lost.unseen_for[:, None] + FAMILIAR_REACH * familiar
    costs = return_cost(lost.boxes, found.boxes, reach)
    return np.asarray(RETURN_COST + (1 - RETURN_COST) * costs)


def is_isolated(boxes: FloatArray, lost: FloatArray) -> BoolArray:
    """(P,) which people have nobody near, so that what is seen there is theirs.

    Args:
        boxes: (P, 4) of those who are seen, image pixels.
        lost: (L, 4) predicted boxes of those who are not.
    """
    everybody = np.concatenate([boxes, lost])
    return np.asarray((center_map.overlaps(boxes, everybody) > NEAR_IOU).sum(axis=1) <= 1)


def _shares(places: Sequence[float]) -> FloatArray:
    """(N, 2) of the one end and of the other."""
    return np.stack([1 - np.array(places), np.array(places)], axis=-1)


_DOWN, _ACROSS = _shares(DOWN), _shares(ACROSS)

"""Who is who: likeness of people in two frames or two crops, and the best assignment by it.

Functions of arrays: P people on the one side, Q on the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mobilepose_core import crop, people_map, skeleton
from mobilepose_core.inference.assignment import assigned
from mobilepose_core.inference.pose import Pose, boxes_of

Floats = npt.NDArray[np.floating[Any]]

SAME_SPREAD = 0.12
"""Joints of one person in two crops of a frame lie apart by so much of the person's length."""

MOVED_SPREAD = 0.2
"""Joints of one person lie so far from where they were expected in the next frame."""

SAME = 0.3
"""Likeness from which two poses of a frame are of one person.

Where people cross, the crop around the one behind begins to show joints of the one in front.
"""

UNLIKE = 0.2
"""Likeness below which someone in the next frame is somebody else."""

RESIZED = 0.7
"""Logarithm of how much larger or smaller someone may come back."""

EXPLAINED = 0.3
"""IoU from which a box may be around a person who is known."""

SHORTEST = 32.0
"""Joints of people who are smaller than this are not told apart more finely, pixels."""

MIN_WEIGHT = 0.05
"""Joints that score nothing on either side still say a little."""


@dataclass(frozen=True, eq=False)
class People:
    """Several people's joints as arrays.

    Attributes:
        joints: (P, 11, 2) image pixels.
        scores: (P, 11).
        boxes: (P, 4) image pixels.
    """

    joints: Floats
    scores: Floats
    boxes: Floats

    def __len__(self) -> int:
        return len(self.joints)

    @staticmethod
    def of(poses: Sequence[Pose]) -> People:
        """Those of some poses."""
        return People(
            np.array([pose.joints for pose in poses]).reshape(-1, skeleton.JOINT_COUNT, 2),
            np.array([pose.scores for pose in poses]).reshape(-1, skeleton.JOINT_COUNT),
            boxes_of(poses),
        )


def likeness(people: People, others: People, spread: float) -> Floats:
    """(P, Q) how well joints agree, in [0, 1]: COCO's object keypoint similarity.

    Joints count by the scores of both sides, and distances by the smaller person's length.

    Args:
        people: in image pixels.
        others: likewise.
        spread: distance at which a joint's likeness is e^-1/2, in lengths of a person's box.
    """
    apart = people.joints[:, None] - others.joints[None]
    lengths = np.fmin(_lengths(people.boxes)[:, None], _lengths(others.boxes))
    far = np.add.reduce(apart * apart, axis=-1)
    alike = np.exp(far / (-2 * spread**2 * (lengths * lengths)[..., None]))
    weights = np.sqrt(people.scores[:, None] * others.scores[None]) + MIN_WEIGHT
    agreeing = np.add.reduce(weights * alike, axis=-1)
    return np.asarray(agreeing / np.add.reduce(weights, axis=-1))


def step_cost(expected: People, found: People) -> Floats:
    """(P, Q) of taking who was found for who was expected in this frame; up to 1 that is possible.

    Args:
        expected: in image pixels.
        found: likewise.
    """
    return np.asarray((1 - likeness(expected, found, MOVED_SPREAD)) / (1 - UNLIKE))


def return_cost(expected: Floats, found: Floats, reach: Floats) -> Floats:
    """(P, Q) of taking who was found for who was not seen for a while; up to 1 that is possible.

    By place and size: a pose changes meanwhile.

    Args:
        expected: (P, 4) boxes, image pixels.
        found: (Q, 4) likewise.
        reach: (P, Q) how far from their place they may be, in lengths of their box.
    """
    apart = np.linalg.norm(crop.middles(expected)[:, None] - crop.middles(found), axis=-1)
    lengths = _lengths(expected)
    far = apart / (lengths[:, None] * reach)
    resized = np.abs(np.log(lengths[:, None] / _lengths(found)))
    return np.asarray(far + resized / RESIZED)


def matched(costs: Floats) -> tuple[list[tuple[int, int]], list[int], list[int]]:
    """Pairs of rows and columns of least cost in all, none dearer than 1, and those left over."""
    pairs = assigned(costs, 1.0)
    rows, columns = {row for row, _ in pairs}, {column for _, column in pairs}
    return (
        pairs,
        [row for row in range(costs.shape[0]) if row not in rows],
        [column for column in range(costs.shape[1]) if column not in columns],
    )


def without_doubles(poses: Sequence[Pose]) -> list[Pose]:
    """The poses, the surest first, without those that are of someone surer."""
    return [poses[index] for index in singles(poses)]


def singles(poses: Sequence[Pose]) -> list[int]:
    """Indices of the poses, the surest first, without those that are of someone surer."""
    order = sorted(range(len(poses)), key=lambda index: -poses[index].score)
    if len(poses) < 2:
        return order
    people = People.of(poses)
    alike = likeness(people, people, SAME_SPREAD) >= SAME
    kept: list[int] = []
    for index in order:
        if not alike[index, kept].any():
            kept.append(index)
    return kept


def explained(boxes: Floats, known: Floats) -> npt.NDArray[np.intp]:
    """(N,) which known person each box is around; -1 for that of a stranger.

    Args:
        boxes: (N, 4) that were found.
        known: (P, 4) boxes of people who are known, in the same frame.
    """
    owners = np.full(len(boxes), -1, dtype=np.intp)
    for box, person in assigned(1 - people_map.overlaps(boxes, known), 1 - EXPLAINED):
        owners[box] = person
    return owners


def _lengths(boxes: Floats) -> Floats:
    """(P,) the longer side of each box (P, 4), image pixels, `SHORTEST` at least."""
    return np.asarray(np.fmax.reduce(boxes[:, 2:] - boxes[:, :2], axis=1, initial=SHORTEST))

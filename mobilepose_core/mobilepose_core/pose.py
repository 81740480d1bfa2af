"""People in one image: their joints (`Pose`), or boxes around them (`PersonBoxes`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from mobilepose_core import skeleton
from mobilepose_core.typing import BoolArray, Float32Array, FloatArray, IndexArray

UNTRACKED = -1

BOX_SCORE = 0.1
"""Joints below this score do not count for a person's box."""

SAME_FRAME_SPREAD = 0.12
"""Joints of one person in two crops of a frame differ by so much of the person's length."""

DUPLICATE_SIMILARITY = 0.3
"""Similarity from which two poses in a frame are the same person.

Where people cross, the crop around the one behind begins to show joints of the one in front.
"""

SHORTEST = 32.0
"""People who are smaller than this are compared as if they were as long, pixels."""

MIN_WEIGHT = 0.05
"""Weight of joints that score nothing on either side."""

UPPER_BODY = 0.6
"""Share of a standing body's height down to its hips, with room for hands that hang."""

WIDEST = 1.2
"""An upper body is at least so many times as high as wide: a lower box is not a whole body's."""


@dataclass(frozen=True, eq=False)
class Pose:
    """One person's joints.

    Attributes:
        joints: (11, 2) float32 x, y in image pixels, canonical order, always all of them.
        scores: (11,) float32 in [0, 1].
        track_id: the same for the same person from frame to frame; -1 if not tracked.
        features: (C,) float32, the network's features averaged over the crop; None if the network
            does not give them.
        score: the mean of the joints' scores, in [0, 1].
        box: (4,) x0, y0, x1, y1 in image pixels around the joints that were seen, or around all.
        center: (2,) of the box, image pixels.
    """

    joints: Float32Array
    scores: Float32Array
    track_id: int = UNTRACKED
    features: Float32Array | None = None
    score: float = field(init=False)
    box: Float32Array = field(init=False)
    center: Float32Array = field(init=False)

    def __post_init__(self) -> None:
        seen = self.joints[self.scores >= BOX_SCORE]
        points = seen if len(seen) > 1 else self.joints
        box = np.empty(4, np.float32)
        box[:2], box[2:] = np.fmin.reduce(points), np.fmax.reduce(points)
        derived = {
            "score": float(sum(self.scores.tolist()) / len(self.scores)),
            "box": box,
            "center": (box[:2] + box[2:]) / 2,
        }
        vars(self).update(derived)

    def __getitem__(self, name: str) -> tuple[float, float, float]:
        """x, y in image pixels and score of one joint.

        Raises:
            KeyError: no joint of that name.
        """
        if name not in skeleton.INDEX:
            raise KeyError(f"joint {name!r} unknown; known: {', '.join(skeleton.JOINTS)}")
        index = skeleton.INDEX[name]
        x, y = self.joints[index]
        return float(x), float(y), float(self.scores[index])

    def __iter__(self) -> Iterator[tuple[str, float, float, float]]:
        """Name, x, y and score of every joint, in canonical order."""
        return ((name, *self[name]) for name in skeleton.JOINTS)

    def with_id(self, track_id: int) -> Pose:
        """The same pose with an ID."""
        pose = object.__new__(Pose)
        vars(pose).update(vars(self), track_id=track_id)
        return pose

    def to_dict(self) -> dict[str, object]:
        """As plain values, for JSON."""
        return {
            "track_id": self.track_id,
            "score": round(self.score, 4),
            "joints": [
                {"name": name, "x": round(x, 2), "y": round(y, 2), "score": round(score, 4)}
                for name, x, y, score in self
            ],
        }


@dataclass(frozen=True, eq=False)
class PersonBoxes:
    """Boxes around people in a frame, as a detector gives them.

    Attributes:
        boxes: (N, 4) float32 x0, y0, x1, y1 in image pixels.
        scores: (N,) float32 in [0, 1].
        of_bodies: whether the boxes are around whole bodies, as most detectors give them, or around
            the joints from eyes to hips, as a person's box is meant everywhere else here.
        sure_from: score from which a detection counts by itself; below it the pose decides.
    """

    boxes: Float32Array
    scores: Float32Array
    of_bodies: bool = False
    sure_from: float = 0.0

    def __post_init__(self) -> None:
        if self.boxes.ndim != 2 or self.boxes.shape[1] != 4:
            raise ValueError(f"boxes are (N, 4) x0, y0, x1, y1, got {self.boxes.shape}")
        if self.scores.shape != self.boxes.shape[:1]:
            raise ValueError(
                f"{len(self.boxes)} boxes have as many scores, got {self.scores.shape}"
            )

    def __len__(self) -> int:
        return len(self.boxes)

    def __getitem__(self, indices: Sequence[int] | npt.NDArray[np.integer]) -> PersonBoxes:
        """Some of the boxes."""
        chosen = np.asarray(indices, dtype=np.intp)
        return replace(self, boxes=self.boxes[chosen], scores=self.scores[chosen])

    def best(self, among: IndexArray, count: int) -> PersonBoxes:
        """At most `count` of the boxes with indices `among`, the highest score first."""
        order = np.argsort(-self.scores[among], kind="stable")
        return self[among[order[:count]]]

    @property
    def are_sure(self) -> BoolArray:
        """(N,) whether each detection counts by itself."""
        return self.scores >= self.sure_from

    def of_joints(self) -> PersonBoxes:
        """The boxes around the joints, approximately; invalid boxes are left out.

        The joints from eyes to hips fill the upper part of a standing body, and more of one that
        sits or is cut off by the frame.
        """
        is_valid = np.isfinite(self.boxes).all(axis=1)
        is_valid &= (self.boxes[:, 2:] >= self.boxes[:, :2]).all(axis=1)
        valid = self[np.flatnonzero(is_valid)]
        if not self.of_bodies:
            return valid
        boxes = valid.boxes
        width, height = (boxes[:, 2:] - boxes[:, :2]).T
        upper = np.minimum(height, np.maximum(UPPER_BODY * height, WIDEST * width))
        of_joints = np.column_stack([boxes[:, :3], boxes[:, 1] + upper]).astype(np.float32)
        return replace(valid, boxes=of_joints, of_bodies=False)


def no_boxes() -> PersonBoxes:
    """No detections."""
    return PersonBoxes(np.zeros((0, 4), np.float32), np.zeros(0, np.float32))


def boxes_of(poses: Sequence[Pose]) -> Float32Array:
    """(P, 4) x0, y0, x1, y1 in image pixels of some poses."""
    return np.array([pose.box for pose in poses], dtype=np.float32).reshape(-1, 4)


@dataclass(frozen=True, eq=False)
class PoseArrays:
    """Several poses as arrays.

    Attributes:
        joints: (P, 11, 2) image pixels.
        scores: (P, 11).
        boxes: (P, 4) image pixels.
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
            np.array([pose.joints for pose in poses]).reshape(-1, skeleton.JOINT_COUNT, 2),
            np.array([pose.scores for pose in poses]).reshape(-1, skeleton.JOINT_COUNT),
            boxes_of(poses),
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


def distinct(poses: Sequence[Pose], least_score: float) -> list[Pose]:
    """The poses of at least that score, best first, without duplicates of better ones."""
    chosen = [pose for pose in poses if pose.score >= least_score]
    return [chosen[index] for index in pose_nms(chosen)]


def box_lengths(boxes: FloatArray) -> FloatArray:
    """(P,) the longer side of each box (P, 4), image pixels, `SHORTEST` at least."""
    return np.asarray(np.fmax.reduce(boxes[:, 2:] - boxes[:, :2], axis=1, initial=SHORTEST))

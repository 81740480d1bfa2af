"""People in one image: their joints (`Pose`), or boxes around them (`PersonBoxes`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from mobilepose_core.skeleton import UPPER_BODY_11, Skeleton
from mobilepose_core.typing import BoolArray, Float32Array, IndexArray

UNTRACKED = -1

BOX_SCORE = 0.1
"""Joints below this score do not count for a person's box."""

UPPER_BODY = 0.6
"""Share of a standing body's height down to its hips, with room for hands that hang."""

WIDEST = 1.2
"""Smallest ratio of height to width of an upper body: a lower box is not a whole body's."""


@dataclass(frozen=True, eq=False)
class Pose:
    """One person's joints, as many as the skeleton has.

    Attributes:
        joints: (K, 2) float32 x, y in image pixels, in the skeleton's order, always all of them.
        scores: (K,) float32 in [0, 1].
        track_id: the same for the same person from frame to frame; -1 if not tracked.
        features: (C,) float32, the network's features averaged over the crop; None if the network
            does not give them.
        skeleton: names the K joints.
        detection: (4,) the box, image pixels, by which the person was looked for; None where the
            joints tell by themselves where a person is.
        score: the mean of the joints' scores, in [0, 1].
        box: (4,) x0, y0, x1, y1 in image pixels around the joints that were seen, or around all.
        center: (2,) of the box, image pixels.
        upper_body: (4,) likewise around the joints from eyes to hips, as detectors mean a person's
            box; the detection if there is one.

    Raises:
        ValueError: there are more or fewer joints than the skeleton has.
    """

    joints: Float32Array
    scores: Float32Array
    track_id: int = UNTRACKED
    features: Float32Array | None = None
    skeleton: Skeleton = UPPER_BODY_11
    detection: Float32Array | None = None
    score: float = field(init=False)
    box: Float32Array = field(init=False)
    center: Float32Array = field(init=False)
    upper_body: Float32Array = field(init=False)

    def __post_init__(self) -> None:
        count = len(self.skeleton.joints)
        if not len(self.joints) == len(self.scores) == count:
            raise ValueError(
                f"a pose of skeleton {self.skeleton.name} has {count} joints and scores, got "
                f"{len(self.joints)} and {len(self.scores)}"
            )
        box = upper_body = _box_of_seen(self.joints, self.scores)
        if self.detection is not None:
            upper_body = self.detection
        elif self.skeleton.exceeds_upper_body:
            chosen = list(self.skeleton.upper_body)
            upper_body = _box_of_seen(self.joints[chosen], self.scores[chosen])
        derived = {
            "score": float(sum(self.scores.tolist()) / len(self.scores)),
            "box": box,
            "center": (box[:2] + box[2:]) / 2,
            "upper_body": upper_body,
        }
        vars(self).update(derived)

    def __getitem__(self, name: str) -> tuple[float, float, float]:
        """x, y in image pixels and score of one joint.

        Raises:
            KeyError: no joint of that name.
        """
        index = self.skeleton.index.get(name)
        if index is None:
            raise KeyError(f"joint {name!r} unknown; known: {', '.join(self.skeleton.joints)}")
        x, y = self.joints[index]
        return float(x), float(y), float(self.scores[index])

    def __iter__(self) -> Iterator[tuple[str, float, float, float]]:
        """Name, x, y and score of every joint, in the skeleton's order."""
        return ((name, *self[name]) for name in self.skeleton.joints)

    @property
    def seen(self) -> BoolArray:
        """(K,) whether each joint scores high enough to count for `box`."""
        return self.scores >= BOX_SCORE

    def with_id(self, track_id: int) -> Pose:
        """The same pose with an ID."""
        pose = object.__new__(Pose)
        vars(pose).update(vars(self), track_id=track_id)
        return pose

    def found_at(self, detection: Float32Array) -> Pose:
        """The same pose, of a person who was looked for by a box (4,), image pixels."""
        pose = object.__new__(Pose)
        vars(pose).update(vars(self), detection=detection, upper_body=detection)
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
            the joints from eyes to hips, that define the person box everywhere else here.
        sure_from: score from which a detection counts by itself; below it the pose decides.
        bodies: (N, 4) around the whole bodies, where `boxes` were made of such; else None.
    """

    boxes: Float32Array
    scores: Float32Array
    of_bodies: bool = False
    sure_from: float = 0.0
    bodies: Float32Array | None = None

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
        bodies = None if self.bodies is None else self.bodies[chosen]
        return replace(self, boxes=self.boxes[chosen], scores=self.scores[chosen], bodies=bodies)

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
        return replace(valid, boxes=of_joints, of_bodies=False, bodies=boxes)


def no_boxes() -> PersonBoxes:
    """No detections."""
    return PersonBoxes(np.zeros((0, 4), np.float32), np.zeros(0, np.float32))


def boxes_of(poses: Sequence[Pose]) -> Float32Array:
    """(P, 4) x0, y0, x1, y1 in image pixels of the upper bodies of some poses."""
    return np.array([pose.upper_body for pose in poses], dtype=np.float32).reshape(-1, 4)


def _box_of_seen(joints: Float32Array, scores: Float32Array) -> Float32Array:
    """(4,) around those joints (K, 2) that were seen, or around all if fewer than two were."""
    seen = joints[scores >= BOX_SCORE]
    points = seen if len(seen) > 1 else joints
    box = np.empty(4, np.float32)
    box[:2], box[2:] = np.fmin.reduce(points), np.fmax.reduce(points)
    return box

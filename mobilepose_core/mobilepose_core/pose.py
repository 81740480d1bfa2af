"""People in one image: their joints (`Pose`), or boxes around them (`PersonBoxes`).

Also what crops are fitted to, and their appearance: the colours of their torsos, which tell them
apart when they cross.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from mobilepose_core import crop
from mobilepose_core.errors import MobilePoseError
from mobilepose_core.skeleton import UPPER_BODY_11, Skeleton
from mobilepose_core.typing import (
    AnyArray,
    BoolArray,
    Float32Array,
    FloatArray,
    ImageArray,
    IndexArray,
)

UNTRACKED = -1

BOX_SCORE = 0.1
"""Joints below this score do not count for a person's box."""

LOWER_BORDER = 0.05
"""Share of a frame's height from the lower border within which the lowest joint of somebody lies
whom the border cuts off."""

CUT_SHARE = 0.5
"""Share of the person threshold that suffices for them: most joints of a close-up are out of the
picture."""

UPPER_BODY = 0.6
"""Share of a standing body's height down to its hips, with room for hands that hang."""

WIDEST = 1.2
"""Smallest ratio of height to width of an upper body: a lower box is not a whole body's."""

DOWN = (0.1, 0.3, 0.5, 0.7, 0.9)
"""Rows of the torso that are sampled, from shoulders to hips, in torso lengths."""

ACROSS = (0.2, 0.35, 0.5, 0.65, 0.8)
"""Columns of the torso that are sampled, from side to side; hanging arms are left out."""

SAME_COLOUR, OTHER_COLOUR = 12.0, 50.0
"""Colour distances, grey levels: typical of one person in two frames, and of two people."""

BRIGHTNESS_WEIGHT = 0.5
"""Weight of brightness, which changes in shadows, relative to colour."""

FAMILIAR = 0.3
"""Appearance distance up to which two appearances match."""

NEAR_IOU = 0.03
"""IoU of two people's boxes from which one may show in the other's crop."""


@dataclass(frozen=True, eq=False)
class Pose:
    """One person's joints, as many as the skeleton has; lists of numbers become arrays.

    Attributes:
        joints: (K, 2) float32 x, y in image pixels, in the skeleton's order, always all of them.
        scores: (K,) float32 in [0, 1].
        track_id: the same for the same person from frame to frame; -1 if not tracked.
        features: (C,) float32, the network's features averaged over the crop, or over both crops of
            a new detection; None if the network does not give them.
        skeleton: names the K joints.
        detection: (4,) the box, image pixels, by which the person was looked for; None where the
            joints tell by themselves where a person is.
        heading: (2,) float32, cosine and sine of the torso's turn from the camera, as in
            `mobilepose_core.heading`: shorter than 1 where the network is unsure; None if it does
            not tell.
        frame_height: of the frame that shows the person, pixels; None if unknown.
        score: the mean of the joints' scores, in [0, 1].
        person_score: what has to reach the person threshold: the score, or twice as much for
            somebody cut off by the lower border of the frame, most of whose joints are below it.
        box: (4,) x0, y0, x1, y1 in image pixels around the joints that were seen, or around all.
        center: (2,) of the box, image pixels.
        upper_body: (4,) likewise around the joints from eyes to hips, as detectors mean a person's
            box; the detection if there is one.

    Raises:
        MobilePoseError: there are more or fewer joints than the skeleton has, or they are no x, y.
    """

    joints: Float32Array
    scores: Float32Array
    track_id: int = UNTRACKED
    features: Float32Array | None = None
    skeleton: Skeleton = UPPER_BODY_11
    detection: Float32Array | None = None
    heading: Float32Array | None = None
    frame_height: int | None = None
    score: float = field(init=False)
    person_score: float = field(init=False)
    box: Float32Array = field(init=False)
    center: Float32Array = field(init=False)
    upper_body: Float32Array = field(init=False)

    def __post_init__(self) -> None:
        _make_arrays(self, "joints", "scores", "detection", "heading", "features")
        count = len(self.skeleton.joints)
        if not self.joints.shape[:1] == self.scores.shape == (count,):
            raise MobilePoseError(
                f"a pose of skeleton {self.skeleton.name} has {count} joints and scores, got "
                f"{_count(self.joints)} and {_count(self.scores)}"
            )
        if self.joints.shape != (count, 2):
            raise MobilePoseError(f"joints are (K, 2) x, y, got {self.joints.shape}")
        box = upper_body = _box_of_seen(self.joints, self.scores)
        if self.detection is not None:
            upper_body = self.detection
        elif self.skeleton.exceeds_upper_body:
            chosen = list(self.skeleton.upper_body)
            upper_body = _box_of_seen(self.joints[chosen], self.scores[chosen])
        score = float(sum(self.scores.tolist()) / len(self.scores))
        height = self.frame_height
        is_cut = height is not None and bool(box[3] >= (1 - LOWER_BORDER) * height)
        derived = {
            "score": score,
            "person_score": score / CUT_SHARE if is_cut else score,
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
    """Boxes around people in a frame, as a detector gives them; lists of numbers become arrays.

    Attributes:
        boxes: (N, 4) float32 x0, y0, x1, y1 in image pixels.
        scores: (N,) float32 in [0, 1].
        of_bodies: whether the boxes are around whole bodies, as most detectors give them, or around
            the joints from eyes to hips, that define the person box everywhere else here.
        sure_from: score from which a detection counts by itself; below it the pose decides.
        bodies: (N, 4) around the whole bodies, where `boxes` were made of such; else None.

    Raises:
        MobilePoseError: the arrays have other shapes.
    """

    boxes: Float32Array
    scores: Float32Array
    of_bodies: bool = False
    sure_from: float = 0.0
    bodies: Float32Array | None = None

    def __post_init__(self) -> None:
        _make_arrays(self, "boxes", "scores", "bodies")
        for name in ("boxes", "bodies"):
            if getattr(self, name) is not None and getattr(self, name).shape == (0,):
                vars(self)[name] = np.zeros((0, 4), np.float32)  # of an empty list
        if self.boxes.ndim != 2 or self.boxes.shape[1] != 4:
            raise MobilePoseError(f"boxes are (N, 4) x0, y0, x1, y1, got {self.boxes.shape}")
        if self.scores.shape != self.boxes.shape[:1]:
            raise MobilePoseError(
                f"{len(self.boxes)} boxes have as many scores, got {self.scores.shape}"
            )
        if self.bodies is not None and self.bodies.shape != self.boxes.shape:
            raise MobilePoseError(
                f"{len(self.boxes)} boxes have as many bodies, got {self.bodies.shape}"
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


def _make_arrays(owner: object, *names: str) -> None:
    """Makes float32 arrays of attributes that are lists or of whole numbers; None stays."""
    for name in names:
        value = vars(owner)[name]
        is_array = isinstance(value, np.ndarray) and value.dtype.kind == "f"
        if value is not None and not is_array:
            vars(owner)[name] = _array_of(name, value)


def _array_of(name: str, value: object) -> Float32Array:
    try:
        return np.asarray(value, np.float32)
    except (TypeError, ValueError) as error:
        raise MobilePoseError(
            f"{name} are an array of numbers, or lists of equal length, got {value!r}"
        ) from error


def _count(array: AnyArray) -> int | str:
    """How many entries an array has, or its shape if it is another kind of array."""
    return len(array) if array.ndim else f"shape {array.shape}"


def no_boxes() -> PersonBoxes:
    """No detections."""
    return PersonBoxes(np.zeros((0, 4), np.float32), np.zeros(0, np.float32))


def boxes_of(poses: Sequence[Pose]) -> Float32Array:
    """(P, 4) x0, y0, x1, y1 in image pixels of the upper bodies of some poses."""
    return np.array([pose.upper_body for pose in poses], dtype=np.float32).reshape(-1, 4)


def body_box(pose: Pose, legs: float) -> Float32Array:
    """(4,) the box of a pose that crops are fitted to, image pixels.

    Args:
        pose: its upper body counts, with `legs` its whole body, as far as joints tell.
        legs: see `Framing.legs`.
    """
    if not legs:
        return pose.upper_body
    if pose.skeleton.spans_body:
        return pose.box
    whole: Float32Array = _with_legs(pose.upper_body[None], legs, np.inf)[0]
    return whole


def body_boxes(people: PersonBoxes, legs: float, height: int) -> Float32Array:
    """(N, 4) the boxes that first crops of detected people are fitted to, image pixels.

    Whole bodies are where the detector says so; otherwise legs are expected below upper bodies, as
    far as the image goes. Of 291 people in photographs of COCO that our detector finds, 91 % lie
    whole in such a crop, with legs of 1.0 85 %. Of those with ankles 85 % have the size, up to a
    factor of 1.4, that a crop fitted to all joints gives them; recropping corrects it.

    Args:
        people: with boxes of upper bodies.
        legs: see `Framing.legs`.
        height: of the image, pixels.
    """
    if not legs:
        return people.boxes
    return _with_legs(people.boxes, legs, height - 1) if people.bodies is None else people.bodies


def _with_legs(boxes: Float32Array, legs: float, lowest: float) -> Float32Array:
    """(N, 4) upper bodies with the legs that are expected below, down to `lowest`."""
    whole = boxes.copy()
    lengths = np.fmax.reduce(boxes[:, 2:] - boxes[:, :2], axis=1)
    below = np.fmin(boxes[:, 3] + legs * lengths, lowest)
    whole[:, 3] = np.fmax(boxes[:, 3], below)
    return whole


def _box_of_seen(joints: Float32Array, scores: Float32Array) -> Float32Array:
    """(4,) around those joints (K, 2) that were seen, or around all if fewer than two were."""
    seen = joints[scores >= BOX_SCORE]
    points = seen if len(seen) > 1 else joints
    box = np.empty(4, np.float32)
    box[:2], box[2:] = np.fmin.reduce(points), np.fmax.reduce(points)
    return box


def appearance_of(frame: ImageArray, poses: Sequence[Pose]) -> FloatArray | None:
    """The colours of people's torsos, row by row from the shoulders to the hips.

    Args:
        frame: (H, W, 3) uint8, BGR.
        poses: P of them, joints in image pixels; points outside the frame are clamped to it.

    Returns:
        (P, 5, 3) brightness, blue minus brightness, and red minus brightness; None if the poses'
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

    The median over the rows is robust against a hand in front of the torso.

    Args:
        appearances: (P, 5, 3).
        others: (Q, 5, 3).
    """
    apart = np.linalg.norm(appearances[:, None] - others[None], axis=-1)
    median = np.sort(apart, axis=-1)[..., len(DOWN) // 2]
    return np.asarray(((median - SAME_COLOUR) / (OTHER_COLOUR - SAME_COLOUR)).clip(0, 1))


def is_familiar(appearance: FloatArray, other: FloatArray) -> bool:
    """Whether two appearances (5, 3) match."""
    return appearance_distance(appearance[None], other[None]).item() <= FAMILIAR


def is_isolated(boxes: FloatArray, lost: FloatArray) -> BoolArray:
    """(P,) which people are far from all others, so that their appearance is certainly theirs.

    Args:
        boxes: (P, 4) of the visible people, image pixels.
        lost: (L, 4) predicted boxes of lost tracks.
    """
    everyone = np.concatenate([boxes, lost])
    return np.asarray((crop.overlaps(boxes, everyone) > NEAR_IOU).sum(axis=1) <= 1)


def _shares(places: Sequence[float]) -> FloatArray:
    """(N, 2) weights of the two ends for linear interpolation."""
    return np.stack([1 - np.array(places), np.array(places)], axis=-1)


_DOWN, _ACROSS = _shares(DOWN), _shares(ACROSS)

"""Verification: the pose network confirms or rejects each detection.

The two networks make different errors: a coat on a hook has a person's outline, but no joints.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from mobilepose_core import crop
from mobilepose_core.inference.runtime import pose_interface
from mobilepose_core.pose import PersonBoxes, Pose, body_box, body_boxes, boxes_of, no_boxes
from mobilepose_core.typing import BoolArray, Float32Array, ImageArray

if TYPE_CHECKING:
    from mobilepose_core.inference.pose_model import PoseModel

RECROP_SHARE = 0.5
"""Share of both thresholds from which a detection is cropped again, around its pose.

In held-out photographs nobody is lost, and the pose network runs 0.5 times less in one without
people. A crop around the pose of a place without anybody would often show a person beside it.
"""

CENTER_SPREAD = 0.25
"""Distance from a region's centre, in its sides, at which a pose is likely another person's."""

PRESENCE_THRESHOLD = 0.25
"""Fused score of our detector and the pose network's presence from which a detection is a person.

From there on, the released `final` and `small` see 0.016 and 0.009 people in a held-out photograph
without any; `small` from 0.33 on 0.006, and it misses one in a hundred more of COCO's people.
"""

POSE_THRESHOLD = 0.5
"""Fused score of detector and pose from which an uncertain detection is a person, if the pose
network has calibrated scores but no presence."""

NOBODY, UNSURE_POSE = 0.03, 0.5
"""Presence and pose score below which nobody is there, whatever a user's own detector says.

Of random boxes in photographs without people, 6 % pass instead of 21 to 23 %; of people, also
hidden and tiny ones, 2 % less.
"""

CUT = 0.02
"""Share of a frame's height from the lower border within which a box ends that the border cuts off.
"""

PRESENCE_KEY = "mobilepose.presence"
"""Key of a presence in the metadata of a model's file."""

_LEAST_SCORE = 1e-3


class Verified(NamedTuple):
    """Confirmed detections.

    Attributes:
        boxes: mean of the detector's box and the box of the pose, whose errors are independent,
            with the scores of both fused.
        poses: one for each box.
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

    Each candidate is cropped again around its first pose, and the better pose is kept.

    Args:
        model: the pose network.
        frame: (H, W, 3) uint8, BGR.
        boxes: of the detections, around joints, image pixels.
        regions: in which the first poses were found.
        poses: found there, one for each detection.
        threshold: pose score from which a pose is a person's.
    """
    height = frame.shape[0]
    chosen = _promising(boxes, poses, threshold, model.presence, height)
    if not chosen:
        return Verified(no_boxes(), [])
    first, around = [poses[index] for index in chosen], [regions[index] for index in chosen]
    boxes = boxes[chosen]
    best = recrop(model, frame, around, first)
    scores, is_person = confirm(
        boxes, best, threshold, model.presence, model.calibration is not None, height
    )
    kept = np.flatnonzero(is_person).tolist()
    fused = PersonBoxes(mean_boxes_of(boxes.boxes, best), scores)
    return Verified(fused[kept], [best[index] for index in kept])


def first_poses(
    model: PoseModel, frame: ImageArray, people: PersonBoxes
) -> tuple[list[crop.Region], list[Pose]]:
    """The regions around detections in a frame, (H, W, 3) uint8 BGR, and the poses there."""
    regions = first_regions(model, frame, people)
    return regions, model(frame, regions, people.boxes)


def first_regions(
    model: PoseModel, frame: ImageArray, people: PersonBoxes, margin: float = crop.MARGIN
) -> list[crop.Region]:
    """Where a model looks for detected people in a frame, (H, W, 3) uint8 BGR."""
    framing = model.framing
    boxes = body_boxes(people, framing.legs, frame.shape[0])
    return crop.regions_around(boxes, margin, framing.aspect)


def recrop(
    model: PoseModel,
    frame: ImageArray,
    regions: Sequence[crop.Region],
    poses: Sequence[Pose],
) -> list[Pose]:
    """The better of two poses for each region: the first, and one from a crop that fits it.

    Its features are the mean of both crops': two views tell better than one who is a person.
    Poses that do not tell where a person is stay as they are: no crop can be fitted to them.

    Args:
        model: the pose network.
        frame: (H, W, 3) uint8, BGR.
        regions: in which the poses were found, image pixels.
        poses: one for each.
    """
    if not model.skeleton.spans_upper_body:
        return list(poses)
    boxes = np.array([body_box(pose, model.framing.legs) for pose in poses])
    again = model(frame, crop.regions_around(boxes, aspect=model.framing.aspect))
    return [
        _with_mean_features(max(pair, key=lambda p: p.score * _centrality(p, region)), pair)
        for *pair, region in zip(poses, again, regions, strict=True)
    ]


def confirm(
    boxes: PersonBoxes,
    poses: Sequence[Pose],
    threshold: float,
    presence: Presence | None,
    is_calibrated: bool,
    height: int,
) -> tuple[Float32Array, BoolArray]:
    """Fused scores (N,) of detections, and which of them are people.

    With a presence, the pose network decides on every detection of our detector. Otherwise it
    decides only on detections below `sure_from`, if its scores are calibrated. A user's own
    detector has none of these, and is overruled only where the pose is unsure and its presence
    sees nobody.

    Args:
        boxes: of the detections.
        poses: one for each detection.
        threshold: pose score from which a pose is a person's.
        presence: of the pose network, if it has one.
        is_calibrated: whether the poses' scores are probabilities.
        height: of the frame, pixels.
    """
    reach_threshold = _reach(threshold, poses)
    by_presence = _scores_by_presence(boxes, poses, presence, height)
    if by_presence is not None:
        is_person = (by_presence >= PRESENCE_THRESHOLD) & reach_threshold
        return by_presence, is_person
    pose_scores = scores_of(poses)
    scores = fuse_scores(boxes.scores, pose_scores) if is_calibrated else boxes.scores
    is_confirmed = (scores >= POSE_THRESHOLD) & reach_threshold & is_calibrated
    is_there = boxes.are_sure | is_confirmed
    if presence is not None and len(poses):
        chances = presence(features_of(poses), are_cut(boxes.boxes, height))
        is_there &= (pose_scores >= UNSURE_POSE) | (chances >= NOBODY)
    return scores, is_there


def _promising(
    boxes: PersonBoxes,
    poses: Sequence[Pose],
    threshold: float,
    presence: Presence | None,
    height: int,
) -> list[int]:
    """Indices of the detections that a second crop may confirm, by their first poses."""
    is_promising = _reach(RECROP_SHARE * threshold, poses)
    scores = _scores_by_presence(boxes, poses, presence, height)
    if scores is not None:
        is_promising &= scores >= RECROP_SHARE * PRESENCE_THRESHOLD
    return np.flatnonzero(is_promising).tolist()


def _reach(threshold: float, poses: Sequence[Pose]) -> BoolArray:
    """(N,) which poses reach a person threshold."""
    return np.array([pose.person_score >= threshold for pose in poses], bool)


def _scores_by_presence(
    boxes: PersonBoxes, poses: Sequence[Pose], presence: Presence | None, height: int
) -> Float32Array | None:
    """Fused scores (N,) if presence decides on the detections: on those of our detector."""
    if presence is None or boxes.sure_from <= 0 or not poses:
        return None
    cut = are_cut(boxes.boxes, height)
    return presence.fused(boxes.scores, scores_of(poses), features_of(poses), cut)


def mean_boxes_of(boxes: Float32Array, poses: Sequence[Pose]) -> Float32Array:
    """(N, 4) means of a detector's boxes and the boxes of their poses."""
    halfway: Float32Array = (boxes + boxes_of(poses)) / np.float32(2)
    return halfway


def are_cut(boxes: Float32Array, height: int) -> BoolArray:
    """(N,) who is cut off by the lower border of a frame of that height.

    Boxes (N, 4) are the detector's: those of poses end at the lowest joint that is visible.
    """
    return np.asarray(boxes[:, 3] >= (1 - CUT) * height)


def features_of(poses: Sequence[Pose]) -> Float32Array:
    """(N, C) pooled features of one or more poses; the network must give them."""
    return np.array([pose.features for pose in poses], np.float32)


def scores_of(poses: Sequence[Pose]) -> Float32Array:
    """(N,) scores of poses."""
    return np.array([pose.score for pose in poses], np.float32)


def fuse_scores(detected: Float32Array, posed: Float32Array) -> Float32Array:
    """(N,) probabilities of detections, from those of the detector and of the pose network.

    The product of the odds: both are taken as independent, with a prior of one half.
    """
    return _logistic(logits(detected) + logits(posed))


def logits(scores: Float32Array) -> Float32Array:
    """(N,) log odds of probabilities, which are limited to a thousand to one."""
    clipped = scores.clip(_LEAST_SCORE, 1 - _LEAST_SCORE)
    return np.asarray(np.log(clipped / (1 - clipped)), np.float32)


def _logistic(values: Float32Array) -> Float32Array:
    """(N,) the probabilities with some logits."""
    return np.asarray((1 + np.tanh(values / 2)) / 2, np.float32)


def _with_mean_features(pose: Pose, looks: Sequence[Pose]) -> Pose:
    """A pose with the mean features of several looks, if the network gives features."""
    if pose.features is None:
        return pose
    pose = copy(pose)
    vars(pose).update(features=np.mean(features_of(looks), axis=0))
    return pose


def _centrality(pose: Pose, region: crop.Region) -> float:
    """In (0, 1], how near a pose is to the centre of its region; other people are off-centre."""
    x, y = pose.center.tolist()
    apart = math.hypot(x - region.x, y - region.y) / region.side
    return math.exp(-((apart / CENTER_SPREAD) ** 2))


@dataclass(frozen=True)
class Fusion:
    """Combines the scores of detector, presence and pose into the probability of a person.

    logit(score) = detector * logit(found) + presence * logit(chance) + pose * logit(posed) +
    offset: logistic regression. By default, the product of the odds of the first two.

    Attributes:
        detector, presence, pose: >= 0, the weight of each.
        offset: any.

    Raises:
        ValueError: a factor is not finite, or negative.
    """

    detector: float = 1.0
    presence: float = 1.0
    pose: float = 0.0
    offset: float = 0.0

    def __post_init__(self) -> None:
        factors = list(asdict(self).values())
        if min(factors[:3]) < 0 or not np.isfinite(factors).all():
            raise ValueError(f"a factor of a fusion is not finite, or negative: {asdict(self)}")

    def __call__(
        self, found: Float32Array, chances: Float32Array, posed: Float32Array
    ) -> Float32Array:
        """(N,) probabilities of detections.

        Args:
            found: (N,) confidences of the detector.
            chances: (N,) of a person, by presence.
            posed: (N,) scores of the poses.
        """
        by_detector, by_presence = self.detector * logits(found), self.presence * logits(chances)
        return _logistic(by_detector + by_presence + self.pose * logits(posed) + self.offset)


@dataclass(frozen=True, eq=False)
class Presence:
    """The probability that a crop shows a person, to verify detections with.

    probability = logistic(weights . features + offset): logistic regression on the network's
    pooled features. They tell people from person-like objects better than heatmaps do: a coat on a
    hook has shoulders, too.

    Of somebody close up little more than a face may be visible. A regression for everybody then
    takes faces for nobody, or dogs for people: those whom the lower border cuts off have their own.

    Attributes:
        weights: (C,) float32, finite.
        offset: finite.
        of_cut: that of people whom the lower border of the frame cuts off; None for the same.
        fusion: combines it with the scores of the detector and the pose.

    Raises:
        ValueError: weights or offset are not finite, or the weights are not a vector.
    """

    weights: Float32Array
    offset: float
    of_cut: Presence | None = None
    fusion: Fusion = Fusion()

    def __post_init__(self) -> None:
        if self.weights.ndim != 1 or not np.isfinite([*self.weights, self.offset]).all():
            raise ValueError(f"expected (C,) finite weights and an offset, got {self}")
        if self.of_cut is not None and self.of_cut.weights.shape != self.weights.shape:
            raise ValueError(
                f"expected as many weights for people who are cut off, {self.weights.shape}, got "
                f"{self.of_cut.weights.shape}"
            )

    @classmethod
    def parse(cls, text: str) -> Presence:
        """The reverse of `str`.

        Raises:
            ModelError: the text is something else.
        """
        expected = (
            "JSON of a list of finite weights and an offset; export the model again, then run "
            "`mobilepose presence` on it"
        )
        return pose_interface.parsed_json(text, "presence", expected, cls._from_values)

    @classmethod
    def _from_values(cls, values: Mapping[str, Any]) -> Presence:
        of_cut = cls._from_values(values[_OF_CUT]) if _OF_CUT in values else None
        fusion = Fusion(**{name: float(value) for name, value in values.get(_FUSION, {}).items()})
        return cls(np.array(values["weights"], np.float32), float(values["offset"]), of_cut, fusion)

    def __str__(self) -> str:
        """As JSON."""
        return json.dumps(self._values())

    def _values(self) -> dict[str, Any]:
        weights = [round(float(weight), 5) for weight in self.weights]
        values: dict[str, Any] = {"weights": weights, "offset": round(self.offset, 4)}
        if self.fusion != Fusion():
            values[_FUSION] = {name: round(f, 4) for name, f in asdict(self.fusion).items()}
        return values if self.of_cut is None else {**values, _OF_CUT: self.of_cut._values()}

    def __call__(self, features: Float32Array, are_cut: BoolArray | None = None) -> Float32Array:
        """(N,) float32 probabilities in [0, 1].

        Args:
            features: (N, C).
            are_cut: (N,) whom the lower border of the frame cuts off; None for nobody.
        """
        chances = _logistic(features @ self.weights + np.float32(self.offset))
        if self.of_cut is None or are_cut is None:
            return chances
        return np.where(are_cut, self.of_cut(features), chances)

    def fused(
        self, found: Float32Array, posed: Float32Array, features: Float32Array, are_cut: BoolArray
    ) -> Float32Array:
        """(N,) float32 probabilities of a person, given the detector and the poses, too.

        Args:
            found: (N,) confidences of the detector.
            posed: (N,) scores of the poses.
            features: (N, C).
            are_cut: (N,) whom the lower border of the frame cuts off.
        """
        scores = self.fusion(found, self(features), posed)
        if self.of_cut is None:
            return scores
        return np.where(are_cut, self.of_cut.fused(found, posed, features, are_cut), scores)


_OF_CUT, _FUSION = "of_cut", "fusion"
"""Keys of these attributes in the JSON of a presence."""

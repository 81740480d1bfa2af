"""Composed videos: cutouts of real people move in front of real backgrounds.

The true joints and occlusions are known in every frame.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from mobilepose_core import crop, skeleton
from mobilepose_core.datasets import cutouts
from mobilepose_core.datasets.cutouts import Cutout
from mobilepose_core.evaluation.motions import MOTIONS, Motion, Stance, stand
from mobilepose_core.typing import BoolArray, Float32Array, Float64Array, ImageArray

NOISE = 2.0
"""Standard deviation of the camera noise, grey levels."""

HIDES = 0.5
"""Coverage of a pixel by another person from which the joint there is occluded."""

SEEN_JOINTS = 6
"""People with fewer visible joints do not count as missed."""


@dataclass(frozen=True, eq=False)
class TruePerson:
    """The ground truth of a person in a frame.

    Attributes:
        number: of the person, from 0.
        joints: (11, 2) image pixels.
        visible: (11,) which joints are inside the frame and not occluded.
        is_still: whether they stand throughout the video.
    """

    number: int
    joints: Float32Array
    visible: BoolArray
    is_still: bool

    @property
    def counts(self) -> bool:
        """Whether enough joints are visible for the person to count."""
        return int(self.visible.sum()) >= SEEN_JOINTS

    @property
    def box(self) -> Float32Array:
        """(4,) around all joints, image pixels."""
        return crop.box_of_joints(self.joints)


@dataclass(frozen=True, eq=False)
class Moment:
    """A frame with its ground truth.

    Attributes:
        frame: (H, W, 3) uint8 BGR.
        time: since the start of the video, s.
        people: those with at least one visible joint.
    """

    frame: ImageArray
    time: float
    people: list[TruePerson]


@dataclass(frozen=True, eq=False)
class MovingScene:
    """A composed video, rendered frame by frame.

    Attributes:
        background: (H, W, 3) uint8 BGR.
        people: cutouts.
        motions: of each person.
        still: which of them stand.
        seconds: length of the video.
        rate: frames per second.
        seed: of the camera noise.
    """

    background: ImageArray
    people: Sequence[Cutout]
    motions: Sequence[Motion]
    still: Sequence[bool]
    seconds: float
    rate: float
    seed: int

    def __len__(self) -> int:
        return round(self.seconds * self.rate)

    def __iter__(self) -> Iterator[Moment]:
        """The frames in order."""
        draw = np.random.default_rng(self.seed)
        height, width = self.background.shape[:2]
        for index in range(len(self)):
            time = index / self.rate
            frame = self.background.copy()
            stances = [motion(time) for motion in self.motions]
            order = np.argsort([stance.length for stance in stances], kind="stable")
            truth: list[TruePerson] = []
            for number in order.tolist():
                matrix = placed(self.people[number], stances[number], width, height)
                cover = cutouts.paste(frame, self.people[number], matrix)
                truth = [_behind(other, cover) for other in truth]
                joints = crop.transform(matrix, skeleton.select(self.people[number].joints))
                is_inside = np.asarray((joints >= 0).all(1) & (joints < (width, height)).all(1))
                truth.append(TruePerson(number, joints, is_inside, self.still[number]))
            noise = draw.normal(0, NOISE, frame.shape).astype(np.float32)
            noisy = np.clip(np.round(frame + noise), 0, 255).astype(np.uint8)
            yield Moment(noisy, time, [one for one in truth if one.visible.any()])


def compose(
    people: Sequence[Cutout],
    backgrounds: Sequence[ImageArray],
    number: int,
    seed: int,
    size: tuple[int, int],
    seconds: float,
    rate: float,
) -> MovingScene:
    """Composes a video: 1 to 5 people with random motions.

    Args:
        people: cutouts to choose from.
        backgrounds: (h, w, 3) uint8 pictures to choose from.
        number: of the video, from 0; the first has one person who stands.
        seed: shared by all videos.
        size: width and height of the frames, pixels.
        seconds: length of the video.
        rate: frames per second.
    """
    draw = np.random.default_rng([seed, number])
    count = 1 + number % MOST_PEOPLE
    kinds = draw.choice(len(MOTIONS), count)
    chosen = [stand if number == 0 else MOTIONS[kind] for kind in kinds]
    cast = draw.choice(len(people), count, replace=len(people) < count)
    width, height = size
    is_still = [kind is stand for kind in chosen]
    for _ in range(TRIES):
        motions = [kind(draw, seconds, width / height) for kind in chosen]
        if not _overlap_at_rest(motions, is_still, width / height):
            break
    return MovingScene(
        filling(backgrounds[int(draw.integers(len(backgrounds)))], width, height),
        [people[index] for index in cast],
        motions,
        is_still,
        seconds,
        rate,
        int(draw.integers(2**31)),
    )


MOST_PEOPLE = 5

TRIES = 100
"""Attempts to place the standing people; a narrow frame may be too small."""

STAND_APART = 0.4
"""Smallest distance between standing people, in lengths of the larger one's box."""


def _overlap_at_rest(motions: Sequence[Motion], is_still: Sequence[bool], aspect: float) -> bool:
    """Whether standing people occlude each other for the whole video."""
    places = sorted(
        (motion(0).x * aspect, motion(0).length)
        for motion, still in zip(motions, is_still, strict=True)
        if still
    )
    return any(
        right - left < STAND_APART * max(length, other)
        for (left, length), (right, other) in itertools.pairwise(places)
    )


def filling(picture: ImageArray, width: int, height: int) -> ImageArray:
    """The centre of a picture, scaled to cover a frame."""
    scale = max(width / picture.shape[1], height / picture.shape[0])
    offset = (np.array([width, height]) - scale * np.array(picture.shape[1::-1])) / 2
    matrix = np.array([[scale, 0, offset[0]], [0, scale, offset[1]]])
    flags = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    mode = cv2.BORDER_REPLICATE
    return np.asarray(
        cv2.warpAffine(picture, matrix, (width, height), flags=flags, borderMode=mode), np.uint8
    )


def placed(person: Cutout, stance: Stance, width: int, height: int) -> Float64Array:
    """(2, 3) affine from pixels of a cutout to pixels of a frame, for a stance."""
    x0, y0, x1, y1 = crop.box_of_joints(skeleton.select(person.joints))
    scale = stance.length * height / max(float(x1 - x0), float(y1 - y0))
    hips, _ = skeleton.torso_ends(person.joints)
    cos, sin = scale * np.cos(stance.lean), scale * np.sin(stance.lean)
    turn = np.array([[cos, -sin], [sin, cos]])
    offset = np.array([stance.x * width, stance.y * height]) - turn @ hips
    return np.column_stack([turn, offset])


def _behind(person: TruePerson, cover: Float32Array) -> TruePerson:
    """A person's ground truth after another person was pasted in front of them."""
    height, width = cover.shape
    columns, rows = np.round(person.joints).astype(int).T
    is_hidden = cover[rows.clip(0, height - 1), columns.clip(0, width - 1)] >= HIDES
    return TruePerson(person.number, person.joints, person.visible & ~is_hidden, person.is_still)

"""People who walk about on a floor, and what a camera on a robot sees of them.

Joints are off, depth has holes and noise, people hide one another, and the tracker exchanges the
IDs of some who meet. Who is where is known.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from benchmarks.behaving.positions import noisy_depth
from benchmarks.behaving.robot import Planar
from mobilepose_core.behaviour import Body, Pinhole, is_isolated, ranges
from mobilepose_core.evaluation.stick_figure import StickFigure
from mobilepose_core.skeleton import UPPER_BODY_11
from mobilepose_core.typing import BoolArray, Float64Array, FloatArray

WIDTH, HEIGHT = 640, 480
CAMERA = Pinhole.of_view(WIDTH, HEIGHT, 69)
CAMERA_HEIGHT = 1.1
FARTHEST = 8.0
"""People are detected up to here, m."""

NAMES = UPPER_BODY_11.joints
TORSO = [NAMES.index(f"{s}_{part}") for s in ("left", "right") for part in ("hip", "shoulder")]
PHASES = 8
STEP_LENGTH = 0.7

WIDER = 0.15
"""Bodies hide what is behind their joints' box and so far beside it, m."""

HOLES, GAPS, GAP_TIME = 0.15, 0.05, 0.5
"""Shares of joints and of time without depth, and how long such a time lasts, s."""

BACKGROUND = 0.02
"""Share of joints whose depth is that of something behind them."""

LOOK_NOISE, LIGHT = 4.0, 8.0
"""Of a person's colours, from image to image and from place to place, grey levels."""

MEETING, TRACK_TIMEOUT = 0.5, 2.0
"""Share of a width from which people meet; who was unseen for longer, s, has a new ID."""


@dataclass
class Walker:
    """One person.

    Attributes:
        at: where they are and which way they face.
        look: (5, 3) their colours, as `appearance_of` gives them.
        is_away: whether they are somewhere else, or behind a wall.
        has_depth: whether the depth image has no gap at them.
    """

    at: Planar
    look: FloatArray
    figures: Sequence[Float64Array]
    speed: float = 0.0
    is_away: bool = False
    has_depth: bool = True
    walked: float = 0.0
    slow_noise: Float64Array = field(default_factory=lambda: np.zeros((len(NAMES), 2)))

    @classmethod
    def drawn(cls, draw: np.random.Generator, at: Planar, look: FloatArray) -> Walker:
        """An adult who looks like that."""
        figure, strides = StickFigure.drawn(draw), np.sin(np.arange(PHASES) * 2 * np.pi / PHASES)
        joints = [figure.joints(stride=0.5 * float(one)) for one in strides]
        return cls(at, look, [np.array([one[name] for name in NAMES]) for one in joints])

    def step(self, time: float, turn: float = 0.0) -> None:
        """Walks on for so long, s, and turns by so many radians."""
        self.at.move(self.speed * time, turn)
        self.walked += self.speed * time

    @property
    def joints(self) -> Float64Array:
        """(11, 3) m in the world."""
        phase = int(self.walked / STEP_LENGTH * PHASES / 2) % PHASES
        cos, sin = math.cos(self.at.yaw), math.sin(self.at.yaw)
        turn = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])
        return np.asarray(self.figures[phase] @ turn.T + (self.at.x, self.at.y, 0.0))


@dataclass(frozen=True, eq=False)
class Sight:
    """A person in an image.

    Attributes:
        number: of the person.
        track_id: that the tracker gives.
        body: as it is found.
        look: (5, 3) as it is seen.
        is_isolated: see `mobilepose_core.behaviour.is_isolated`.
        box: (4,) pixels, of the joints.
    """

    number: int
    track_id: int
    body: Body
    look: FloatArray
    is_isolated: bool
    box: FloatArray


def colours(draw: np.random.Generator) -> Float64Array:
    """(5, 3) of somebody's clothes: two colours, one of which has the upper four rows."""
    bgr = draw.uniform(20, 235, (2, 3))[[0, 0, 0, 0, 1]]
    brightness = bgr.mean(axis=1, keepdims=True)
    return np.concatenate([0.5 * brightness, bgr[:, [0, 2]] - brightness], axis=1)


class Sensor:
    """The camera, the pose network and the tracker.

    Attributes:
        exchanges: how often the tracker exchanged IDs.
    """

    def __init__(self, draw: np.random.Generator, share: float, has_depth: bool) -> None:
        """Exchanges the IDs at a share of meetings."""
        self.exchanges = 0
        self._draw, self._share, self._has_depth = draw, share, has_depth
        self._ids: dict[int, int] = {}
        self._seen: dict[int, float] = {}
        self._meeting: set[frozenset[int]] = set()
        self._next = 1

    def look(self, time: float, robot: Planar, people: Sequence[Walker]) -> list[Sight]:
        """Everybody who is found in an image."""
        camera = robot.camera(CAMERA_HEIGHT)
        places = {
            number: (walker.joints - camera.place) @ camera.rotation
            for number, walker in enumerate(people)
            if not walker.is_away
        }
        order = sorted(places, key=lambda number: float(places[number][TORSO, 2].mean()))
        found: list[tuple[int, Float64Array, Float64Array, BoolArray]] = []
        hiding: list[FloatArray] = []
        spans: dict[int, tuple[float, float]] = {}
        for number in order:
            spots = places[number]
            if spots[:, 2].min() < 0.4:
                continue
            points = CAMERA.project(spots)
            spans[number] = float(points[:, 0].min()), float(points[:, 0].max())
            inside = ((points >= 0) & (points < (WIDTH, HEIGHT))).all(axis=1)
            hidden = np.zeros(len(points), np.bool_)
            for box in hiding:
                hidden |= ((points > box[:2]) & (points < box[2:])).all(axis=1)
            wider = WIDER * CAMERA.fx / spots[:, 2].mean()
            hiding.append(
                np.concatenate([points.min(axis=0) - wider, (points.max(axis=0)[0] + wider, 1e4)])
            )
            visible = inside & ~hidden
            if visible[TORSO].sum() >= 2 and spots[TORSO, 2].mean() <= FARTHEST:
                found.append((number, spots, points, visible))
        self._exchange({number for number, *_ in found}, _meeting(spans))
        return self._tracked(time, people, found)

    def _tracked(
        self,
        time: float,
        people: Sequence[Walker],
        found: Sequence[tuple[int, Float64Array, Float64Array, BoolArray]],
    ) -> list[Sight]:
        boxes = np.array([_box(points) for _, _, points, _ in found]).reshape(-1, 4)
        numbers = [number for number, *_ in found]
        for number in numbers:
            if time - self._seen.get(number, -math.inf) > TRACK_TIMEOUT:
                self._ids[number], self._next = self._next, self._next + 1
            self._seen[number] = time
        isolated = is_isolated(boxes, np.zeros((0, 4)))
        light = {number: self._light(people[number]) for number in numbers}
        return [
            Sight(
                number,
                self._ids[number],
                self._body(people[number], self._ids[number], spots, points, visible),
                people[number].look + light[number] + self._draw.normal(0, LOOK_NOISE, (5, 3)),
                bool(isolated[index]),
                boxes[index],
            )
            for index, (number, spots, points, visible) in enumerate(found)
        ]

    def _light(self, walker: Walker) -> Float64Array:
        """(3,) brightness changes with the place."""
        return np.array([LIGHT * math.sin(1.3 * walker.at.x) * math.cos(1.1 * walker.at.y), 0, 0])

    def _body(
        self,
        walker: Walker,
        track_id: int,
        spots: Float64Array,
        points: Float64Array,
        visible: BoolArray,
    ) -> Body:
        draw = self._draw
        pixels = max(1.0, ranges.JOINT_DEVIATION * ranges.TORSO_LENGTH * CAMERA.fx / spots[0, 2])
        walker.slow_noise += 0.15 * (
            draw.normal(0, 3.5 * pixels, points.shape) - walker.slow_noise
        )  # half of a joint's error stays for about half a second
        seen = points + 0.7 * walker.slow_noise + draw.normal(0, 0.7 * pixels, points.shape)
        scores = np.where(visible, 0.9, 0.2)
        places: dict[str, Float64Array] = {}
        if self._has_depth and walker.has_depth:
            measured = noisy_depth(spots, draw)
            far = draw.random(len(spots)) < BACKGROUND
            measured[far] *= 1 + draw.uniform(1, 3, (int(far.sum()), 1)) / measured[far, 2:]
            known = visible & (draw.random(len(spots)) >= HOLES)
            places = {NAMES[i]: measured[i] for i in np.flatnonzero(known)}
        return Body(
            dict(zip(NAMES, seen, strict=True)),
            dict(zip(NAMES, map(float, scores), strict=True)),
            places,
            track_id=track_id,
        )

    def _exchange(self, found: set[int], meeting: set[frozenset[int]]) -> None:
        """Exchanges the IDs of some who have met and are both found again."""
        parted = {pair for pair in self._meeting - meeting if pair <= found}
        for one, other in map(sorted, parted):
            if {one, other} <= self._ids.keys() and self._draw.random() < self._share:
                self._ids[one], self._ids[other] = self._ids[other], self._ids[one]
                self.exchanges += 1
        self._meeting = (self._meeting | meeting) - parted


def _meeting(spans: Mapping[int, tuple[float, float]]) -> set[frozenset[int]]:
    """Pairs of people of whom one hides half of the other's width, or would."""
    return {
        frozenset((one, other))
        for one, (left, right) in spans.items()
        for other, (low, high) in spans.items()
        if one < other
        and min(right, high) - max(left, low) > MEETING * min(right - left, high - low)
    }


def _box(points: Float64Array) -> Float64Array:
    return np.concatenate([points.min(axis=0), points.max(axis=0)]).clip(
        0, (WIDTH, HEIGHT, WIDTH, HEIGHT)
    )

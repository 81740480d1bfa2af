"""What each person does, from frame to frame: the state behind positions, gestures and posture."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mobilepose_core.behaviour import facing, gestures, posture
from mobilepose_core.behaviour.body import SIDES, Body
from mobilepose_core.behaviour.camera import (
    LEVEL_UP,
    PICTURE_UP,
    Camera,
    Ground,
    picture_up,
)
from mobilepose_core.behaviour.facing import HeadingFilter, TorsoHeading
from mobilepose_core.behaviour.hysteresis import YES, Choice, Switch, Thresholds
from mobilepose_core.behaviour.motion import Motion, PersonFilter
from mobilepose_core.behaviour.position import locate
from mobilepose_core.typing import Float64Array, FloatArray

GESTURES: Mapping[str, Thresholds] = {
    "left_hand_raised": Thresholds(),
    "right_hand_raised": Thresholds(),
    "both_hands_raised": Thresholds(),
    "waving": Thresholds(enter_time=0.0, leave_time=0.5),
    "left_arm_pointing": Thresholds(enter_time=0.4),
    "right_arm_pointing": Thresholds(enter_time=0.4),
    "arms_crossed": Thresholds(enter_time=0.5),
    "facing": Thresholds(enter_time=0.3),
}
"""By name, with the scores and times at which each begins and ends."""

LENGTH_TIME = 2.0
"""The length of a torso that is not seen any more counts for so long, s."""

LENGTH_SHARE = 0.3
"""Share of the latest length in the average."""

FORGET_AFTER = 3.0
"""Somebody who was not seen for so long is forgotten, s."""


@dataclass(frozen=True)
class Gesture:
    """A gesture now.

    Attributes:
        state: `yes`, `no` or `unknown`.
        score: in the last image; None if its joints did not tell.
        since: when the state began, s; None if nothing was ever known.
    """

    state: str
    score: float | None
    since: float | None


@dataclass(frozen=True, eq=False)
class Pointing:
    """Where an arm points.

    Attributes:
        side: `left` or `right`.
        direction: (2,) unit vector in the picture.
        origin: (3,) the wrist, m in the optical frame; None without depth.
        ray: (3,) unit vector from there; None without depth.
    """

    side: str
    direction: Float64Array
    origin: Float64Array | None = None
    ray: Float64Array | None = None


@dataclass(frozen=True, eq=False)
class PersonState:
    """A person in one image.

    Attributes:
        track_id: of the person.
        time: of the image, s.
        motion: place and velocity; None where no position is known, or was for `LONGEST_GAP`.
        heading: of the torso; None if unknown.
        posture: one of `posture.POSTURES`, or `unknown`.
        posture_score: in [0, 1].
        gestures: by name, all of `GESTURES`.
        pointing: of the arm that points; None if none does.
    """

    track_id: int
    time: float
    motion: Motion | None
    heading: TorsoHeading | None
    posture: str
    posture_score: float
    gestures: Mapping[str, Gesture]
    pointing: Pointing | None

    def does(self, gesture: str) -> bool:
        """Whether a gesture is made now; unknown ones are not.

        Raises:
            KeyError: no such gesture.
        """
        return self.gestures[gesture].state == YES


class Person:
    """Follows what one person does."""

    def __init__(self) -> None:
        """Knows nothing yet."""
        self._position = PersonFilter()
        self._heading = HeadingFilter()
        self._posture = Choice()
        self._switches = {name: Switch(limits) for name, limits in GESTURES.items()}
        self._hands: dict[str, deque[tuple[float, Float64Array]]] = {
            side: deque() for side in SIDES
        }
        self._length: tuple[float, float] | None = None
        self.seen = 0.0

    def update(
        self,
        time: float,
        body: Body,
        camera: Camera | None = None,
        ground: Ground | None = None,
    ) -> PersonState:
        """What they do, after an image.

        Args:
            time: of the image, s; it does not go back.
            body: the person in it.
            camera: that took it; None where it is not calibrated: then no place is known.
            ground: where up is and how high the camera; None takes the camera to be level.
        """
        self.seen = time
        body = self._with_length(time, body)
        up = LEVEL_UP if ground is None else ground.up
        if camera is not None:
            aside = facing.beyond_picture(body, up)
            if (position := locate(body, camera, ground, aside)) is not None:
                self._position.update(time, position)
        heading = self._heading.update(time, facing.heading_of(body, up))
        upwards = _upwards(body, camera, ground)
        self._posture.update(time, _postures(body, up, upwards, ground))
        scores = self._scores(time, body, upwards, heading)
        for name, switch in self._switches.items():
            switch.update(time, scores[name])
        found = {
            name: Gesture(switch.state, scores[name], switch.since)
            for name, switch in self._switches.items()
        }
        return PersonState(
            body.track_id,
            time,
            self._position.at(time),
            heading,
            self._posture.state,
            self._posture.score,
            found,
            _pointing(body, found),
        )

    def move(self, turn: FloatArray, shift: FloatArray) -> None:
        """The camera moved; see `Behaviour.move`."""
        self._position.move(turn, shift)

    def motion_at(self, time: float) -> Motion | None:
        """Where they are at a later time, s, such as now; None if it is not known, see `motion`."""
        return self._position.at(time)

    def _with_length(self, time: float, body: Body) -> Body:
        """The body with the length of its torso as lately seen."""
        if self._length is not None and time - self._length[0] > LENGTH_TIME:
            self._length = None
        torso = body.torso
        if torso is not None and torso.any():
            now = float(np.hypot(*torso))
            before = now if self._length is None else self._length[1]
            self._length = time, before + LENGTH_SHARE * (now - before)
        return replace(body, last_length=None if self._length is None else self._length[1])

    def _scores(
        self, time: float, body: Body, up: FloatArray, heading: TorsoHeading | None
    ) -> dict[str, float | None]:
        raised = {side: gestures.raised(body, side, up) for side in SIDES}
        points = gestures.pointing_arms(body, up)
        known = [score for score in raised.values() if score is not None]
        waves = [score for side in SIDES if (score := self._wave(time, body, side, up)) is not None]
        return {
            "left_hand_raised": raised["left"],
            "right_hand_raised": raised["right"],
            "both_hands_raised": min(known) if len(known) == 2 else None,
            "waving": max(waves, default=None),
            "left_arm_pointing": points["left"],
            "right_arm_pointing": points["right"],
            "arms_crossed": gestures.arms_crossed(body),
            "facing": None if heading is None else heading.facing_score(),
        }

    def _wave(self, time: float, body: Body, side: str, up: FloatArray) -> float | None:
        hands = self._hands[side]
        while hands and time - hands[0][0] > gestures.WAVE_TIME:
            hands.popleft()
        if (hand := gestures.hand(body, side, up)) is not None:
            hands.append((time, hand))
        if not hands:
            return None
        return gestures.waving(np.array([at for at, _ in hands]), np.array([h for _, h in hands]))


class Behaviour:
    """Follows what everybody does, by their track IDs."""

    def __init__(self) -> None:
        """Knows nobody yet."""
        self._people: dict[int, Person] = {}

    def update(
        self,
        time: float,
        bodies: Sequence[Body],
        camera: Camera | None = None,
        ground: Ground | None = None,
    ) -> list[PersonState]:
        """What the people in an image do; see `Person.update`.

        Raises:
            ValueError: two bodies have the same track ID, or one has none.
        """
        ids = [body.track_id for body in bodies]
        if len(set(ids)) < len(ids) or min(ids, default=0) < 0:
            raise ValueError(f"each body has a track ID of its own from 0 on, got {ids}")
        if self._people and time < max(person.seen for person in self._people.values()):
            self._people.clear()  # the clock went back: another recording
        states = [
            self._people.setdefault(body.track_id, Person()).update(time, body, camera, ground)
            for body in bodies
        ]
        self._people = {
            track_id: person
            for track_id, person in self._people.items()
            if time - person.seen <= FORGET_AFTER
        }
        return states

    def move(self, turn: FloatArray, shift: FloatArray) -> None:
        """Tells how the camera moved since the last image; call it before `update`.

        Then people who stand still have no velocity although the camera turns, and are looked for
        where they are.

        Args:
            turn: (3, 3) rotation from the optical frame of the last image to that of the next one.
            shift: (3,) translation, m: a place p becomes turn @ p + shift.
        """
        for person in self._people.values():
            person.move(turn, shift)

    def motion_at(self, track_id: int, time: float) -> Motion | None:
        """Where somebody is at a later time, s; None if they or their place are not known."""
        person = self._people.get(track_id)
        return None if person is None else person.motion_at(time)


def _upwards(body: Body, camera: Camera | None, ground: Ground | None) -> Float64Array:
    """(2,) up in the picture at a person; without a calibration that in its middle."""
    if ground is None:
        return PICTURE_UP
    middle = body.mean(tuple(body.points))
    ray = None if camera is None or middle is None else camera.rays(middle[None])[0]
    if ray is None or not np.isfinite(ray).all():
        return picture_up(ground.up)
    return picture_up(ground.up, ray)


def _postures(
    body: Body, up: FloatArray, upwards: FloatArray, ground: Ground | None
) -> dict[str, float] | None:
    stance = posture.stance_in_space(body, up) or posture.stance(body, upwards)
    if stance is None:
        return None
    hips = [body.places[name] for name in ("left_hip", "right_hip") if name in body.places]
    height = None if ground is None or not hips else ground.height_of(np.mean(hips, axis=0))
    return posture.scores(stance, height)


def _pointing(body: Body, found: Mapping[str, Gesture]) -> Pointing | None:
    for side in SIDES:
        direction = gestures.pointing_direction(body, side)
        if found[f"{side}_arm_pointing"].state == YES and direction is not None:
            ray = gestures.pointing_ray(body, side)
            return Pointing(side, direction, *(ray or (None, None)))
    return None

"""A robot follows a person through a simulated street: distance, exchanges, time to recover."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from benchmarks.behaving.robot import FollowingRobot, Planar
from benchmarks.behaving.street import CAMERA, CAMERA_HEIGHT, WIDTH, Sensor, Sight, Walker, colours
from mobilepose_core.behaviour import (
    Behaviour,
    CameraPose,
    Candidate,
    Follower,
    Ground,
    Sighting,
)
from mobilepose_core.behaviour.camera import LEVEL_UP
from mobilepose_core.behaviour.target import FOUND_AGAIN, LOCKED
from mobilepose_core.typing import Float64Array

STEP = 0.02
"""The robot's and the people's step, s."""

STEPS_PER_IMAGE = 4
"""An image every 80 ms."""

LATENCY = 0.1
"""From an image to the pose of the target, s."""

DISTANCE = 1.5
"""To keep, m."""

SETTLED = 4.0
"""After so long a robot that began or found its target again is at its distance, s."""

EXCHANGED = 1.0
"""Another person who is taken for the target for so long is an exchange, s."""

AWAY = 1.5
"""A target that was not in the picture for longer was away, s."""

ASTRAY = 0.7
"""A published place that is farther from the target is another's or nobody's, m."""

Direct = Callable[[float, Sequence[Walker], Planar], None]
"""Lets people walk, at a time, s, given the robot; the first one is the target."""


@dataclass
class ChaseOutcome:
    """What happened in films of one kind."""

    films: int = 0
    seconds: float = 0.0
    passes: int = 0
    id_exchanges: int = 0
    exchanges: int = 0
    wrong_finds: int = 0
    astray: int = 0
    published: int = 0
    distances: list[float] = field(default_factory=list)
    errors: list[float] = field(default_factory=list)
    recoveries: list[float] = field(default_factory=list)
    absences: int = 0
    returns: list[float] = field(default_factory=list)

    def figures(self) -> dict[str, Any]:
        """As plain values."""
        off = [abs(value) for value in self.distances]
        kept = None if not self.distances else float(np.mean(self.distances)) + DISTANCE
        return {
            "films": self.films,
            "minutes": round(self.seconds / 60, 1),
            "passes": self.passes,
            "tracker_exchanges": self.id_exchanges,
            "exchanges": self.exchanges,
            "wrongly_found_again": self.wrong_finds,
            "poses_astray": round(self.astray / max(1, self.published), 4),
            "distance_mean_m": None if kept is None else round(kept, 2),
            "distance_error_mean_m": _rounded(np.mean, off),
            "distance_error_p95_m": _rounded(_p95, off),
            "place_error_mean_m": _rounded(np.mean, self.errors),
            "place_error_p95_m": _rounded(_p95, self.errors),
            "recovered": len(self.recoveries),
            "recovery_median_s": _rounded(np.median, self.recoveries),
            "recovery_longest_s": _rounded(np.max, self.recoveries),
            "absences": self.absences,
            "returns_found": len(self.returns),
            "return_median_s": _rounded(np.median, self.returns),
            "return_longest_s": _rounded(np.max, self.returns),
        }


def _rounded(figure: Callable[[list[float]], Any], values: list[float]) -> float | None:
    """A figure of values to a thousandth; None without values."""
    return round(float(figure(values)), 3) if values else None


def _p95(values: list[float]) -> float:
    return float(np.percentile(values, 95))


class Chase:
    """One film."""

    def __init__(
        self,
        draw: np.random.Generator,
        people: Sequence[Walker],
        direct: Direct,
        share: float,
        has_depth: bool,
        outcome: ChaseOutcome,
    ) -> None:
        """The robot begins at the origin and looks along x.

        Args:
            draw: of everything that is random.
            people: the first one is the target.
            direct: lets them walk.
            share: of the meetings at which the tracker exchanges IDs.
            has_depth: whether the camera measures depth.
            outcome: to add to.
        """
        self._people, self._direct, self._outcome = people, direct, outcome
        self._sensor = Sensor(draw, share, has_depth)
        self._robot, self._follower, self._behaviour = (
            FollowingRobot(DISTANCE),
            Follower(),
            Behaviour(),
        )
        self._sights: list[Sight] = []
        self._cameras: deque[tuple[float, CameraPose, list[Sight]]] = deque()
        self._sides: dict[int, float] = {}
        self._wrong_since = self._missing_since = math.inf
        self._held_since = math.inf
        self._seen, self._was_away = math.inf, False
        self._is_counted, self._is_chosen, self._state = False, False, ""

    def run(self, seconds: float) -> None:
        """Films for so long."""
        for number in range(round(seconds / STEP)):
            time = number * STEP
            self._direct(time, self._people, self._robot.real)
            if number % STEPS_PER_IMAGE == 0:
                self._sights = self._sensor.look(time, self._robot.real, self._people)
                self._count_passes()
                camera = self._robot.odometry.camera(CAMERA_HEIGHT)
                self._cameras.append((time, camera, self._sights))
            if self._cameras and time - self._cameras[0][0] >= LATENCY - 1e-6:
                self._answer(time, *self._cameras.popleft())
            self._robot.step(time, STEP)
        self._outcome.films += 1
        self._outcome.seconds += seconds
        self._outcome.id_exchanges += self._sensor.exchanges

    def _answer(self, now: float, time: float, camera: CameraPose, sights: list[Sight]) -> None:
        """What the pose node and the follower make of an image."""
        people = self._behaviour.update(
            time, [sight.body for sight in sights], CAMERA, Ground(LEVEL_UP, CAMERA_HEIGHT)
        )
        sightings = []
        for sight, person in zip(sights, people, strict=True):
            motion, heading = person.motion, person.heading
            middle = sight.box.reshape(2, 2).mean(axis=0)
            candidate = Candidate(
                sight.track_id,
                sight.look,
                None if motion is None else motion.place,
                abs(float(middle[0]) / WIDTH - 0.5),
                is_isolated=sight.is_isolated,
            )
            sightings.append(
                Sighting(
                    candidate,
                    None,  # the camera moves: places tell
                    None if heading is None or motion is None else heading.direction(motion.place),
                )
            )
        if not self._is_chosen:
            mine = [sight for sight in sights if sight.number == 0 and sight.is_isolated]
            if mine:
                self._follower.select("id", mine[0].track_id)
                self._is_chosen = True
        target = self._follower.update(time, sightings, camera)
        pose = self._follower.pose_at(now)
        if pose is not None:
            self._robot.detect(now, pose.place)
            self._judge_place(pose.place)
        held = next((s.number for s in sights if s.track_id == target.track_id), None)
        held = held if target.state in (LOCKED, FOUND_AGAIN) else None
        self._judge(time, target.state, held, sights)

    def _judge_place(self, place: Float64Array) -> None:
        """How far a published place is off, in the robot's own frame: odometry drifts."""
        robot, odometry, target = self._robot.real, self._robot.odometry, self._people[0].at
        there = _seen_from(robot, target.x, target.y)
        error = float(np.hypot(*(_seen_from(odometry, place[0], place[1]) - there)))
        self._outcome.published += 1
        self._outcome.astray += error > ASTRAY
        self._outcome.errors.append(error)

    def _judge(self, time: float, state: str, held: int | None, sights: Sequence[Sight]) -> None:
        outcome = self._outcome
        if state == FOUND_AGAIN != self._state and held not in (0, None):
            outcome.wrong_finds += 1
        self._state = state
        if held in (0, None):
            self._wrong_since, self._is_counted = math.inf, False
        else:
            self._wrong_since = min(self._wrong_since, time)
            if time - self._wrong_since >= EXCHANGED and not self._is_counted:
                outcome.exchanges, self._is_counted = outcome.exchanges + 1, True
        is_seen = any(sight.number == 0 for sight in sights)
        is_clear = any(sight.number == 0 and sight.is_isolated for sight in sights)
        if not is_seen:
            self._missing_since = math.inf
        else:
            if time - self._seen > AWAY:
                outcome.absences, self._was_away = outcome.absences + 1, True
            self._seen = time
        if held == 0:
            if self._missing_since < math.inf:
                found = outcome.returns if self._was_away else outcome.recoveries
                found.append(time - self._missing_since)
            self._was_away = False
            self._missing_since = math.inf
            self._held_since = min(self._held_since, time)
            if time - self._held_since >= SETTLED:
                robot, target = self._robot.real, self._people[0].at
                away = math.hypot(target.x - robot.x, target.y - robot.y)
                outcome.distances.append(away - DISTANCE)
        else:
            self._held_since = math.inf
            if self._is_chosen and is_clear:
                self._missing_since = min(self._missing_since, time)

    def _count_passes(self) -> None:
        """How often somebody passes before or behind the target, as the camera sees it."""
        middles = {s.number: float(s.box[0] + s.box[2]) for s in self._sights}
        sides = {n: np.sign(x - middles[0]) for n, x in middles.items() if n and 0 in middles}
        self._outcome.passes += sum(
            1 for number, side in sides.items() if self._sides.get(number, side) == -side != 0
        )
        self._sides.update(sides)


def _seen_from(robot: Planar, x: float, y: float) -> Float64Array:
    """(2,) a place of the floor, ahead and to the left of a robot, m."""
    ahead, aside = x - robot.x, y - robot.y
    cos, sin = math.cos(robot.yaw), math.sin(robot.yaw)
    return np.array([cos * ahead + sin * aside, cos * aside - sin * ahead])


def cast(draw: np.random.Generator, others: int, is_uniform: bool) -> list[Walker]:
    """A target 2 m before the robot, and others who are not there yet; all alike if uniform."""
    looks = [colours(draw) for _ in range(others + 1)]
    if is_uniform:
        looks = [looks[0] + draw.normal(0, 3, (5, 3)) for _ in looks]
    target, *rest = (Walker.drawn(draw, Planar(2.0), look) for look in looks)
    for walker in rest:
        walker.is_away = True
    return [target, *rest]

"""Where the people of a simulated street walk: to and fro, across, behind a wall, and away."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.behaving.chase import STEP, Chase, ChaseOutcome, cast
from benchmarks.behaving.robot import Planar
from benchmarks.behaving.street import TRACK_TIMEOUT, Walker

FILM = 60.0
"""Of people who walk across, s."""

HIDDEN = (2.0, 8.0)
"""Behind a wall at least and at most, s."""

GONE = (120.0, 120.0)
"""Elsewhere, s."""

START = 5.0
"""Until then nobody else is there, s."""

LEAVES, STAYS = 12.0, 15.0
"""When the target leaves, and how long it is filmed after its return, s."""

LEAST_ASIDE = 3.5
"""Others come from at least so far beside the line of sight, m: mostly from out of the picture."""


def _turn_to(walker: Walker, x: float, y: float, most: float = 1.5) -> float:
    """The turn of a step towards a place, radians."""
    wanted = math.atan2(y - walker.at.y, x - walker.at.x)
    turn = math.remainder(wanted - walker.at.yaw, 2 * math.pi)
    return min(max(turn, -most * STEP), most * STEP)


class Stroll:
    """The target walks to places a few metres away, and rests now and then."""

    def __init__(self, draw: np.random.Generator, speeds: tuple[float, float] = (0.5, 1.2)) -> None:
        """Draws places and speeds, m/s."""
        self._draw, self._speeds = draw, speeds
        self._goal = (6.0, 0.0)
        self._until = 0.0

    def __call__(self, time: float, walker: Walker) -> None:
        """Goes on."""
        if time >= self._until or math.dist(self._goal, (walker.at.x, walker.at.y)) < 0.5:
            angle = walker.at.yaw + self._draw.uniform(-1.8, 1.8)
            away = self._draw.uniform(3, 8)
            self._goal = (
                walker.at.x + away * math.cos(angle),
                walker.at.y + away * math.sin(angle),
            )
            rests = self._draw.random() < 0.15
            walker.speed = 0.0 if rests else float(self._draw.uniform(*self._speeds))
            self._until = time + (self._draw.uniform(1, 4) if rests else 12.0)
        walker.step(STEP, _turn_to(walker, *self._goal) if walker.speed else 0.0)


class Passer:
    """Somebody who walks straight on, past the target: before it or behind it."""

    def __init__(self, draw: np.random.Generator) -> None:
        """Comes soon."""
        self._draw = draw
        self._gone, self._next = 0.0, START + float(draw.uniform(0, 4))

    def __call__(self, time: float, walker: Walker, target: Walker, robot: Planar) -> None:
        """Goes on, or comes from another side."""
        if time < self._gone:
            walker.step(STEP)
            return
        walker.is_away = True
        if time < self._next:
            return
        draw = self._draw
        share = draw.uniform(0.45, 0.8) if draw.random() < 0.6 else draw.uniform(1.2, 1.8)
        speed, lead = float(draw.uniform(0.8, 1.5)), 3.0
        ahead = lead * target.speed * (1 if share > 1 else 0.8)
        x = robot.x + share * (target.at.x - robot.x) + ahead * math.cos(target.at.yaw)
        y = robot.y + share * (target.at.y - robot.y) + ahead * math.sin(target.at.yaw)
        sight = math.atan2(target.at.y - robot.y, target.at.x - robot.x)
        yaw = sight + math.pi / 2 * (1 if draw.random() < 0.5 else -1) + draw.uniform(-0.6, 0.6)
        way = max(lead * speed, LEAST_ASIDE)
        walker.at = Planar(x - way * math.cos(yaw), y - way * math.sin(yaw), yaw)
        walker.speed, walker.is_away = speed, False
        self._gone = time + 2 * way / speed
        self._next = self._gone + TRACK_TIMEOUT + float(draw.uniform(0.1, 2))


def crossings(
    films: int, seed: int, share: float, is_uniform: bool = False, has_depth: bool = True
) -> dict[str, Any]:
    """Two others pass the target while the robot follows it."""
    outcome = ChaseOutcome()
    for number in range(films):
        draw = np.random.default_rng([seed, number])
        stroll, passers = Stroll(draw), [Passer(draw) for _ in range(2)]

        def direct(
            time: float,
            people: Sequence[Walker],
            robot: Planar,
            stroll: Stroll = stroll,
            passers: Sequence[Passer] = passers,
        ) -> None:
            stroll(time, people[0])
            for passer, walker in zip(passers, people[1:], strict=True):
                passer(time, walker, people[0], robot)

        people = cast(draw, 2, is_uniform)
        Chase(draw, people, direct, share, has_depth, outcome).run(FILM)
    return outcome.figures()


def alone(films: int, seed: int, has_depth: bool) -> dict[str, Any]:
    """Nobody else is there: how well the distance is kept."""
    outcome = ChaseOutcome()
    for number in range(films):
        draw = np.random.default_rng([seed, number])
        stroll = Stroll(draw)

        def direct(
            time: float, people: Sequence[Walker], _: Planar, stroll: Stroll = stroll
        ) -> None:
            stroll(time, people[0])

        Chase(draw, cast(draw, 0, False), direct, 0.0, has_depth, outcome).run(FILM)
    return outcome.figures()


def returns(films: int, seed: int, away: tuple[float, float]) -> dict[str, Any]:
    """The target stands behind a wall, or is elsewhere, and returns; others pass meanwhile."""
    outcome = ChaseOutcome()
    for number in range(films):
        draw = np.random.default_rng([seed, number])
        passers = [Passer(draw) for _ in range(2)]
        back = LEAVES + float(draw.uniform(*away))

        def direct(
            time: float,
            people: Sequence[Walker],
            robot: Planar,
            passers: Sequence[Passer] = passers,
            back: float = back,
        ) -> None:
            target = people[0]
            target.speed = 0.8 if time < 6 or back < time < back + 4 else 0.0
            target.is_away = LEAVES <= time < back
            target.step(STEP)
            for passer, walker in zip(passers, people[1:], strict=True):
                passer(time, walker, target, robot)

        people = cast(draw, 2, False)
        Chase(draw, people, direct, 0.3, True, outcome).run(back + STAYS)
    return outcome.figures()

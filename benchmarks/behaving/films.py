"""Films of simulated joints: what is told of gestures and postures where no image is in the way."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from benchmarks.behaving import gesture_tally
from benchmarks.behaving.acts import Act
from benchmarks.behaving.gesture_tally import Told, gestures_of
from benchmarks.behaving.performance import CAMERA, GROUND, RATE, PerformedFrame, perform
from mobilepose_core.behaviour import Body
from mobilepose_core.behaviour.person import Person
from mobilepose_core.skeleton import Skeleton

JITTER, DRIFT, DRIFT_TIME = 0.02, 0.04, 0.5
"""Errors of joints in torso lengths: from frame to frame, and those that stay for a while, s."""

DROPOUTS, DROPOUT_TIME = 0.05, 0.5
"""How often in a second a joint is not seen, and for how long, s."""


class NoisyJoints:
    """Finds the joints of a performance, with errors as a network's."""

    def __init__(self, skeleton: Skeleton, draw: np.random.Generator, depth: bool) -> None:
        """Finds a skeleton's joints, with their places in space or without."""
        self._names = skeleton.joints
        self._draw = draw
        self._depth = depth
        self._drift = np.zeros((len(self._names), 2))
        self._hidden = np.zeros(len(self._names))

    def find(self, moment: PerformedFrame) -> Body:
        """The joints of the next frame."""
        draw, keep = self._draw, math.exp(-1 / RATE / DRIFT_TIME)
        error = draw.normal(0, math.sqrt(1 - keep**2), self._drift.shape) * DRIFT
        self._drift = keep * self._drift + error
        self._hidden = np.maximum(self._hidden - 1 / RATE, 0)
        self._hidden[draw.random(len(self._names)) < DROPOUTS / RATE] = DROPOUT_TIME
        spots = np.array([moment.places[name] for name in self._names])
        torso = 0.48 * CAMERA.fx / float(spots[:, 2].mean())
        errors = self._drift + draw.normal(0, JITTER, self._drift.shape)
        points = CAMERA.project(spots) + torso * errors
        scores = np.where(self._hidden > 0, 0.1, 0.9)
        known = {
            name: spot * (1 + draw.normal(0, 0.01))
            for name, spot, hidden in zip(self._names, spots, self._hidden, strict=True)
            if self._depth and hidden <= 0
        }
        return Body(
            dict(zip(self._names, points, strict=True)),
            dict(zip(self._names, scores.tolist(), strict=True)),
            known,
        )


def watch(
    script: Sequence[Act], skeleton: Skeleton, draw: np.random.Generator, depth: bool
) -> Iterator[Told]:
    """What is told of somebody whose joints are found."""
    person, joints = Person(), NoisyJoints(skeleton, draw, depth)
    for moment in perform(script, draw):
        state = person.update(moment.time, joints.find(moment), CAMERA, GROUND)
        yield Told(moment.time, moment.act, gestures_of(state), state.posture)


def gestures(minutes: float, skeleton: Skeleton, seed: int, depth: bool = False) -> dict[str, Any]:
    """Gestures that are seen, of those that are made, and false ones per hour.

    Args:
        minutes: of people who gesture; as many again are filmed who do not.
        skeleton: of the joints that are found.
        seed: of all that is drawn.
        depth: whether joints have places in space.
    """
    draw = np.random.default_rng(seed)
    figures = gesture_tally.measure(
        minutes, draw, lambda script: watch(script, skeleton, draw, depth)
    )
    return {"skeleton": skeleton.name, "depth": depth, **figures}

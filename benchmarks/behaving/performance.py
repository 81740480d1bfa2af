"""Simulated people who do one thing after the other before a camera."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.behaving import acts
from benchmarks.behaving.acts import Act
from mobilepose_core.behaviour.camera import Ground, Pinhole
from mobilepose_core.evaluation.stick_figure import HANGING, StickFigure, optical, turned, up_of
from mobilepose_core.typing import Float64Array

CAMERA = Pinhole.of_view(640, 480, 60)
HEIGHT, PITCH = 1.1, 0.1
"""Of the camera above the ground, m, and how far it looks down, radians."""

GROUND = Ground(up_of(PITCH), HEIGHT)

RATE = 10.0
"""Frames per second."""

SECONDS = 4.0
"""Of each act."""

MOVE = 0.5
"""From one act to the next, s."""

TURN = 1.0
"""How far people turn from the camera, radians."""

NEAREST, FARTHEST = 1.8, 4.5
"""Distances of people from the camera, m."""


@dataclass(frozen=True)
class PerformedFrame:
    """A frame of a performance.

    Attributes:
        time: s.
        act: what is done; None on the way to the next.
        places: (3,) m of COCO's 17 joints in the camera's optical frame.
    """

    time: float
    act: Act | None
    places: dict[str, Float64Array]


def perform(
    script: Sequence[Act],
    draw: np.random.Generator,
    most_turned: float = TURN,
    nearest: float = NEAREST,
) -> Iterator[PerformedFrame]:
    """Somebody of any size, who turns by up to `most_turned` radians with every act.

    Args:
        script: what they do.
        draw: of their size, their place and their turns.
        most_turned: from the camera, radians.
        nearest: distance from the camera, m.
    """
    size = StickFigure.drawn(draw)
    away, aside = draw.uniform(nearest, FARTHEST), draw.uniform(-0.7, 0.7)
    yaw, arms = math.pi, (HANGING, HANGING)
    now = size.joints()
    for number, act in enumerate(script):
        begin, before = now, arms
        start, turn = yaw, draw.uniform(-most_turned, most_turned) + math.pi - yaw
        for step in range(int(SECONDS * RATE)):
            since = step / RATE
            share = min(1.0, since / MOVE)
            arms = (
                acts.between(before[0], act.left(since), share),
                acts.between(before[1], act.right(since), share),
            )
            stride = 0.5 * math.sin(2 * math.pi * 0.9 * since) if act.walks else 0.0
            joints = size.joints(act.posture, *arms, stride=stride)
            now = {name: (1 - share) * begin[name] + share * joints[name] for name in joints}
            yaw = start + share * turn
            places = optical(turned(now, yaw, away, aside), HEIGHT, PITCH)
            yield PerformedFrame(number * SECONDS + since, act if since >= MOVE else None, places)

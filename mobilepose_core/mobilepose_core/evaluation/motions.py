"""How people move through a composed scene: known paths of known people."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Stance:
    """Where somebody is at a moment.

    Attributes:
        x, y: middle of the hips, in widths and heights of the frame.
        length: of the box of their joints, in heights of the frame.
        lean: radians.
    """

    x: float
    y: float
    length: float
    lean: float


Motion = Callable[[float], Stance]
"""A stance for every time since the scene began, s."""

SMALLEST, LARGEST = 0.22, 0.5
"""Lengths of people, in heights of the frame."""

SLOWEST, FASTEST = 0.5, 1.3
"""Speeds of those who walk, in their lengths per second."""

SWAY_LEAN, SWAY_STEP = 0.025, 0.008
"""Of those who stand: radians, and lengths."""

BOB, STEPS = 0.02, 1.8
"""Of those who walk: how far they go up and down, in lengths, and how often in a second."""

NEARER = 1.8
"""Someone who comes nearer grows by this factor."""


def stand(draw: np.random.Generator, seconds: float, aspect: float) -> Motion:
    """Somebody who stays where they are and sways a little."""
    length, x = _length(draw), draw.uniform(0.15, 0.85)
    return _swaying(draw, length, lambda time: x)


def walk(draw: np.random.Generator, seconds: float, aspect: float) -> Motion:
    """Somebody who goes to and fro within the picture."""
    length, start, speed = _length(draw), draw.uniform(0, 2), _speed(draw)
    low, high = 0.12, 0.88

    def x(time: float) -> float:
        gone = start + speed * length / aspect / (high - low) * time
        return float(low + (high - low) * (1 - abs(gone % 2 - 1)))

    return _walking(draw, length, x)


def pass_through(draw: np.random.Generator, seconds: float, aspect: float) -> Motion:
    """Somebody who comes in at one side and leaves at the other, or where they came from."""
    length, speed = _length(draw), _speed(draw) * 1.2
    side, comes_back = draw.choice([-1, 1]), draw.random() < 0.3
    outside, enters = 0.5 + 0.75 * length / aspect, draw.uniform(0, 0.25) * seconds
    turn = draw.uniform(0.2, 0.8)

    def x(time: float) -> float:
        gone = speed * length / aspect * (time - enters) - outside
        if comes_back and gone > turn - 0.5:
            gone = 2 * (turn - 0.5) - gone
        return float(0.5 + side * max(gone, -outside))

    return _walking(draw, length, x)


def approach(draw: np.random.Generator, seconds: float, aspect: float) -> Motion:
    """Somebody who comes nearer, or goes away."""
    far, x, y = draw.uniform(SMALLEST, 0.32), draw.uniform(0.25, 0.75), draw.uniform(0.5, 0.6)
    nears = draw.random() < 0.5

    def stance(time: float) -> Stance:
        share = time / seconds if nears else 1 - time / seconds
        length = far * NEARER**share
        return Stance(x, y + _bob(length, time), length, 0.0)

    return stance


MOTIONS = (stand, walk, pass_through, approach)


def _swaying(draw: np.random.Generator, length: float, x: Callable[[float], float]) -> Motion:
    y, phase, rate = _height(draw, length), draw.uniform(0, 2 * math.pi), draw.uniform(0.2, 0.4)

    def stance(time: float) -> Stance:
        swing = math.sin(2 * math.pi * rate * time + phase)
        return Stance(x(time) + SWAY_STEP * length * swing, y, length, SWAY_LEAN * swing)

    return stance


def _walking(draw: np.random.Generator, length: float, x: Callable[[float], float]) -> Motion:
    y = _height(draw, length)
    return lambda time: Stance(x(time), y + _bob(length, time), length, 0.0)


def _bob(length: float, time: float) -> float:
    return BOB * length * math.sin(2 * math.pi * STEPS * time)


def _length(draw: np.random.Generator) -> float:
    return float(draw.uniform(SMALLEST, LARGEST))


def _height(draw: np.random.Generator, length: float) -> float:
    """Of the hips: the eyes stay in the picture."""
    return float(draw.uniform(max(0.5, length + 0.08), 0.8))


def _speed(draw: np.random.Generator) -> float:
    return float(draw.uniform(SLOWEST, FASTEST))

"""Motion models of the people in composed videos."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Stance:
    """Position and size of a person at a moment.

    Attributes:
        x, y: midpoint of the hips, in widths and heights of the frame.
        length: of the box of their joints, in heights of the frame.
        lean: radians.
    """

    x: float
    y: float
    length: float
    lean: float


Motion = Callable[[float], Stance]
"""From the time since the start, s, to a stance."""

SMALLEST_PERSON, LARGEST_PERSON = 0.22, 0.5
"""Lengths of people, in heights of the frame."""

SLOWEST, FASTEST = 0.5, 1.3
"""Walking speeds, in lengths of the person per second."""

SWAY_LEAN, SWAY_STEP = 0.025, 0.008
"""Sway of standing people: radians, and lengths of the person."""

BOB, STEPS = 0.02, 1.8
"""Vertical amplitude of walking, in lengths of the person, and steps per second."""

NEARER = 1.8
"""Growth of an approaching person, as a factor."""


def stand(draw: np.random.Generator, seconds: float, aspect: float) -> Motion:
    """A person who stands and sways a little."""
    length, x = _length(draw), draw.uniform(0.15, 0.85)
    return _swaying(draw, length, lambda time: x)


def walk(draw: np.random.Generator, seconds: float, aspect: float) -> Motion:
    """A person who walks to and fro within the frame."""
    length, start, speed = _length(draw), draw.uniform(0, 2), _speed(draw)
    low, high = 0.12, 0.88

    def x(time: float) -> float:
        gone = start + speed * length / aspect / (high - low) * time
        return float(low + (high - low) * (1 - abs(gone % 2 - 1)))

    return _walking(draw, length, x)


def pass_through(draw: np.random.Generator, seconds: float, aspect: float) -> Motion:
    """A person who enters at one side, and leaves at the other or the same side."""
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
    """A person who approaches, or goes away."""
    far, x, y = (
        draw.uniform(SMALLEST_PERSON, 0.32),
        draw.uniform(0.25, 0.75),
        draw.uniform(0.5, 0.6),
    )
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
    return float(draw.uniform(SMALLEST_PERSON, LARGEST_PERSON))


def _height(draw: np.random.Generator, length: float) -> float:
    """Height of the hips, such that the eyes stay in the frame."""
    return float(draw.uniform(max(0.5, length + 0.08), 0.8))


def _speed(draw: np.random.Generator) -> float:
    return float(draw.uniform(SLOWEST, FASTEST))

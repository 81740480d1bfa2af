"""What simulated people do: acts of some seconds, with the gestures and postures they are."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mobilepose_core.evaluation import stick_figure as figure
from mobilepose_core.evaluation.stick_figure import Arm

Moving = Callable[[float], Arm]
"""An arm at a time since the act began, s."""


@dataclass(frozen=True)
class Act:
    """Something that is done for a while.

    Attributes:
        name: of it.
        gestures: that it is, by the names of `mobilepose_core.behaviour.GESTURES`.
        left, right: the arms.
        posture: of the body.
        walks: whether the person walks meanwhile.
    """

    name: str
    gestures: frozenset[str]
    left: Moving
    right: Moving
    posture: str = figure.STANDING
    walks: bool = False


def still(arm: Arm) -> Moving:
    """An arm that stays as it is."""
    return lambda time: arm


def moving(arm: Arm, rate: float, swing: float) -> Moving:
    """A forearm that goes to and fro before the body, as in eating or scratching."""
    upper, (forward, outwards, above) = arm

    def at(time: float) -> Arm:
        shift = swing * math.sin(2 * math.pi * rate * time)
        return upper, (forward, outwards, above + shift)

    return at


def walking(phase: float) -> Moving:
    """An arm that swings beside the body."""

    def at(time: float) -> Arm:
        swing = 0.5 * math.sin(2 * math.pi * 0.9 * time + phase)
        return (swing, 0.12, -1.0), (swing + 0.3, 0.05, -1.0)

    return at


def jogging(phase: float) -> Moving:
    """A bent arm that swings."""

    def at(time: float) -> Arm:
        swing = 0.8 * math.sin(2 * math.pi * 1.4 * time + phase)
        return (swing - 0.2, 0.15, -1.0), (1.0, -0.1, 0.3 + 0.5 * swing)

    return at


def clapping(time: float) -> Arm:
    """Hands before the chest."""
    shift = 0.4 * math.sin(2 * math.pi * 2.5 * time)
    return (0.4, 0.2, -1.0), (0.9, -0.4 + shift, 0.3)


_DOWN = still(figure.HANGING)


def gestures(draw: np.random.Generator) -> list[Act]:
    """Each gesture once, done a little differently by everybody."""
    rate, swing = draw.uniform(1.0, 2.2), draw.uniform(0.45, 0.8)
    up = _varied(draw, figure.RAISED)
    aside, crossed = _varied(draw, figure.POINTING_ASIDE, 0.08), _varied(draw, figure.CROSSED, 0.06)

    def wave(time: float) -> Arm:
        return figure.waving(2 * math.pi * rate * time, swing)

    return [
        Act("raise left", frozenset({"left_hand_raised"}), still(up), _DOWN),
        Act("raise right", frozenset({"right_hand_raised"}), _DOWN, still(up)),
        Act(
            "raise both",
            frozenset({"left_hand_raised", "right_hand_raised", "both_hands_raised"}),
            still(up),
            still(up),
        ),
        Act("wave left", frozenset({"waving"}), wave, _DOWN),
        Act("wave right", frozenset({"waving"}), _DOWN, wave),
        Act("point left", frozenset({"left_arm_pointing"}), still(aside), _DOWN),
        Act("point right", frozenset({"right_arm_pointing"}), _DOWN, still(aside)),
        Act("cross arms", frozenset({"arms_crossed"}), still(crossed), still(crossed)),
    ]


def others(draw: np.random.Generator) -> list[Act]:
    """What people do who gesture nothing."""
    none: frozenset[str] = frozenset()
    phone, eating = _varied(draw, figure.ON_PHONE), _varied(draw, figure.EATING)
    typing, hip = _varied(draw, figure.TYPING), _varied(draw, figure.ON_HIP)
    scratch = moving(figure.ON_PHONE, 2.0, 0.2)
    clasped = still(((0.2, 0.1, -1.0), (0.5, -0.45, -0.7)))
    pockets = still(((-0.15, 0.35, -1.0), (0.35, -0.3, -0.9)))
    return [
        Act("stand", none, _DOWN, _DOWN),
        Act("walk", none, walking(0.0), walking(math.pi), walks=True),
        Act("jog", none, jogging(0.0), jogging(math.pi), walks=True),
        Act("phone", none, _DOWN, still(phone)),
        Act("phone and walk", none, still(phone), walking(0.0), walks=True),
        Act("eat", none, still(eating), moving(eating, 0.4, 0.5)),
        Act("type", none, still(typing), still(typing), figure.SITTING),
        Act("sit", none, _DOWN, clasped, figure.SITTING),
        Act("hands on hips", none, still(hip), still(hip)),
        Act("scratch the head", none, scratch, _DOWN),
        Act("clap", none, clapping, clapping),
        Act("hands clasped", none, clasped, clasped),
        Act("hands in pockets", none, pockets, pockets),
        Act("bend", none, _DOWN, _DOWN, figure.BENT),
        Act("lie", none, _DOWN, _DOWN, figure.LYING),
    ]


def between(one: Arm, other: Arm, share: float) -> Arm:
    """An arm on its way from one place to another."""
    upper, fore = (
        (1 - share) * _unit(a) + share * _unit(b) for a, b in zip(one, other, strict=True)
    )
    return (*upper.tolist(),), (*fore.tolist(),)


def _varied(draw: np.random.Generator, arm: Arm, spread: float = 0.12) -> Arm:
    upper, fore = (_unit(part) + draw.normal(0, spread, 3) for part in arm)
    return (*upper.tolist(),), (*fore.tolist(),)


def _unit(
    direction: tuple[float, float, float],
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    vector = np.array(direction, np.float64)
    return vector / np.linalg.norm(vector)

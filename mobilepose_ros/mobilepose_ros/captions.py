"""What a person does in a few words and arrows, for markers and the overlay."""

from __future__ import annotations

import numpy as np

from mobilepose_core.behaviour import Ground, Motion, PersonState, picture_up
from mobilepose_core.io import Annotation
from mobilepose_ros.people_behaviour import ObservedPerson

UNSAID = frozenset({"facing"})
"""Gestures that the arrow of the heading shows."""

BOTH = "both_hands_raised"
EACH = frozenset({"left_hand_raised", "right_hand_raised"})


LEAST_SPEED = 0.15
"""A velocity below it, or below twice its standard deviation, is not shown, m/s."""


def clear_speed(motion: Motion | None) -> float | None:
    """How fast somebody moves, m/s; None if that is not clear, or not finite."""
    if motion is None or not np.isfinite([motion.velocity, *motion.velocity_covariance]).all():
        return None
    speed = float(np.linalg.norm(motion.velocity))
    deviation = float(np.sqrt(np.linalg.eigvalsh(motion.velocity_covariance)[-1]))
    return speed if speed > max(LEAST_SPEED, 2 * deviation) else None


def caption(state: PersonState) -> str:
    """Posture and gestures, such as `sitting, left hand raised`; empty if nothing is known."""
    gestures = [name for name in state.gestures if name not in UNSAID and state.does(name)]
    if BOTH in gestures:
        gestures = [name for name in gestures if name not in EACH]
    posture = [] if state.posture == "unknown" else [state.posture]
    return ", ".join(name.replace("_", " ") for name in [*posture, *gestures])


def annotation(person: ObservedPerson, ground: Ground) -> Annotation:
    """What is drawn of a person in the picture; a speed that is clear is in the caption."""
    state = person.state
    heading, pointing = state.heading, state.pointing
    x, y = (0.0, 0.0) if pointing is None else pointing.direction.tolist()
    up = picture_up(ground.up)
    speed = clear_speed(state.motion)
    moves = "" if speed is None else f"{speed:.1f} m/s"
    return Annotation(
        ", ".join(filter(None, [caption(state), moves])),
        None if heading is None else heading.angle,
        "" if pointing is None else pointing.side,
        (x, y),
        (float(up[0]), float(up[1])),
    )

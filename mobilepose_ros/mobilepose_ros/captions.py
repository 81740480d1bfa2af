"""What a person does in a few words and arrows, for markers and the overlay."""

from __future__ import annotations

from mobilepose_core.behaviour import Ground, PersonState, picture_up
from mobilepose_core.io import Annotation
from mobilepose_ros.people_behaviour import ObservedPerson

UNSAID = frozenset({"facing"})
"""Gestures that the arrow of the heading shows."""

BOTH = "both_hands_raised"
EACH = frozenset({"left_hand_raised", "right_hand_raised"})


def caption(state: PersonState) -> str:
    """Posture and gestures, such as `sitting, left hand raised`; empty if nothing is known."""
    gestures = [name for name in state.gestures if name not in UNSAID and state.does(name)]
    if BOTH in gestures:
        gestures = [name for name in gestures if name not in EACH]
    posture = [] if state.posture == "unknown" else [state.posture]
    return ", ".join(name.replace("_", " ") for name in [*posture, *gestures])


def annotation(person: ObservedPerson, ground: Ground) -> Annotation:
    """What is drawn of a person in the picture."""
    state = person.state
    heading, pointing = state.heading, state.pointing
    x, y = (0.0, 0.0) if pointing is None else pointing.direction.tolist()
    up = picture_up(ground.up)
    return Annotation(
        caption(state),
        None if heading is None else heading.angle,
        "" if pointing is None else pointing.side,
        (x, y),
        (float(up[0]), float(up[1])),
    )

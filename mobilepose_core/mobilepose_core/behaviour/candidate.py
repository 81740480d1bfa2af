"""Who may be chosen as the target, and how."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mobilepose_core.typing import FloatArray

NEAREST, BY_ID, RAISED_HAND, CENTRE = "nearest", "id", "raised_hand", "centre"
CHOICES = (NEAREST, BY_ID, RAISED_HAND, CENTRE)


@dataclass(frozen=True, eq=False)
class Candidate:
    """Somebody who is seen and may be the target.

    Attributes:
        track_id: of the person.
        appearance: as `appearance_of` gives it; None if unknown.
        place: (3,) m, in a frame that does not turn with the robot where there is one; None if
            unknown.
        aside: distance from the picture's centre, in its widths.
        size: of the person in the picture, pixels; the larger are nearer where places are unknown.
        has_raised_hand: whether they raise a hand.
        is_isolated: whether nobody is before or behind them, so that what is seen is theirs.
        distance: from the camera, m; None takes `place` to be of the camera's frame.
    """

    track_id: int
    appearance: FloatArray | None = None
    place: FloatArray | None = None
    aside: float = 0.0
    size: float = 0.0
    has_raised_hand: bool = False
    is_isolated: bool = True
    distance: float | None = None


def chosen(how: str, candidates: Sequence[Candidate], track_id: int | None = None) -> int | None:
    """The track ID of the candidate that a way of choosing names; None if there is none.

    Args:
        how: one of `CHOICES`.
        candidates: who is seen.
        track_id: for `id`.

    Raises:
        ValueError: an unknown way, or `id` without one.
    """
    if how not in CHOICES:
        raise ValueError(f"target {how!r} unknown; known: {', '.join(CHOICES)}")
    if how == BY_ID:
        if track_id is None:
            raise ValueError("a target by id needs its track_id")
        return track_id if track_id in {one.track_id for one in candidates} else None
    among = [one for one in candidates if how != RAISED_HAND or one.has_raised_hand]
    key = (lambda one: one.aside) if how == CENTRE else _distance_key
    return min(among, key=key).track_id if among else None


def _distance_key(one: Candidate) -> tuple[bool, float]:
    distance = one.distance
    if distance is None and one.place is not None:
        distance = float(np.linalg.norm(one.place))
    return (True, -one.size) if distance is None else (False, distance)

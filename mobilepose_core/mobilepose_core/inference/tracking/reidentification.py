"""Who of the people that are known each pose is: by place and movement, and by what they look like.

Joints say it while nobody is near; where people meet, the colours of their torsos say which of them
is in front and who comes out behind.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mobilepose_core import center_map
from mobilepose_core.inference.tracking import appearance, association
from mobilepose_core.inference.tracking.association import People
from mobilepose_core.inference.tracking.track import FAMILIAR, Track, expected, expected_boxes
from mobilepose_core.pose import Pose

Floats = npt.NDArray[np.floating[Any]]

REACH = 0.5
REACH_SPEED = 1.0
"""How far from where they were expected someone may come back, in lengths of their box, and how
much further for every second."""

FAMILIAR_REACH = 1.0
"""How much further they may come back who look quite the same, in lengths of their box: a pose that
went over to somebody else led away from where they are."""

BACK = 0.3
"""Cost of taking a pose for somebody lost, where all agrees: who is followed comes first."""

STRANGE = 0.6
"""What it costs more if they look like somebody else."""

RIVALRY = 0.6
"""Cost of taking a pose for somebody followed if it looks like another whom it may be as well."""

NEAR = 0.03
"""IoU of two people's boxes from which the one may be seen where the other is looked at."""

_NEVER = 2.0
"""Dearer than anything that is possible."""


@dataclass(frozen=True, eq=False)
class Costs:
    """Of taking P poses for F people who are followed and L who are lost.

    Attributes:
        steps: (F, P) by joints alone; 1 is the most that is possible.
        whole: (F + L, P) all in all; likewise.
    """

    steps: Floats
    whole: Floats


def costs_of(
    followed: Sequence[Track],
    lost: Sequence[Track],
    poses: Sequence[Pose],
    looks: Floats | None,
    is_sure: npt.NDArray[np.bool_],
    time: float,
) -> Costs:
    """What it costs to take each pose for each of the people.

    Args:
        followed: F people.
        lost: L people.
        poses: P of them.
        looks: (P, 5, 3) theirs, as of `appearance.looks_of`; None where nobody asked.
        is_sure: (P,) which of them are people: only those may be lost ones.
        time: the frame's, s.
    """
    found = People.of(poses)
    steps = association.step_cost(expected(followed, time), found)
    if looks is None and not lost:
        return Costs(steps, steps)
    unlike = _strangeness([*followed, *lost], found, looks)
    strange, familiar = np.nan_to_num(unlike), np.nan_to_num(1 - unlike / FAMILIAR).clip(min=0)
    theirs = slice(len(followed), None)
    back = _cost_of_return(lost, found, familiar[theirs], time)
    back = back + (1 - BACK) * STRANGE * strange[theirs]
    can_be = np.concatenate([steps, back]) <= 1
    least = np.where(can_be, strange, 1).min(axis=0, initial=1)
    ahead = steps + RIVALRY * (strange[: len(followed)] - least).clip(min=0)
    return Costs(steps, np.concatenate([ahead, np.where(is_sure, back, _NEVER)]))


def are_clear(poses: Sequence[Pose], lost: Sequence[Track], time: float) -> npt.NDArray[np.bool_]:
    """(P,) of which poses nobody else is near, so that what is seen there is theirs."""
    boxes = People.of(poses).boxes
    everybody = np.concatenate([boxes, expected_boxes(lost, time)])
    return np.asarray((center_map.overlaps(boxes, everybody) > NEAR).sum(axis=1) <= 1)


def _cost_of_return(lost: Sequence[Track], found: People, familiar: Floats, time: float) -> Floats:
    """(L, P), by how familiar each of the people found is to each who is lost."""
    reach = np.array([REACH + REACH_SPEED * (time - track.time) for track in lost])
    reaches = reach[:, None] + FAMILIAR_REACH * familiar
    costs = association.return_cost(expected_boxes(lost, time), found.boxes, reaches)
    return np.asarray(BACK + (1 - BACK) * costs)


def _strangeness(tracks: Sequence[Track], found: People, looks: Floats | None) -> Floats:
    """(T, P) how surely each of the people found is another person; NaN where nothing is known."""
    unlike = np.full((len(tracks), len(found)), np.nan)
    known = [row for row, track in enumerate(tracks) if track.look is not None]
    if looks is not None and known:
        unlike[known] = appearance.strangeness(np.array([tracks[i].look for i in known]), looks)
    return unlike

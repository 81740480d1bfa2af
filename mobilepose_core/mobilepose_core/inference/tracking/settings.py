"""How people are tracked."""

from __future__ import annotations

import math
from dataclasses import dataclass

PERSON_THRESHOLD = 0.35
"""A pose whose joints score less than this in the mean is not a person.

With the released `final`, 6 and 9 % of composed people are missed (seeds 4 and 5), 8 and 10 % at
0.45. Where our detector found somebody, the pose network's presence decides.
"""


@dataclass(frozen=True)
class Tracking:
    """How people are tracked; may be exchanged between frames.

    Attributes:
        person_threshold: mean score of a pose's joints from which it is a person.
        max_people: tracked at most.
        timeout: s after which a lost track ends; a person seen again sooner keeps their ID.
        find_interval: the detector runs at least every so many frames, and whenever a pose becomes
            unsure, a person is lost or moves away, or nobody is tracked.
    """

    person_threshold: float = PERSON_THRESHOLD
    max_people: int = 10
    timeout: float = 2.0
    find_interval: int = 10

    def __post_init__(self) -> None:
        if not 0 <= self.person_threshold <= 1:
            raise ValueError(f"the person threshold is in [0, 1], got {self.person_threshold}")
        if self.max_people < 1:
            raise ValueError(f"at least 1 person is tracked, got max_people {self.max_people}")
        if not (math.isfinite(self.timeout) and self.timeout >= 0):
            raise ValueError(f"the timeout of tracks is 0 s or more, got {self.timeout}")
        if self.find_interval < 1:
            raise ValueError(f"the detector runs every 1 frame or more, got {self.find_interval}")

"""The settings of tracking."""

from __future__ import annotations

from dataclasses import dataclass

from mobilepose_core.errors import check_count, check_number

PERSON_THRESHOLD = 0.35
"""A pose with a lower mean joint score is not a person.

With the released `final`, 6 and 9 % of people in composed videos are missed (seeds 4 and 5), and
8 and 10 % at 0.45. New detections of our detector also have to pass the presence.
"""


@dataclass(frozen=True)
class Tracking:
    """How people are tracked; may change between frames.

    Attributes:
        person_threshold: mean joint score from which a pose is a person. Half of it is enough for
            somebody cut off by the lower border of the frame.
        max_people: largest number of tracked people; of a photograph, nobody is left out.
        timeout: s after which a lost track ends; a track recovered sooner keeps its ID.
        find_interval: largest number of frames between two detector runs. It also runs when a pose
            becomes uncertain, a person is lost or has moved away, or no person is tracked.
    """

    person_threshold: float = PERSON_THRESHOLD
    max_people: int = 10
    timeout: float = 2.0
    find_interval: int = 10

    def __post_init__(self) -> None:
        """Raises MobilePoseError for a value that tracking cannot use."""
        check_number("person_threshold", self.person_threshold, 0, 1)
        check_count("max_people", self.max_people, 1)
        check_number("timeout", self.timeout, 0)
        check_count("find_interval", self.find_interval, 1)

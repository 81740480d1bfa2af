"""A person detector that records its run times for diagnostics."""

from __future__ import annotations

import time

from mobilepose_core import PersonBoxes, PersonDetector
from mobilepose_core.typing import ImageArray
from mobilepose_ros.counters import Performance


class TimedDetector:
    """Wraps a person detector and records how long each run takes."""

    def __init__(self, detector: PersonDetector, performance: Performance) -> None:
        """Wraps a detector.

        Args:
            detector: to run.
            performance: records the run times.
        """
        self._detector = detector
        self._performance = performance

    def __call__(self, frame: ImageArray) -> PersonBoxes:
        """Boxes around the people in a frame, (H, W, 3) uint8 BGR."""
        begin = time.monotonic()
        people = self._detector(frame)
        self._performance.detected(time.monotonic() - begin)
        return people

    def interrupt(self) -> None:
        """Cancels a call in another thread, and all later ones."""
        self._detector.interrupt()

    def resume(self) -> None:
        """Undoes `interrupt`."""
        self._detector.resume()


def detector_facts(kind: str, detector: PersonDetector | None) -> dict[str, str]:
    """What diagnostics report about a detector, by key.

    Args:
        kind: the parameter person_finder.
        detector: None if boxes come from a topic.
    """
    describe = getattr(detector, "describe", dict)  # only networks describe themselves
    known: dict[str, str] = describe()
    return {"detector": kind} | {f"detector {key}": text for key, text in known.items()}

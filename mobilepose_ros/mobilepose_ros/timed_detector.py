"""A person detector that records its run times for diagnostics."""

from __future__ import annotations

import time
from collections.abc import Callable

from mobilepose_core import DetectorWrapper, PersonBoxes, PersonDetector
from mobilepose_ros.counters import Performance


class TimedDetector(DetectorWrapper):
    """Wraps a person detector and records how long each run takes."""

    def __init__(self, detector: PersonDetector, performance: Performance) -> None:
        """Wraps a detector.

        Args:
            detector: to run.
            performance: records the run times.
        """
        super().__init__(detector)
        self._performance = performance

    def run(self, detect: Callable[[], PersonBoxes]) -> PersonBoxes:
        """Runs the wrapped detector, and records the time."""
        begin = time.monotonic()
        people = detect()
        self._performance.detected(time.monotonic() - begin)
        return people


def detector_facts(kind: str, detector: PersonDetector | None) -> dict[str, str]:
    """What diagnostics report about a detector, by key.

    Args:
        kind: the parameter person_finder.
        detector: None if boxes come from a topic.
    """
    describe = getattr(detector, "describe", dict)  # only networks describe themselves
    known: dict[str, str] = describe()
    return {"detector": kind} | {f"detector {key}": text for key, text in known.items()}

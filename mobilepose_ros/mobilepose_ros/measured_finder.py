"""What finds people in images, for the node to tell of."""

from __future__ import annotations

import time

import numpy as np
import numpy.typing as npt

from mobilepose_core.inference.detection.boxes import PersonBoxes
from mobilepose_core.inference.detection.detector import Detector
from mobilepose_core.inference.detection.finders import PersonFinder
from mobilepose_core.inference.detection.yolo import YoloDetector
from mobilepose_ros.counters import Performance


class MeasuredFinder:
    """A person finder whose times are told."""

    def __init__(self, finder: PersonFinder, performance: Performance) -> None:
        """Takes the finder, and what is told of its times."""
        self._finder = finder
        self._performance = performance

    def __call__(self, frame: npt.NDArray[np.uint8]) -> PersonBoxes:
        """Where people are in a frame, (H, W, 3) uint8 BGR."""
        begin = time.monotonic()
        people = self._finder(frame)
        self._performance.found(time.monotonic() - begin)
        return people

    def interrupt(self) -> None:
        """Ends a call that another thread makes, and later ones."""
        self._finder.interrupt()

    def resume(self) -> None:
        """Takes `interrupt` back."""
        self._finder.resume()


def facts(kind: str, finder: PersonFinder | None) -> dict[str, str]:
    """What is known of a finder, as texts by their names.

    Args:
        kind: the parameter person_finder.
        finder: None where boxes are given.
    """
    known = {"person finder": kind}
    if isinstance(finder, Detector | YoloDetector):
        known["finder model"] = finder.model.name
        known["finder model SHA-256"] = finder.model.checksum
        known["finder provider"] = finder.provider
    if isinstance(finder, YoloDetector):
        known["finder layout"] = finder.layout
    return known

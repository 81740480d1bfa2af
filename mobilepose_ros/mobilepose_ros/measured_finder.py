"""What finds people in images, for the node to tell of."""

from __future__ import annotations

import time

from mobilepose_core.inference.detection.center_detector import CenterDetector
from mobilepose_core.inference.detection.person_detector import PersonDetector
from mobilepose_core.inference.detection.yolo import YoloDetector
from mobilepose_core.pose import PersonBoxes
from mobilepose_core.typing import ImageArray
from mobilepose_ros.counters import Performance


class MeasuredFinder:
    """A person finder whose times are told."""

    def __init__(self, finder: PersonDetector, performance: Performance) -> None:
        """Takes the finder, and what is told of its times."""
        self._finder = finder
        self._performance = performance

    def __call__(self, frame: ImageArray) -> PersonBoxes:
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


def facts(kind: str, finder: PersonDetector | None) -> dict[str, str]:
    """What is known of a finder, as texts by their names.

    Args:
        kind: the parameter person_finder.
        finder: None where boxes are given.
    """
    known = {"person finder": kind}
    if isinstance(finder, CenterDetector | YoloDetector):
        known["finder model"] = finder.file.name
        known["finder model SHA-256"] = finder.file.checksum
        known["finder provider"] = finder.provider
    if isinstance(finder, CenterDetector):
        known["find_size"] = str(finder.size)
    if isinstance(finder, YoloDetector):
        known["finder layout"] = finder.layout
    return known

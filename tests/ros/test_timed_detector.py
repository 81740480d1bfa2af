"""The detector that the node gives its estimator."""

import numpy as np
import pytest

from mobilepose_core import PersonBoxes
from mobilepose_ros import timed_detector
from mobilepose_ros.counters import Performance
from mobilepose_ros.timed_detector import TimedDetector

BOXES = PersonBoxes(np.array([[1, 2, 3, 4]], np.float32), np.ones(1, np.float32))


class Finder:
    """Finds the same box in every frame, until it is interrupted."""

    is_interrupted = False

    def __call__(self, frame):
        if self.is_interrupted:
            raise RuntimeError("interrupted")
        return BOXES

    def interrupt(self):
        self.is_interrupted = True

    def resume(self):
        self.is_interrupted = False


def test_a_timed_detector_finds_the_same_and_records_its_times():
    performance = Performance()
    finder = TimedDetector(Finder(), performance)
    frame = np.zeros((4, 4, 3), np.uint8)

    assert finder(frame) is BOXES
    assert finder(frame) is BOXES

    assert len(performance.detections.items()) == 2
    assert all(seconds >= 0 for seconds in performance.detections.items())


def test_a_timed_detector_takes_the_looks_of_its_detector_in_turn():
    numbers = []

    class Looking(Finder):
        def look(self, frame, number):
            numbers.append(number)
            return BOXES

    performance = Performance()
    finder = TimedDetector(Looking(), performance)

    assert finder.look(np.zeros((4, 4, 3), np.uint8), 3) is BOXES

    assert numbers == [3]
    assert len(performance.detections.items()) == 1


def test_a_timed_detector_interrupts_and_resumes_its_detector():
    finder = TimedDetector(Finder(), Performance())
    frame = np.zeros((4, 4, 3), np.uint8)

    finder.interrupt()
    with pytest.raises(RuntimeError, match="interrupted"):
        finder(frame)

    finder.resume()
    assert finder(frame) is BOXES


def test_of_a_finder_without_a_model_of_its_own_the_kind_is_known():
    assert timed_detector.detector_facts("topic", None) == {"detector": "topic"}
    assert timed_detector.detector_facts("full_frame", Finder()) == {"detector": "full_frame"}


def test_a_network_describes_itself_for_diagnostics():
    class Network(Finder):
        def describe(self):
            return {"model": "yolo", "layout": "YOLOv8"}

    facts = timed_detector.detector_facts("detector", Network())

    assert facts == {
        "detector": "detector",
        "detector model": "yolo",
        "detector layout": "YOLOv8",
    }

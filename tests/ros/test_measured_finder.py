"""The finder that the node gives its estimator."""

import numpy as np
import pytest

from mobilepose_core.pose import PersonBoxes
from mobilepose_ros import measured_finder
from mobilepose_ros.counters import Performance
from mobilepose_ros.measured_finder import MeasuredFinder

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


def test_a_measured_finder_finds_the_same_and_tells_its_times():
    performance = Performance()
    finder = MeasuredFinder(Finder(), performance)
    frame = np.zeros((4, 4, 3), np.uint8)

    assert finder(frame) is BOXES
    assert finder(frame) is BOXES

    assert len(performance.finds.items()) == 2
    assert all(seconds >= 0 for seconds in performance.finds.items())


def test_a_measured_finder_is_interrupted_and_resumed_as_its_own():
    finder = MeasuredFinder(Finder(), Performance())
    frame = np.zeros((4, 4, 3), np.uint8)

    finder.interrupt()
    with pytest.raises(RuntimeError, match="interrupted"):
        finder(frame)

    finder.resume()
    assert finder(frame) is BOXES


def test_of_a_finder_without_a_model_of_its_own_the_kind_is_known():
    assert measured_finder.facts("topic", None) == {"person finder": "topic"}
    assert measured_finder.facts("full_frame", Finder()) == {"person finder": "full_frame"}

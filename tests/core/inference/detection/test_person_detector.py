"""What a video and a photograph ask of a detector."""

from types import SimpleNamespace

import numpy as np
import pytest

from mobilepose_core import DetectorWrapper, PersonBoxes, PoseEstimator
from mobilepose_core.inference.detection.person_detector import make_detector
from mobilepose_core.inference.tracking.settings import Tracking
from mobilepose_core.pose import no_boxes


class Plain:
    """A user's own detector: it detects somebody in `boxes`, and remembers that it was asked."""

    boxes = no_boxes()

    def __init__(self):
        self.asked = []

    def __call__(self, frame):
        self.asked.append("all")
        return self.boxes

    def interrupt(self):
        pass

    def resume(self):
        pass


class Looking(Plain):
    """A detector with several kinds of looks."""

    def look(self, frame, number):
        self.asked.append(number)
        return self.boxes


@pytest.fixture
def black():
    return np.zeros((120, 160, 3), np.uint8)


def estimator_with(detector, model, **settings):
    estimator = PoseEstimator(model, "cpu", finder="boxes", tracking=Tracking(**settings))
    estimator.detector = detector
    return estimator


def test_after_the_first_frame_of_a_video_the_looks_of_a_detector_take_turns(red_model, black):
    estimator = estimator_with(Looking(), red_model)

    for time in range(3):
        estimator(black, float(time))

    assert estimator.detector.asked == ["all", 1, 2]


def test_between_two_looks_people_are_tracked_and_the_turn_is_kept(red_model, red_light):
    detector = Looking()
    detector.boxes = PersonBoxes(np.array([[60, 40, 100, 80]], np.float32), np.ones(1, np.float32))
    estimator = estimator_with(detector, red_model, find_interval=3)

    for frame in range(7):
        assert estimator(red_light(80, 60), frame / 30)

    assert detector.asked == ["all", 1, 2]


@pytest.mark.parametrize("begin", [PoseEstimator.begin_video, PoseEstimator.forget])
def test_another_video_begins_with_all_looks(red_model, black, begin):
    estimator = estimator_with(Looking(), red_model)
    estimator(black)
    estimator(black)

    begin(estimator)
    estimator(black)

    assert estimator.detector.asked == ["all", 1, "all"]


def test_in_a_photograph_a_detector_takes_all_its_looks(red_model, black):
    estimator = estimator_with(Looking(), red_model)

    estimator.photograph(black)
    estimator.detect(black)

    assert estimator.detector.asked == ["all", "all"]


def test_a_detector_without_looks_is_called(red_model, black):
    estimator = estimator_with(Plain(), red_model)

    estimator(black)
    estimator(black)

    assert estimator.detector.asked == ["all", "all"]


@pytest.mark.parametrize(
    ("provider", "released"),
    [
        ("CPUExecutionProvider", "finder-int8"),
        ("CUDAExecutionProvider", "finder"),
        ("OpenVINOExecutionProvider", "finder"),
    ],
)
def test_the_released_detector_is_of_8_bits_where_the_pose_network_runs_on_a_cpu(
    provider, released
):
    detector = make_detector("detector", SimpleNamespace(provider=provider), "cpu")

    assert detector.describe()["model"] == released


@pytest.mark.parametrize("detector", [Plain, Looking])
def test_a_wrapped_detector_is_asked_as_if_it_were_alone(detector, red_model, black):
    inside = detector()
    estimator = estimator_with(DetectorWrapper(inside), red_model)
    alone = estimator_with(detector(), red_model)

    for one in (estimator, alone):
        one(black)
        one(black)
        one.photograph(black)

    assert inside.asked == alone.detector.asked

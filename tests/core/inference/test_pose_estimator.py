import functools

import numpy as np
import pytest

from mobilepose_core import MobilePoseError, PoseEstimator, Smoothing
from mobilepose_core.inference.detection import full_frame
from mobilepose_core.inference.detection.finder_detector import LOOKS
from mobilepose_core.inference.runtime import providers, session
from mobilepose_core.inference.runtime.cuda_graphs import GraphRunner
from mobilepose_core.inference.tracking.settings import Tracking
from mobilepose_core.pose import PersonBoxes


def test_a_light_is_found_in_source_pixels_wherever_it_is(red_model, red_light):
    estimator = PoseEstimator(red_model, finder="full_frame")

    for x, y in [(40, 50), (160, 120), (270, 190)]:
        estimator.forget()
        (pose,) = estimator.model(red_light(x, y), full_frame.regions_to_search(320, 240)[:1])
        # A crop pixel is 5 source pixels here, and a cell four of those.
        assert np.allclose(pose.joints, [[x, y]] * 11, atol=2)


def test_a_pose_whose_joints_all_lie_in_one_place_is_followed_without_an_error(
    red_model, red_light
):
    estimator = PoseEstimator(red_model, finder="full_frame")
    frame = red_light(160, 120)

    ids = [pose.track_id for _ in range(5) for pose in estimator(frame)]

    assert len(ids) >= 1


def test_an_empty_picture_holds_nobody(red_model):
    assert PoseEstimator(red_model, finder="full_frame")(np.zeros((240, 320, 3), np.uint8)) == []


@pytest.mark.parametrize(
    "frame",
    [
        np.zeros((0, 0, 3), np.uint8),
        np.zeros((240, 320), np.uint8),
        np.zeros((240, 320, 4), np.uint8),
        np.zeros((240, 320, 3), np.float32),
        [[1, 2, 3]],
        None,
    ],
)
def test_a_frame_that_is_none_is_refused_with_what_it_was(red_model, frame):
    with pytest.raises(ValueError, match="frame is"):
        PoseEstimator(red_model, finder="full_frame")(frame)


@pytest.mark.parametrize("shape", [(1, 1), (1, 700), (700, 1), (3, 5), (2000, 3000), (2, 40_000)])
def test_a_frame_of_any_size_is_looked_at(red_model, shape):
    assert isinstance(
        PoseEstimator(red_model, finder="full_frame")(np.full((*shape, 3), 200, np.uint8)), list
    )


def test_squares_along_the_longer_side_reach_both_ends_of_the_frame():
    regions = full_frame.regions_to_search(640, 480)

    assert regions[0].side == 640
    squares = regions[2:]
    assert all(square.side == 480 for square in squares)
    assert min(square.x - square.side / 2 for square in squares) == -0.5
    assert max(square.x + square.side / 2 for square in squares) == 639.5


def test_the_person_threshold_holds_from_the_next_frame_on(red_model, red_light):
    estimator = PoseEstimator(red_model, finder="full_frame")
    frame = (0.7 * red_light(160, 120)).astype(np.uint8)
    (pose,) = estimator(frame)

    estimator.tracking = Tracking(person_threshold=pose.score * 1.4)
    assert estimator(frame) == []

    estimator.tracking = Tracking(person_threshold=pose.score * 0.9)
    assert len(estimator(frame)) == 1


def test_an_interrupted_estimator_works_again_once_it_is_resumed(red_model, red_light):
    estimator = PoseEstimator(red_model, finder="full_frame")

    estimator.interrupt()
    with pytest.raises(Exception, match="terminate flag"):
        estimator(red_light(160, 120))

    estimator.resume()
    assert estimator(red_light(160, 120))


def test_a_gpu_meets_what_it_may_be_given_before_the_first_frame(red_model, monkeypatch):
    monkeypatch.setattr(providers, "GPU_PROVIDERS", (providers.CPU,))
    monkeypatch.setattr(providers, "with_graphs", lambda session: True)
    monkeypatch.setattr(session, "GraphRunner", functools.partial(GraphRunner, device="cpu"))
    estimator = PoseEstimator(red_model)
    met = [one._bound._places for one in (estimator.model, estimator.detector)]

    estimator.warm_up(10)
    batches, frames = map(list, met)
    for width, height in ((320, 240), (1920, 1080)) * 3:
        estimator(np.zeros((height, width, 3), np.uint8))

    assert [shape[0] for shape, _ in batches] == [1, 2, 4, 8, 16]
    assert len(frames) == 2 * len(LOOKS)
    assert [list(places) for places in met] == [batches, frames]


def test_the_cpu_needs_no_preparation(red_model, monkeypatch):
    estimator = PoseEstimator(red_model, "cpu")
    monkeypatch.setattr(estimator.model, "run", pytest.fail)
    monkeypatch.setattr(estimator.detector, "run", pytest.fail)

    estimator.warm_up(10)


def test_without_a_finder_nobody_is_found_but_in_boxes_that_are_given(red_model, red_light):
    estimator = PoseEstimator(red_model, finder="boxes")
    boxes = PersonBoxes(np.array([[150, 110, 170, 130]], np.float32), np.ones(1, np.float32))

    assert estimator.detector is None
    assert estimator(red_light(160, 120), 0.0) == []
    assert len(estimator(red_light(160, 120), 0.1, boxes)) == 1
    assert len(estimator(red_light(160, 120), 0.2)) == 1


def test_an_estimator_for_given_boxes_refuses_to_detect(red_model, red_light):
    with pytest.raises(ValueError, match="'boxes' has no network"):
        PoseEstimator(red_model, finder="boxes").detect(red_light(160, 120))


def test_an_unknown_finder_is_refused_with_those_that_are_known(red_model):
    with pytest.raises(ValueError, match="'radar' unknown; known: detector, full_frame, boxes"):
        PoseEstimator(red_model, finder="radar")


@pytest.mark.parametrize("finder", ["full_frame", "boxes"])
def test_a_finder_without_a_canvas_refuses_a_size(red_model, finder):
    with pytest.raises(ValueError, match=f"{finder}.* has none, leave find_size at 0"):
        PoseEstimator(red_model, "cpu", 1, finder, find_size=320)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"threads": 1.5}, r"threads is a whole number from 0 \(.*\) to 256, got 1.5"),
        ({"threads": "2"}, r"threads is a whole number from 0 \(.*\) to 256, got '2'"),
        ({"threads": -1}, r"threads is a whole number from 0 \(.*\) to 256, got -1"),
        ({"threads": 100_000}, r"threads is a whole number from 0 \(.*\) to 256, got 100000"),
        ({"tracking": 5}, "tracking is a Tracking or None, got 5"),
        ({"smoothing": 0.2}, "smoothing is a Smoothing or None, got 0.2"),
    ],
)
def test_settings_of_another_type_are_refused(red_model, arguments, complaint):
    with pytest.raises(MobilePoseError, match=complaint):
        PoseEstimator(red_model, "cpu", finder="boxes", **arguments)


def test_settings_may_change_and_are_checked_then(red_model):
    estimator = PoseEstimator(red_model, "cpu", finder="boxes")

    estimator.tracking = Tracking(max_people=3)
    with pytest.raises(MobilePoseError, match="smoothing is a Smoothing or None"):
        estimator.smoothing = 0.3
    with pytest.raises(MobilePoseError, match="tracking is a Tracking or None, got 5"):
        estimator.tracking = 5

    assert (estimator.tracking.max_people, estimator.smoothing) == (3, Smoothing())
    estimator.tracking = None
    assert estimator.tracking == Tracking()


def test_boxes_and_times_of_another_type_are_refused(red_model, red_light):
    estimator, frame = PoseEstimator(red_model, "cpu", finder="boxes"), red_light(160, 120)
    corners = np.array([[150, 110, 170, 130]], np.float32)

    for call in (estimator, estimator.photograph):
        with pytest.raises(MobilePoseError, match="boxes is a PersonBoxes or None, got array"):
            call(frame, boxes=corners)
    with pytest.raises(MobilePoseError, match="time is a finite number of seconds, got '1'"):
        estimator(frame, "1")
    with pytest.raises(MobilePoseError, match="arrival is a finite number of seconds, got nan"):
        estimator(frame, arrival=float("nan"))


def test_numbers_of_numpy_are_numbers(red_model, red_light):
    estimator = PoseEstimator(red_model, "cpu", np.int64(1), "boxes")

    assert estimator(red_light(160, 120), np.float32(0.5)) == []

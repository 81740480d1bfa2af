"""People and joints over time, with time stamps good and bad."""

import numpy as np
import pytest

from mobilepose_core import PoseEstimator
from mobilepose_core.inference.tracking.smoothing import Smoothing


@pytest.mark.parametrize("time", [float("inf"), float("nan")])
def test_a_time_that_is_none_is_refused(red_model, red_light, time):
    estimator = PoseEstimator(red_model, finder="full_frame")

    with pytest.raises(ValueError, match="finite number of seconds"):
        estimator(red_light(160, 120), time)


def _by_the_clock(estimator, frames, stamps):
    """IDs of who is in each frame; one comes in every 0.1 s."""
    return [
        [pose.track_id for pose in estimator(frame, stamp, arrival=0.1 * number)]
        for number, (frame, stamp) in enumerate(zip(frames, stamps, strict=True))
    ]


@pytest.mark.parametrize("kind", ["frozen", "none", "each twice", "whole seconds", "good"])
@pytest.mark.parametrize(("absence", "is_known"), [(1.5, True), (4.0, False)])
def test_a_person_is_forgotten_after_the_timeout_whatever_the_stamps(
    red_model, red_light, kind, absence, is_known
):
    estimator = PoseEstimator(red_model, finder="full_frame")
    frames = [red_light(160, 120)] * 5
    frames += [np.zeros_like(frames[0])] * round(10 * absence) + frames
    stamps = {
        "good": lambda n: 100 + n / 10,
        "frozen": lambda n: 100.0,
        "none": lambda n: None,
        "each twice": lambda n: 100 + n // 2 * 0.2,
        "whole seconds": lambda n: 100.0 + n // 10,
    }[kind]

    ids = _by_the_clock(estimator, frames, [stamps(n) for n in range(len(frames))])

    assert (ids[-1] == ids[0]) == is_known


@pytest.mark.parametrize("stamp_of", [lambda n: 100.0, lambda n: 100 + n // 2 * 0.2])
def test_joints_are_steadied_and_follow_a_person_whose_stamps_repeat(
    red_model, red_light, stamp_of
):
    estimator = PoseEstimator(
        red_model, finder="full_frame", smoothing=Smoothing(time=0.2, speed=1e4)
    )
    xs = [160] * 10 + [166] * 20

    found = [
        estimator(red_light(x, 120), stamp_of(number), arrival=0.1 * number)[0].joints[0, 0]
        for number, x in enumerate(xs)
    ]

    assert 160.5 < found[10] < 165
    assert found[-1] == pytest.approx(166, abs=2)


def test_smoothing_averages_the_joints_of_someone_who_is_followed(red_model, red_light):
    estimator = PoseEstimator(red_model, finder="full_frame")
    frames = [red_light(160, 120), red_light(166, 120)]
    plain = [estimator(frame, number / 30)[0].joints for number, frame in enumerate(frames)]

    estimator.forget()
    estimator.smoothing = Smoothing(time=0.5, speed=1e4)
    steady = [estimator(frame, number / 30)[0].joints for number, frame in enumerate(frames)]

    assert np.array_equal(steady[0], plain[0])
    moved, followed = plain[1] - plain[0], steady[1] - steady[0]
    assert (moved[:, 0] > 1).all()
    assert (followed[:, 0] > 0).all()
    assert (followed[:, 0] < 0.5 * moved[:, 0]).all()

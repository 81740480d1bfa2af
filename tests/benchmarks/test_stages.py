import numpy as np
import pytest
from benchmarks.measure.stages import STAGES, Stopwatch
from benchmarks.picture import people

from mobilepose_core import PoseEstimator, heatmap
from mobilepose_core.inference.runtime import model_file
from mobilepose_core.pose import PersonBoxes


@pytest.mark.skipif("final" not in model_file.released_models(), reason="no released model 'final'")
def test_every_stage_of_a_frame_with_three_people_takes_its_time():
    estimator = PoseEstimator("final", "cpu", threads=1)
    frame, boxes = people(640, 480, 3)
    estimator(frame, 0.0, PersonBoxes(boxes, np.ones(3, np.float32)))

    with Stopwatch() as stopwatch:
        poses = estimator(frame, 0.1)

    assert len(poses) == 3
    assert {stage for stage in STAGES if stopwatch.times[stage] == 0} == {"finder", "smoothing"}
    assert max(stopwatch.times, key=stopwatch.times.__getitem__) == "network"


def test_afterwards_nothing_is_timed_any_more():
    before = heatmap.decode
    with Stopwatch():
        assert heatmap.decode is not before

    assert heatmap.decode is before


def test_a_stage_is_timed_without_those_that_it_calls(monkeypatch):
    clock = iter([0.0, 1.0, 4.0, 5.0])
    monkeypatch.setattr("time.perf_counter", lambda: next(clock))
    stopwatch = Stopwatch()
    inner = stopwatch.timed("decode", lambda: None)
    outer = stopwatch.timed("network", inner)

    outer()

    assert stopwatch.times["network"] == 2000
    assert stopwatch.times["decode"] == 3000

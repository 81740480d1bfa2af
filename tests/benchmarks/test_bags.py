"""The benchmark of recordings compares programs that do the same."""

import time

import pytest

pytest.importorskip("rosbags", reason="rosdep has no key for rosbags")

from benchmarks import bags

from mobilepose_core import PoseEstimator
from mobilepose_core.recordings.annotate import annotate
from mobilepose_core.recordings.job import Estimation, Job


def test_the_plain_loop_finds_the_people_that_the_command_finds(tmp_path):
    bags.record(tmp_path / "bag", 5)
    job = Job(tmp_path / "bag", tmp_path / "out", estimation=Estimation("small", "cpu", 1))

    found = bags.plain_loop(tmp_path / "bag", PoseEstimator("small", "cpu", 1))

    assert found == annotate(job).people == 5


def test_processor_time_is_that_of_work_and_not_of_waiting():
    clock, work = bags.timed(lambda: time.sleep(0.1))

    assert clock >= 0.1
    assert work < 0.05

"""A run that is killed goes on from where it was; nothing is lost or doubled."""

import dataclasses
import pickle
import random
import shutil
import signal
import subprocess
import sys
import time

import pytest

from mobilepose_core.errors import DataError
from mobilepose_core.inference.pose_estimator import PoseEstimator
from mobilepose_core.inference.tracking.smoothing import Smoothing
from mobilepose_core.recordings import checkpoint
from mobilepose_core.recordings.annotate import annotate
from mobilepose_core.recordings.journal import ResultJournal

EVERY_FRAME = 1e-9
"""An interval of checkpoints, s."""

PROGRAM = """
import pickle, sys
from mobilepose_core.recordings.annotate import annotate
annotate(pickle.load(open(sys.argv[1], "rb")), lambda done, count: print(done, flush=True))
"""


@pytest.fixture
def smoothed(job):
    """A job whose results depend on all frames before: people are tracked and smoothed."""

    def make(source, **settings):
        task = job(source, **settings)
        how = dataclasses.replace(task.estimation, smoothing_time=0.1)
        return dataclasses.replace(task, estimation=how)

    return make


@pytest.fixture
def undisturbed(smoothed, raw_messages):
    """The messages and the report of a run that nothing stopped, of another target."""

    def run(task):
        other = dataclasses.replace(task, target=task.target.with_name("undisturbed"))
        report = annotate(other)
        return raw_messages(other.target), (report.frames, report.people, report.faults)

    return run


def stop_at(frame):
    def progress(done, count):
        if done == frame:
            raise KeyboardInterrupt

    return progress


def result(task, raw_messages):
    report = annotate(task)
    return raw_messages(task.target), (report.frames, report.people, report.faults)


@pytest.mark.parametrize(("originals", "kills"), [(False, 3), (True, 1)])
def test_a_run_that_is_killed_at_random_moments_equals_one_that_is_not(
    walk, smoothed, undisturbed, raw_messages, tmp_path, originals, kills
):
    task = smoothed(walk(frames=40), interval=0.01, with_originals=originals)
    moments, begun = random.Random(), []
    (tmp_path / "job").write_bytes(pickle.dumps(task))

    for _ in range(kills):
        command = [sys.executable, "-c", PROGRAM, str(tmp_path / "job")]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        frames = [int(process.stdout.readline()) for _ in range(moments.randint(4, 12))]
        begun.append(frames[0])
        time.sleep(moments.uniform(0, 0.02))
        process.send_signal(signal.SIGKILL)
        process.communicate()

    expected = undisturbed(task)
    assert result(task, raw_messages) == expected
    assert begun[0] == 0
    assert begun == sorted(begun)
    assert sum(topic.endswith("/joints") for topic, _, _ in expected[0]) == 40


@pytest.mark.parametrize("seed", range(4))
def test_a_journal_that_is_cut_off_anywhere_gives_the_same_result(
    walk, smoothed, undisturbed, raw_messages, seed
):
    task = smoothed(walk(frames=8), interval=EVERY_FRAME)
    with pytest.raises(KeyboardInterrupt):
        annotate(task, stop_at(6))
    journal = task.work / "journal"
    data = journal.read_bytes()
    journal.write_bytes(data[: random.Random(seed).randrange(len(data))])

    assert result(task, raw_messages) == undisturbed(task)


def test_a_byte_that_the_disk_lost_costs_no_more_than_what_follows(
    walk, smoothed, undisturbed, raw_messages
):
    task = smoothed(walk(frames=8), interval=EVERY_FRAME)
    with pytest.raises(KeyboardInterrupt):
        annotate(task, stop_at(6))
    journal = task.work / "journal"
    data = bytearray(journal.read_bytes())
    data[len(data) // 2] ^= 255
    journal.write_bytes(data)

    assert result(task, raw_messages) == undisturbed(task)


def test_frames_before_the_last_checkpoint_are_not_processed_again(walk, smoothed, monkeypatch):
    task = smoothed(walk(frames=8), interval=EVERY_FRAME)
    with pytest.raises(KeyboardInterrupt):
        annotate(task, stop_at(5))
    estimated = []
    call = PoseEstimator.__call__

    def counted(*given, **named):
        estimated.append(1)
        return call(*given, **named)

    monkeypatch.setattr(PoseEstimator, "__call__", counted)

    report = annotate(task)

    assert (report.frames, report.resumed) == (8, 4)
    assert len(estimated) == 4


def test_a_result_that_was_half_written_is_written_anew(walk, smoothed, undisturbed, raw_messages):
    task = smoothed(walk(frames=4), interval=EVERY_FRAME)
    with pytest.raises(KeyboardInterrupt):
        annotate(task, stop_at(3))
    shutil.copytree(task.source, task.work / task.target.name)

    assert result(task, raw_messages) == undisturbed(task)


def test_a_run_that_is_killed_after_its_last_step_leaves_nothing(walk, smoothed):
    task = smoothed(walk(frames=2))
    annotate(task)
    task.work.mkdir()
    (task.work / "journal").write_bytes(b"")

    assert annotate(task).resumed == 2
    assert not task.work.exists()


def test_what_was_begun_with_other_options_is_begun_anew(walk, smoothed, undisturbed, raw_messages):
    task = smoothed(walk(frames=4), interval=EVERY_FRAME)
    with pytest.raises(KeyboardInterrupt):
        annotate(task, stop_at(3))
    how = dataclasses.replace(task.estimation, smoothing_time=0.0)
    other = dataclasses.replace(task, estimation=how)

    assert annotate(other).resumed == 0
    assert raw_messages(other.target) == undisturbed(other)[0]


def test_another_recording_of_the_same_name_is_not_taken_for_the_finished_one(walk, job, tmp_path):
    first = walk(frames=2)
    annotate(job(first))
    first.rename(tmp_path / "first")
    other = job(walk(frames=2, noise=9))

    with pytest.raises(DataError, match=r"result of another recording walk, .*another folder"):
        annotate(other)


def test_what_was_begun_with_another_recording_of_the_same_name_is_begun_anew(
    walk, smoothed, undisturbed, raw_messages, tmp_path
):
    first = walk(frames=4)
    with pytest.raises(KeyboardInterrupt):
        annotate(smoothed(first, interval=EVERY_FRAME), stop_at(3))
    first.rename(tmp_path / "first")
    other = smoothed(walk(frames=4, noise=9))

    assert annotate(other).resumed == 0
    assert raw_messages(other.target) == undisturbed(other)[0]


def test_a_recording_that_was_moved_goes_on(walk, smoothed, tmp_path):
    task = smoothed(walk(frames=4), interval=EVERY_FRAME)
    with pytest.raises(KeyboardInterrupt):
        annotate(task, stop_at(3))
    moved = tmp_path / "moved" / task.source.name
    moved.parent.mkdir()
    task.source.rename(moved)
    task = dataclasses.replace(task, source=moved)

    assert annotate(task).resumed == 2
    assert annotate(task).resumed == 4


def test_two_processes_do_not_work_on_one_recording(walk, smoothed, monkeypatch):
    task = smoothed(walk(frames=2))
    monkeypatch.setattr("mobilepose_core.recordings.annotate.PATIENCE", 0.1)

    def meanwhile(done, count):
        with pytest.raises(DataError, match="another process works on it"):
            annotate(task)

    annotate(task, meanwhile)


def test_a_journal_returns_what_was_added(tmp_path):
    journal = ResultJournal(tmp_path / "journal", {"job": 1})
    journal.add(2, -5, b"first")
    journal.checkpoint(b"state")
    journal.add(3, 7, b"second")
    journal.close()

    again = ResultJournal(tmp_path / "journal", {"job": 1})

    assert again.state == b"state"
    assert [(e.topic, e.time, again.read(e)) for e in again.entries] == [(2, -5, b"first")]
    again.close()
    other = ResultJournal(tmp_path / "journal", {"job": 2})
    assert (other.state, other.entries) == (None, [])
    other.close()


def test_a_state_with_a_foreign_class_is_refused():
    import os

    with pytest.raises(pickle.UnpicklingError, match="system does not belong into a state"):
        checkpoint.unpacked(pickle.dumps(os.system))


def test_a_video_goes_on_in_another_process(network, person):
    poses = []
    estimator = PoseEstimator(network, "cpu", 1, "full_frame", smoothing=Smoothing(0.1))
    for number in range(12):
        poses += estimator(person(number), number / 30)
        state = checkpoint.packed(estimator.video)
        estimator = PoseEstimator(network, "cpu", 1, "full_frame", smoothing=Smoothing(0.1))
        estimator.continue_video(checkpoint.unpacked(state))
    alone = PoseEstimator(network, "cpu", 1, "full_frame", smoothing=Smoothing(0.1))

    expected = [pose for number in range(12) for pose in alone(person(number), number / 30)]

    assert len(poses) == len(expected) == 12
    assert all((a.joints == b.joints).all() for a, b in zip(poses, expected, strict=True))
    assert {pose.track_id for pose in poses} == {1}

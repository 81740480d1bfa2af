"""Frames of many recordings: what is done, and what will be."""

import shutil
import sqlite3
from contextlib import closing

import numpy as np
import pytest

from mobilepose_core.recordings import progress as progress_module
from mobilepose_core.recordings.annotate import annotate
from mobilepose_core.recordings.cameras import Selection
from mobilepose_core.recordings.engines import PROGRESS, LocalEngine, run
from mobilepose_core.recordings.job import JobReport
from mobilepose_core.recordings.progress import FrameCount, Progress, image_count

EVERYTHING = Selection()
RANGE = "/camera/range/image_raw"
DOT = np.zeros((4, 4, 3), np.uint8)


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """Time to count everything at once, on a busy machine too."""
    monkeypatch.setattr(progress_module, "COUNTING", 600)


@pytest.fixture
def small(recorder, job):
    """Makes the job of a recording with so many small images, and other messages."""

    def make(name, frames, depths=0, **settings):
        with recorder(name, **settings) as bag:
            for number in range(frames):
                bag.image(DOT, number)
                bag.info(number)
            for number in range(depths):
                bag.depth(number, RANGE)
        return job(bag.path)

    return make


def begin(task, done, count):
    task.work.mkdir(exist_ok=True)
    (task.work / PROGRESS).write_text(f"{done} {count}\n")


def ended(task, frames, resumed=0, error=""):
    return JobReport(str(task.source), frames=frames, resumed=resumed, error=error)


@pytest.mark.parametrize("storage", ["mcap", "sqlite3"])
@pytest.mark.parametrize("compression", [None, "FILE", "MESSAGE"])
@pytest.mark.parametrize("has_metadata", [True, False])
def test_images_are_counted_without_reading_them(small, storage, compression, has_metadata):
    source = small("walk", 12, 3, storage=storage, compression=compression).source
    if not has_metadata:
        (source / "metadata.yaml").unlink()
    is_known = has_metadata or compression != "FILE"

    assert image_count(source, EVERYTHING) == (15 if is_known else None)
    assert image_count(source, Selection(("/camera/image_raw",))) == (12 if is_known else None)


def test_images_that_are_no_frames_by_their_names_are_not_counted(recorder):
    with recorder() as bag:
        for number in range(2):
            bag.image(DOT, number)
            bag.image(DOT, number, "/camera/mobilepose/overlay")
            bag.jpeg(DOT, number)
            bag.jpeg(DOT, number, "/rear/image_raw/compressed")
            bag.depth(number)
            bag.depth(number, RANGE)

    assert image_count(bag.path, EVERYTHING) == 6
    assert image_count(bag.path, Selection(depth={"*": RANGE})) == 4


def test_of_a_camera_with_depth_in_its_name_the_images_are_counted(recorder):
    with recorder() as bag:
        bag.image(DOT, 0, "/depth_camera/image_raw")

    assert image_count(bag.path, EVERYTHING) == 1


def test_images_of_parts_are_counted_together(small, tmp_path):
    (tmp_path / "day").mkdir()
    for number in range(2):
        file = small(f"part{number}", 5 + number).source / f"part{number}.mcap"
        shutil.copy(file, tmp_path / "day" / f"walk_{number}.mcap")

    assert image_count(tmp_path / "day" / "walk_*.mcap", EVERYTHING) == 11


def test_a_long_database_is_counted_by_a_sample(small):
    source = small("walk", 6, storage="sqlite3").source
    (source / "metadata.yaml").unlink()
    with closing(sqlite3.connect(source / "walk.db3")) as database:
        for _ in range(9):
            query = "INSERT INTO messages (topic_id, timestamp, data) "
            database.execute(query + "SELECT topic_id, timestamp, x'00' FROM messages")
        database.commit()

    assert image_count(source, EVERYTHING) == pytest.approx(6 * 2**9, rel=0.01)


def test_what_cannot_be_opened_has_no_images_and_what_has_no_index_is_unknown(small, cut, tmp_path):
    source = small("walk", 6).source
    (source / "metadata.yaml").unlink()
    cut(source / "walk.mcap", 0.5)

    assert image_count(source, EVERYTHING) is None
    assert image_count(tmp_path / "nowhere", EVERYTHING) == 0


def test_damaged_metadata_leaves_the_count_to_the_files(small):
    source = small("walk", 6, storage="sqlite3").source
    (source / "metadata.yaml").write_text("a: [")

    assert image_count(source, EVERYTHING) == 6


def test_recordings_of_different_lengths_count_as_many_frames_as_they_have(small):
    jobs = [small("short", 2), small("long", 40), small("failed", 30)]
    progress = Progress(jobs)

    assert progress.frames([]) == FrameCount(0, 72, 0)
    begin(jobs[0], 1, 2)
    assert progress.frames([]) == FrameCount(1, 72, 1)
    reports = [ended(jobs[0], 2), ended(jobs[2], 0, error="damaged")]
    assert progress.frames(reports) == FrameCount(2, 42, 0)
    begin(jobs[1], 10, 40)
    assert progress.frames(reports).done == 12
    assert progress.frames([*reports, ended(jobs[1], 40)])[:2] == (42, 42)


def test_images_are_counted_in_turn_where_there_are_many_recordings(small, monkeypatch):
    monkeypatch.setattr(progress_module, "COUNTING", 0)
    progress = Progress([small("first", 10), small("second", 30)])

    totals = [progress.frames([]).total for _ in range(3)]

    assert totals == [20, 40, 40]


def test_images_that_are_no_frames_are_expected_in_the_others_too(small):
    jobs = [small("first", 10, depths=10), small("second", 30, depths=30)]
    progress = Progress(jobs)

    begin(jobs[0], 5, 10)

    assert progress.frames([]).total == 40


def test_recordings_of_unknown_length_are_as_long_as_the_others(small):
    jobs = [small(name, 10, compression="FILE") for name in ("a", "b", "c")]
    for task in jobs:
        (task.source / "metadata.yaml").unlink()
    progress = Progress(jobs)

    assert progress.frames([]) == FrameCount(0, 0, 0)
    begin(jobs[0], 5, 10)
    assert progress.frames([ended(jobs[1], 20)]).total == 45


def test_the_work_of_earlier_runs_is_told_apart(small):
    jobs = [small("first", 10), small("second", 100)]
    progress = Progress(jobs)

    begin(jobs[1], 60, 100)
    assert progress.frames([ended(jobs[0], 10, resumed=10)]) == FrameCount(70, 110, 70)
    begin(jobs[1], 80, 100)
    assert progress.frames([ended(jobs[0], 10, resumed=10)]) == FrameCount(90, 110, 70)


def test_at_the_end_all_frames_are_done_whatever_failed(small, job, tmp_path):
    (tmp_path / "empty.mcap").write_bytes(b"")
    finished = small("finished", 2)
    annotate(finished)
    jobs = [finished, small("short", 1), small("long", 6, depths=2), job(tmp_path / "empty.mcap")]
    progress, reports = Progress(jobs), []

    for found in run(LocalEngine(1), jobs, timeout=0.05):
        reports += found
        count = progress.frames(reports)
        assert count.earlier <= count.done <= count.total

    assert count == FrameCount(9, 9, 2)

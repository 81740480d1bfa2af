"""What `annotate` makes of recordings."""

import dataclasses
import errno

import cv2
import numpy as np
import pytest

from mobilepose_core import PoseEstimator, skeleton
from mobilepose_core.errors import DataError
from mobilepose_core.recordings.annotate import annotate
from mobilepose_core.recordings.annotator import Drawing
from mobilepose_core.recordings.cameras import Selection
from mobilepose_core.recordings.disk import written

RESULTS = "/camera/mobilepose"
START = 1_700_000_000_000_000_000
"""First stamp, ns."""

ZSTANDARD = b"\x28\xb5\x2f\xfd"
"""What a message that rosbag2 compressed begins with."""


@pytest.mark.parametrize("storage", ["mcap", "sqlite3"])
def test_every_image_gets_the_joints_of_the_estimator_under_its_own_header_and_time(
    walk, job, read, person, network, storage
):
    source = walk(frames=4, storage=storage)

    report = annotate(job(source, storage=storage))

    images, found = read(source)["/camera/image_raw"], read(report.target)
    estimator = PoseEstimator(network, "cpu", 1, "full_frame")
    assert (report.frames, report.people, report.losses) == (4, 4, ())
    assert len(images) == len(found[f"{RESULTS}/joints"]) == 4
    for number, ((time, image), (noted, poses)) in enumerate(
        zip(images, found[f"{RESULTS}/joints"], strict=True)
    ):
        stamp = image.header.stamp.sec + image.header.stamp.nanosec / 1e9
        (expected,) = estimator(person(number), stamp)
        (pose,) = poses.poses
        assert (noted, poses.header) == (time, image.header)
        assert (poses.image_width, poses.image_height) == (320, 240)
        assert pose.track_id == expected.track_id == 1
        assert [(j.name, j.x, j.y) for j in pose.joints] == [
            (name, np.float32(x), np.float32(y)) for name, x, y, _ in expected
        ]
    for name in ("markers", "overlay/compressed"):
        assert [time for time, _ in found[f"{RESULTS}/{name}"]] == [time for time, _ in images]
    ((_, joints),) = found[f"{RESULTS}/skeleton"]
    assert tuple(joints.joints) == skeleton.JOINTS


def test_compressed_images_and_raw_ones_of_another_camera_are_tracked_apart(
    recorder, person, job, read
):
    with recorder() as bag:
        for number in range(3):
            bag.jpeg(person(number), number, "/front/image_raw/compressed")
            bag.image(person(number)[..., ::-1], number, "/rear/image_raw", "rgb8")

    found = read(annotate(job(bag.path)).target)

    front, rear = found["/front/mobilepose/joints"], found["/rear/mobilepose/joints"]
    assert len(front) == len(rear) == 3
    for (_, one), (_, other) in zip(front, rear, strict=True):
        assert one.poses[0].joints == other.poses[0].joints
        assert one.poses[0].track_id == other.poses[0].track_id == 1


def test_an_image_that_is_recorded_raw_and_compressed_is_processed_once(
    recorder, person, job, read
):
    with recorder() as bag:
        bag.image(person(0), 0)
        bag.jpeg(person(0), 0)

    report = annotate(job(bag.path))

    assert report.frames == 1
    assert f"{RESULTS}/joints" in read(report.target)


def test_two_images_in_one_namespace_have_results_below_their_own_names(
    recorder, person, job, read
):
    with recorder() as bag:
        bag.image(person(0), 0, "/camera/image_raw")
        bag.image(person(0), 0, "/camera/image_rect")

    topics = set(read(annotate(job(bag.path)).target))

    assert {f"/camera/image_{end}/mobilepose/joints" for end in ("raw", "rect")} <= topics


def test_the_result_of_another_version_is_not_taken_for_this_ones(walk, job, monkeypatch):
    task = job(walk(frames=1))
    monkeypatch.setattr("mobilepose_core.recordings.job.FORMAT", 1)
    annotate(task)
    monkeypatch.undo()

    with pytest.raises(DataError, match="is the result of another version of mobilepose; remove"):
        annotate(task)


def test_an_image_that_cannot_be_decoded_is_counted_and_the_others_are_processed(
    recorder, person, job, read
):
    with recorder() as bag:
        bag.image(person(0), 0)
        bag.image(person(1), 1, encoding="unheard_of")
        bag.image(person(2), 2)

    report = annotate(job(bag.path))

    assert report.frames == 3
    ((fault, count),) = report.faults.items()
    assert "unheard_of" in fault
    assert count == 1
    assert len(read(report.target)[f"{RESULTS}/joints"]) == 2


def test_images_behind_a_damaged_first_one_are_processed(recorder, person, job):
    with recorder() as bag:
        for number in range(2):
            bag.damaged(number)
        bag.image(person(2), 2)
        bag.damaged(2, "/rear/image_raw")

    report = annotate(job(bag.path))

    assert (report.frames, report.people, list(report.faults.values())) == (3, 1, [2])
    assert report.losses == ("/rear/image_raw: none of its 1 messages can be decoded",)


def test_a_recording_of_damaged_images_only_is_refused_with_the_reason(recorder, job):
    with recorder() as bag:
        bag.damaged(0)

    with pytest.raises(DataError, match=r"no images; .* none of its 1 messages can be decoded"):
        annotate(job(bag.path))


@pytest.mark.parametrize("storage", ["mcap", "sqlite3"])
@pytest.mark.parametrize("compressed", [True, False])
def test_originals_are_copied_bit_by_bit_in_the_order_of_time(
    walk, job, raw_messages, storage, compressed
):
    source = walk(frames=3)

    report = annotate(job(source, with_originals=True, storage=storage, is_compressed=compressed))

    copied = raw_messages(report.target)
    assert [m for m in copied if m[0] == "/camera/image_raw"] == raw_messages(source)
    assert [time for _, time, _ in copied] == sorted(time for _, time, _ in copied)
    assert {topic for topic, _, _ in copied} > {"/camera/image_raw", f"{RESULTS}/joints"}


@pytest.mark.parametrize("storage", ["mcap", "sqlite3"])
def test_originals_that_cannot_be_copied_are_losses_of_the_report_and_of_the_result(
    recorder, person, job, raw_messages, storage
):
    with recorder(storage=storage) as bag:
        for number in range(3):
            bag.image(person(number), number)
            bag.info(number, "/elsewhere/camera_info")
        connection = bag.connections["/elsewhere/camera_info"]
        bag.writer.write(connection, START, ZSTANDARD + b"damaged")
    task = job(bag.path, with_originals=True, storage=storage)

    report = annotate(task)

    copied = [topic for topic, _, _ in raw_messages(report.target)]
    (loss,) = report.losses
    assert copied.count("/elsewhere/camera_info") == 3
    assert "/elsewhere/camera_info: a compressed message is damaged" in loss
    assert annotate(task).losses == report.losses  # as the result itself tells it


def test_results_of_the_name_of_a_recorded_topic_are_refused_beside_the_originals(walk, job):
    first = annotate(job(walk(frames=1), with_originals=True))
    again = job(type(job(walk("other", 1)).source)(first.target))
    again = dataclasses.replace(again, target=again.target.with_name("again"), with_originals=True)

    with pytest.raises(DataError, match="--name"):
        annotate(again)


def test_the_overlay_is_raw_compressed_or_left_out(walk, job, read, person):
    def overlay(kind):
        task = job(walk(kind, 1), drawing=Drawing(kind, labels=True))
        return {t: m for t, m in read(annotate(task).target).items() if "overlay" in t}

    ((_, raw),) = overlay("raw")[f"{RESULTS}/overlay"]
    ((_, jpeg),) = overlay("compressed")[f"{RESULTS}/overlay/compressed"]

    picture = raw.data.reshape(240, 320, 3)
    assert overlay("none") == {}
    assert not np.array_equal(picture, person(0))
    assert np.abs(cv2.imdecode(jpeg.data, 1).astype(int) - picture).mean() < 5


def test_an_overlay_that_is_larger_than_a_jpeg_can_be_is_reduced_and_reported(recorder, job, read):
    with recorder() as bag:
        bag.image(np.zeros((32, 70_000, 3), np.uint8), 0)

    report = annotate(job(bag.path))

    ((_, overlay),) = read(report.target)[f"{RESULTS}/overlay/compressed"]
    assert cv2.imdecode(overlay.data, 1).shape == (30, 65_500, 3)
    assert report.faults == {
        "/camera/image_raw: overlay reduced: 70000x32 pixels; a JPEG has at most 65500 in each "
        "direction (--overlay raw keeps them)": 1
    }


def test_a_topic_that_is_not_there_is_refused_with_those_that_are(walk, job):
    with pytest.raises(
        DataError, match=r"/elsewhere is not in it; expected one of /camera/image_raw"
    ):
        annotate(job(walk(frames=1), selection=Selection(images=("/elsewhere",))))


def test_a_finished_recording_is_not_processed_again_and_another_one_is_not_overwritten(walk, job):
    task = job(walk(frames=2))
    first = annotate(task)

    again = annotate(task)

    assert (again.frames, again.people, again.resumed) == (first.frames, first.people, 2)
    with pytest.raises(DataError, match="is not the result of walk with these options"):
        annotate(dataclasses.replace(task, drawing=Drawing("none")))


def test_of_a_recording_that_cannot_be_annotated_nothing_is_left(recorder, job, tmp_path):
    with recorder() as bag:
        bag.info(0)

    with pytest.raises(DataError, match="no images"):
        annotate(job(bag.path))

    assert list((tmp_path / "annotated").iterdir()) == []


NO_SPACE = OSError(errno.ENOSPC, "No space left on device")
ADVICE = r"/.walk.part: No space left on device; make room there, and run the same command again"


@pytest.mark.parametrize("storage", ["mcap", "sqlite3"])
def test_a_full_disk_is_named_with_what_to_do_and_the_run_goes_on_later(
    walk, job, monkeypatch, storage
):
    task = job(walk(frames=2), interval=1e-9, storage=storage)

    def fail(*_):
        raise NO_SPACE

    monkeypatch.setattr("mobilepose_core.recordings.journal.os.fsync", fail)
    with pytest.raises(OSError, match=ADVICE):
        annotate(task)
    monkeypatch.undo()
    monkeypatch.setattr("rosbags.rosbag2.Writer.write", fail)
    with pytest.raises(OSError, match=ADVICE):
        annotate(task)
    monkeypatch.undo()

    assert annotate(task).resumed == 2


def test_a_full_database_is_a_full_disk(tmp_path):
    apsw = pytest.importorskip("apsw", reason="rosbags writes SQLite with apsw")

    database = apsw.Connection(":memory:")
    database.execute("CREATE TABLE t(x); PRAGMA max_page_count=2")

    def insert():
        with written(tmp_path):
            database.execute("INSERT INTO t VALUES (zeroblob(100000))")

    with pytest.raises(OSError, match=rf"{tmp_path}: .*disk is full; make room"):
        insert()


def test_nothing_but_the_result_is_left(walk, job, tmp_path):
    annotate(job(walk(frames=1)))

    assert [path.name for path in (tmp_path / "annotated").iterdir()] == ["walk"]
    assert {path.name for path in (tmp_path / "annotated" / "walk").iterdir()} == {
        "metadata.yaml",
        "walk.mcap",
    }

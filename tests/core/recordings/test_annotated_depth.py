"""What `annotate` makes of the depth in recordings: joints in metres."""

import dataclasses

import cv2
import numpy as np
import pytest

from mobilepose_core.recordings.annotate import annotate
from mobilepose_core.recordings.cameras import Selection

RESULTS = "/camera/mobilepose"
LATER = 4_000_001
"""From a stamp until its message is recorded, ns."""


@pytest.mark.parametrize("depth_first", [True, False])
def test_depth_and_calibration_give_joints_in_metres(
    recorder, person, joints, job, read, depth_first
):
    later = LATER - 1_000_000 if depth_first else LATER + 20_000_000
    with recorder() as bag:
        for number in range(3):
            bag.depth(number, later=later)
            bag.info(number, later=later)
            bag.image(person(number), number)

    report = annotate(job(bag.path))

    found = read(report.target)[f"{RESULTS}/joints_3d"]
    assert report.faults == {}
    assert len(found) == 3
    for number, (_, message) in enumerate(found):
        (pose,) = message.poses
        for joint, (x, y) in zip(pose.joints, np.add(joints, (number, 0)), strict=True):
            assert joint.z == pytest.approx(2.0, abs=0.001)
            assert joint.x == pytest.approx((x - 159.5) / 320 * 2, abs=0.02)
            assert joint.y == pytest.approx((y - 119.5) / 320 * 2, abs=0.02)


def test_an_image_without_depth_has_joints_in_metres_that_are_unknown_and_is_reported(
    recorder, person, job, read
):
    with recorder() as bag:
        bag.info(0)
        bag.image(person(0), 0)
        bag.depth(0)
        bag.image(person(9), 9)

    report = annotate(job(bag.path))

    (_, known), (_, unknown) = read(report.target)[f"{RESULTS}/joints_3d"]
    assert known.poses[0].joints[0].z == pytest.approx(2.0, abs=0.001)
    assert np.isnan(unknown.poses[0].joints[0].z)
    assert list(report.faults.values()) == [1]
    assert "no depth image near the image's stamp" in next(iter(report.faults))


def test_depth_in_another_frame_is_not_taken_unless_it_is_named(recorder, person, job, read):
    with recorder() as bag:
        bag.info(0)
        bag.image(person(0), 0)
        bag.depth(0, topic="/depth/image", frame_id="depth_optical_frame")
    named = job(bag.path, selection=Selection(depth={"*": "/depth/image"}))
    named = dataclasses.replace(named, target=named.target.with_name("named"))

    by_itself = read(annotate(job(bag.path)).target)

    assert f"{RESULTS}/joints_3d" not in by_itself
    assert f"{RESULTS}/joints_3d" in read(annotate(named).target)


@pytest.mark.parametrize("depth", [{}, {"*": "/camera/depth/image_raw/compressedDepth"}])
def test_compressed_depth_gives_joints_in_metres(recorder, person, joints, job, read, depth):
    with recorder() as bag:
        bag.info(0)
        for number in range(2):
            bag.compressed_depth(number)
            bag.jpeg(person(number), number)

    report = annotate(job(bag.path, selection=Selection(depth=depth)))

    found = read(report.target)[f"{RESULTS}/joints_3d"]
    assert (report.frames, report.faults, report.notes) == (2, {}, ())
    for number, (_, message) in enumerate(found):
        (pose,) = message.poses
        for joint, (x, _) in zip(pose.joints, np.add(joints, (number, 0)), strict=True):
            assert joint.z == pytest.approx(2.0, abs=0.001)
            assert joint.x == pytest.approx((x - 159.5) / 320 * 2, abs=0.02)


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"data": np.zeros(40, np.uint8)}, "is of an unknown kind; expected PNG or RVL"),
        ({"format": "64FC1; compressedDepth"}, "supported: 16UC1, mono16, 32FC1"),
    ],
)
def test_compressed_depth_that_cannot_be_decoded_is_missing_depth(
    recorder, person, job, read, fields, fault
):
    with recorder() as bag:
        bag.info(0)
        for number in range(2):
            bag.compressed_depth(number, **(fields if number else {}))
            bag.image(person(number), number)

    report = annotate(job(bag.path))

    (_, known), (_, unknown) = read(report.target)[f"{RESULTS}/joints_3d"]
    assert known.poses[0].joints[0].z == pytest.approx(2.0, abs=0.001)
    assert np.isnan(unknown.poses[0].joints[0].z)
    assert list(report.faults.values()) == [1]
    assert fault in next(iter(report.faults))


def test_of_raw_and_compressed_depth_of_a_camera_the_raw_one_is_taken(recorder, person, job, read):
    with recorder() as bag:
        bag.info(0)
        bag.compressed_depth(0, data=np.zeros(20, np.uint8))
        bag.depth(0)
        bag.image(person(0), 0)

    report = annotate(job(bag.path))

    ((_, message),) = read(report.target)[f"{RESULTS}/joints_3d"]
    assert message.poses[0].joints[0].z == pytest.approx(2.0, abs=0.001)
    assert report.notes == (
        "depth /camera/depth/image_raw/compressedDepth is not used: /camera/image_raw has the "
        "depth of /camera/depth/image_raw",
    )


def test_compressed_depth_is_preferred_to_a_jpeg_of_it(recorder, person, job, read):
    jpeg = cv2.imencode(".jpg", np.zeros((240, 320), np.uint8))[1].reshape(-1)
    with recorder() as bag:
        bag.info(0)
        topic = "/camera/depth/image_raw/compressed"
        bag.compressed_depth(0, topic, data=jpeg, format="16UC1; jpeg compressed ")
        bag.compressed_depth(0)
        bag.image(person(0), 0)

    report = annotate(job(bag.path))

    ((_, message),) = read(report.target)[f"{RESULTS}/joints_3d"]
    assert message.poses[0].joints[0].z == pytest.approx(2.0, abs=0.001)
    assert f"depth {topic} is not used" in report.notes[0]


@pytest.mark.parametrize(
    ("depth", "reason"),
    [
        ({}, "its frame_id 'depth_optical_frame' is not that of /camera/image_raw; if it is align"),
        ({"*": "none"}, "the option --depth none"),
    ],
)
def test_depth_that_is_not_used_is_noted_with_the_reason(recorder, person, job, depth, reason):
    with recorder() as bag:
        bag.image(person(0), 0)
        bag.depth(0, topic="/depth/image", frame_id="depth_optical_frame")

    (note,) = annotate(job(bag.path, selection=Selection(depth=depth))).notes

    assert note.startswith(f"depth /depth/image is not used: {reason}")

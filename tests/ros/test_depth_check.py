from dataclasses import replace

import numpy as np
import pytest
from depth_scene import (
    CAMERA,
    EXPECTED,
    HEIGHT,
    HOLES,
    JOINTS,
    POSE,
    WALL,
    WIDTH,
    depth_message,
)

from mobilepose_core.messages.depth_check import people_in_metres
from mobilepose_core.messages.depth_map import DepthMap


def seen_in(values, encoding, poses=(POSE,)):
    view = DepthMap.from_image(depth_message(values, encoding))
    return people_in_metres(poses, view, CAMERA, WIDTH, HEIGHT)


@pytest.mark.parametrize("factor", [100, 1000, 10_000])
def test_people_in_another_unit_than_metres_are_refused_and_the_unit_is_named(scene, factor):
    complaint = (
        r"people are about \d+ m away according to a depth image in 32FC1, whose unit is the "
        "metre; .*"
        "Expected 16UC1 in millimetres, or 32FC1 in metres"
    )
    with pytest.raises(ValueError, match=complaint):
        seen_in(scene * factor, "32FC1")


@pytest.mark.parametrize("factor", [10, 0.05])
def test_people_of_impossible_size_are_refused_and_the_unit_is_named(scene, factor):
    # A sensor of 0.1 mm, or of 2 cm: no distance that people could not have.
    complaint = (
        r"people are [\d.]+ times as large as an adult according to a depth image in 16UC1, "
        "whose unit is the millimetre; .*another"
    )
    with pytest.raises(ValueError, match=complaint):
        seen_in(np.clip(scene * 1000 * factor, 0, 65534), "16UC1")


@pytest.mark.parametrize("factor", [0.3, 1.0, 1.3])
def test_children_and_giants_have_their_place(scene, factor):
    (places,) = seen_in(scene * 1000 * factor, "16UC1")

    assert np.isfinite(places).all(axis=1).sum() >= 6


def test_one_person_of_possible_size_says_that_the_unit_is_right(scene):
    far = scene.copy()
    far[:, :320] = np.float32(60.0)
    giant = replace(POSE, joints=JOINTS - np.float32([100, 0]))
    beside = replace(POSE, joints=JOINTS / 4 + np.float32([400, 300]))

    assert len(seen_in(far, "32FC1", [giant, beside])) == 2


def test_the_sky_of_a_simulation_is_no_wrong_unit(scene):
    scene[scene == np.float32(WALL)] = 1e4

    (places,) = seen_in(scene, "32FC1")

    assert places[:, 2] == pytest.approx(EXPECTED)


def test_a_person_in_front_of_the_sky_has_no_depth_and_the_others_have(scene):
    scene[:, :100] = 1e4
    in_the_sky = replace(POSE, joints=(JOINTS / 10).astype(np.float32))

    unknown, known = seen_in(scene, "32FC1", [in_the_sky, POSE])

    assert np.isnan(unknown).all()
    assert known[:, 2] == pytest.approx(EXPECTED)


@pytest.mark.parametrize(
    ("encoding", "hole"), [("16UC1", 0), ("16UC1", 65535), *(("32FC1", h) for h in HOLES[:-1])]
)
def test_a_depth_image_that_is_one_hole_is_named_as_such(scene, encoding, hole):
    with pytest.raises(ValueError, match=f"depth image in {encoding} has no depth at all"):
        seen_in(np.full_like(scene, hole), encoding)


def test_people_in_a_hole_are_unknown_and_no_fault(scene):
    scene[:, 150:] = 0

    (places,) = seen_in(scene, "32FC1")

    assert np.isnan(places).all()


def test_without_people_there_is_no_wrong_unit(scene):
    assert seen_in(scene * 1000, "32FC1", []) == []

from dataclasses import replace

import cv2
import numpy as np
import pytest
from depth_scene import (
    CAMERA,
    EXPECTED,
    FOREARM,
    HEIGHT,
    HOLES,
    JOINTS,
    LEFT_WRIST,
    PERSON,
    POSE,
    RIGHT_WRIST,
    WALL,
    WIDTH,
    depth_message,
)

from mobilepose_core import Pose, skeleton
from mobilepose_core.messages.depth_map import DepthMap
from mobilepose_core.messages.joints_from_depth import joints_in_metres


def located(metres, pose=POSE):
    view = DepthMap.from_image(depth_message(metres, "32FC1"))
    return joints_in_metres(pose, view, CAMERA, WIDTH, HEIGHT)


def moved(name, x, y):
    joints = JOINTS.copy()
    joints[skeleton.INDEX[name]] = x, y
    return replace(POSE, joints=joints)


@pytest.mark.parametrize("is_bigendian", [0, 1])
@pytest.mark.parametrize("padding", [0, 7])
@pytest.mark.parametrize(
    ("encoding", "per_metre"), [("16UC1", 1000), ("mono16", 1000), ("32FC1", 1)]
)
def test_every_joint_is_where_the_person_is(scene, encoding, per_metre, padding, is_bigendian):
    image = depth_message(np.round(scene * per_metre, 3), encoding, padding, is_bigendian)
    view = DepthMap.from_image(image)

    places = joints_in_metres(POSE, view, CAMERA, WIDTH, HEIGHT)

    expected = CAMERA.back_project(JOINTS, EXPECTED)
    assert places.shape == (11, 3)
    assert places.dtype == np.float32
    assert places == pytest.approx(expected, abs=1e-3)
    assert np.shares_memory(view.values, np.frombuffer(image.data, np.uint8))


def test_a_joint_found_just_beside_the_body_is_not_on_the_wall(scene):
    # 24 pixels wide, the arm ends at 208; the window around the joint shows more wall than arm.
    places = located(scene, moved("right_wrist", 206, 350))

    assert places[RIGHT_WRIST, 2] == pytest.approx(PERSON)


def test_one_arm_before_the_body_has_its_own_depth(scene):
    places = located(scene)

    assert places[LEFT_WRIST, 2] == pytest.approx(FOREARM)
    assert places[skeleton.INDEX["left_elbow"], 2] == pytest.approx(PERSON)


@pytest.mark.parametrize("hole", HOLES)
def test_holes_within_the_window_do_no_harm(scene, hole):
    scene[::2, ::2] = hole
    scene[1::2, 1::2] = hole

    assert located(scene)[:, 2] == pytest.approx(EXPECTED)


@pytest.mark.parametrize("hole", HOLES)
def test_a_joint_in_a_hole_is_unknown_and_the_others_are_not(scene, hole):
    cv2.circle(scene, JOINTS[RIGHT_WRIST].astype(int), 30, hole, cv2.FILLED)

    unknown = np.isnan(located(scene)).all(axis=1)

    assert np.flatnonzero(unknown).tolist() == [RIGHT_WRIST]


@pytest.mark.parametrize("encoding", ["16UC1", "mono16"])
@pytest.mark.parametrize("hole", [0, 65535])
@pytest.mark.parametrize("is_bigendian", [0, 1])
def test_the_largest_value_of_16_bits_is_a_hole_as_zero_is(scene, encoding, hole, is_bigendian):
    values = np.round(scene * 1000).astype(np.uint16)
    values[::2, ::2] = values[1::2, 1::2] = hole
    cv2.circle(values, JOINTS[RIGHT_WRIST].astype(int), 30, hole, cv2.FILLED)
    view = DepthMap.from_image(depth_message(values, encoding, is_bigendian=is_bigendian))

    places = joints_in_metres(POSE, view, CAMERA, WIDTH, HEIGHT)

    expected = np.where(np.arange(11) == RIGHT_WRIST, np.nan, EXPECTED)
    assert places[:, 2] == pytest.approx(expected, nan_ok=True)


def test_a_few_pixels_in_a_hole_are_not_believed(scene):
    x, y = JOINTS[RIGHT_WRIST].astype(int)
    cv2.circle(scene, (x, y), 30, 0.0, cv2.FILLED)
    scene[y : y + 3, x : x + 3] = PERSON

    assert np.isnan(located(scene)[RIGHT_WRIST]).all()


def test_the_window_is_as_large_in_an_image_of_more_pixels(scene):
    large = cv2.resize(scene, None, fx=4, fy=4, interpolation=cv2.INTER_NEAREST)
    cv2.circle(large, (4 * JOINTS[RIGHT_WRIST]).astype(int), 14, 0.0, cv2.FILLED)

    assert located(large)[RIGHT_WRIST, 2] == pytest.approx(PERSON)


@pytest.mark.parametrize("value", [0.0, np.nan])
def test_without_any_depth_all_is_unknown(value):
    assert np.isnan(located(np.full((HEIGHT, WIDTH), value))).all()


def test_noise_and_flying_pixels_do_not_move_a_joint(scene):
    noise = np.random.default_rng(4)
    scene += noise.normal(0, 0.01, scene.shape).astype(np.float32)
    flying = noise.random(scene.shape) < 0.04
    scene[flying] = noise.uniform(0.3, 6, np.count_nonzero(flying))

    assert located(scene)[:, 2] == pytest.approx(EXPECTED, abs=0.03)


def test_a_joint_far_behind_its_person_is_unknown(scene):
    scene[scene == np.float32(WALL)] = 5.0

    places = located(scene, moved("right_wrist", 150, 380))

    assert np.isnan(places[RIGHT_WRIST]).all()
    assert np.isfinite(np.delete(places, RIGHT_WRIST, axis=0)).all()


@pytest.mark.parametrize("name", ["right_wrist", "right_elbow", "left_eye", "nose"])
def test_the_joint_that_makes_limbs_impossibly_long_is_unknown(scene, name):
    # 0.6 m behind the person: within the reach of an arm, and farther than a forearm is long.
    index = skeleton.INDEX[name]
    cv2.circle(scene, JOINTS[index].astype(int), 13, WALL, cv2.FILLED)
    if name in ("left_eye", "nose"):
        cv2.circle(scene, JOINTS[skeleton.INDEX["right_eye"]].astype(int), 8, PERSON, cv2.FILLED)

    unknown = np.isnan(located(scene)).all(axis=1)

    assert index in np.flatnonzero(unknown)
    assert np.count_nonzero(unknown) == 1


def test_a_limb_that_is_too_long_across_the_picture_loses_a_joint(scene):
    # 200 pixels are 0.62 m at 2 m: a bystander's hand.
    cv2.circle(scene, (60, 270), 20, PERSON, cv2.FILLED)

    places = located(scene, moved("right_wrist", 60, 270))

    assert np.isnan(places[[skeleton.INDEX["right_elbow"], RIGHT_WRIST]]).any()
    assert np.isfinite(places[skeleton.INDEX["right_shoulder"]]).all()


def test_an_elbow_that_makes_two_limbs_too_long_is_the_only_joint_lost(scene):
    # 370 pixels beside the other joints are 1.2 m, at no other depth than theirs.
    cv2.circle(scene, (600, 270), 20, PERSON, cv2.FILLED)

    places = located(scene, moved("right_elbow", 600, 270))

    unknown = np.flatnonzero(np.isnan(places).all(axis=1))
    assert unknown.tolist() == [skeleton.INDEX["right_elbow"]]


@pytest.mark.parametrize("point", [(-30, 270), (700, 270), (220, 500), (1e9, -1e9)])
def test_a_joint_outside_the_picture_is_unknown(scene, point):
    places = located(scene, moved("right_wrist", *point))

    assert np.isnan(places[RIGHT_WRIST]).all()


@pytest.mark.parametrize("point", [(0, 0), (WIDTH - 1, 0), (0, HEIGHT - 1), (320, HEIGHT - 1)])
def test_a_window_over_the_edge_of_the_picture_is_read_as_far_as_it_goes(point):
    view = DepthMap.from_image(depth_message(np.full((HEIGHT, WIDTH), 2.0), "32FC1"))
    joints = np.tile(np.float32(point), (11, 1))

    places = joints_in_metres(replace(POSE, joints=joints), view, CAMERA, WIDTH, HEIGHT)

    assert places[:, 2] == pytest.approx(np.full(11, 2.0))


@pytest.mark.parametrize("size", [(320, 240), (1280, 960), (424, 318)])
def test_depth_of_another_size_and_the_same_aspect_is_scaled(scene, size):
    other = cv2.resize(scene, size, interpolation=cv2.INTER_NEAREST)

    assert located(other) == pytest.approx(CAMERA.back_project(JOINTS, EXPECTED), abs=0.01)


def test_depth_of_another_aspect_is_refused(scene):
    complaint = "the depth image is for 640x400 pixels, but the image has 640x480.*align_depth"
    with pytest.raises(ValueError, match=complaint):
        located(scene[:400])


def test_the_depth_of_a_small_person_far_away_is_found(scene):
    small = np.full_like(scene, WALL + 6)
    small[200:260, 280:360] = cv2.resize(scene, (80, 60), interpolation=cv2.INTER_NEAREST) + 6
    joints = (JOINTS + 0.5) / 8 - 0.5 + np.float32([280, 200])
    joints[RIGHT_WRIST, 0] -= 1.5  # beside an arm that is 3 pixels wide

    places = located(small, replace(POSE, joints=joints))

    assert np.delete(places[:, 2], LEFT_WRIST) == pytest.approx(np.full(10, PERSON + 6))


def test_joints_that_were_not_seen_do_not_say_where_the_person_is(scene):
    # Eight guesses lie on the wall, far behind three joints that were seen.
    scene[scene == np.float32(WALL)] = 5.0
    joints, scores = JOINTS.copy(), np.full(11, 0.05, np.float32)
    joints[:8] = 600, 400
    scores[8:] = 0.9

    places = located(scene, Pose(joints, scores, 1))

    assert places[8:, 2] == pytest.approx(np.full(3, PERSON))
    assert np.isnan(places[:8]).all()

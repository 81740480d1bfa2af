"""Joint angles and the URDF together: forward kinematics gives back the joints in space."""

import math

import numpy as np
import pytest
from forward_kinematics import forward, turn
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mobilepose_core.behaviour import (
    ADULT,
    BodySize,
    joint_angles,
    seen_places,
    torso_axes,
    urdf,
)
from mobilepose_core.behaviour.body_size import EYES, NECK
from mobilepose_core.behaviour.kinematics import BEND, LIFT, LIMITS
from mobilepose_core.evaluation import stick_figure as figure
from mobilepose_core.evaluation.stick_figure import StickFigure

ID = "abcde"
DIGITS = 2e-5
"""Lengths in the URDF have six digits, m."""

LINKS = {
    f"{side}_{part}": f"{side[0]}_{link}"
    for side in ("left", "right")
    for part, link in (
        ("shoulder", "y_shoulder"),
        ("elbow", "elbow"),
        ("wrist", "wrist"),
        ("hip", "y_hip"),
        ("knee", "knee"),
        ("ankle", "ankle"),
    )
}
"""The link that each joint is the origin of."""

JOINTS = (*LINKS, "left_eye", "right_eye", "nose")


def links(size, angles):
    """Rotation and place of each link of the model, without its ID."""
    found = forward(urdf(size, ID), {f"{name}_{ID}": angle for name, angle in angles.items()})
    return {name.removesuffix(f"_{ID}"): where for name, where in found.items()}


def body(size, directions, rotation=None, place=(0.0, 0.0, 0.0), head=None):
    """Joints (3,) of somebody with limbs in these directions of the torso's axes."""
    found = {}
    for side, outwards in (("left", 1), ("right", -1)):
        start = np.array([0, outwards * size.shoulder_width / 2, size.torso])
        found[f"{side}_shoulder"] = start
        found[f"{side}_elbow"] = start + size.upper_arm * directions[f"{side}_upper"]
        found[f"{side}_wrist"] = found[f"{side}_elbow"] + size.forearm * directions[f"{side}_fore"]
        start = np.array([0, outwards * size.hip_width / 2, 0])
        found[f"{side}_hip"] = start
        found[f"{side}_knee"] = start + size.thigh * directions[f"{side}_thigh"]
        found[f"{side}_ankle"] = found[f"{side}_knee"] + size.shin * directions[f"{side}_shin"]
        head = np.eye(3) if head is None else head
        eye = np.array([EYES[0], outwards * 0.018, EYES[1]]) * size.stature
        found[f"{side}_eye"] = np.array([0, 0, size.torso + NECK * size.stature]) + head @ eye
    rotation = np.eye(3) if rotation is None else rotation
    return {name: rotation @ one + place for name, one in found.items()}


def reproduced(size, joints, angles):
    """The model's joints in the frame of those that it was computed from."""
    axes = torso_axes(joints)
    root = (joints["left_hip"] + joints["right_hip"]) / 2
    where = links(size, angles)
    return {name: root + axes @ where[link][1] for name, link in LINKS.items()}


def spherical(azimuth, height):
    radius = math.sqrt(max(0.0, 1 - height * height))
    return np.array([radius * math.cos(azimuth), radius * math.sin(azimuth), height])


directions = st.builds(spherical, st.floats(-math.pi, math.pi), st.floats(-1, 1))
angles = st.floats(-math.pi, math.pi)
rotations = st.builds(
    lambda a, b, c: turn((0, 0, 1), a) @ turn((1, 0, 0), b) @ turn((0, 0, 1), c),
    angles,
    angles,
    angles,
)
lengths = st.floats(0.1, 0.7)
sizes = st.builds(BodySize, *[lengths] * 7)
limbs = st.fixed_dictionaries(
    {
        f"{side}_{limb}": directions
        for side in ("left", "right")
        for limb in ("upper", "fore", "thigh", "shin")
    }
)


def is_bent(one, other, limit=BEND[1]):
    return np.linalg.norm(np.cross(one, other)) > limit


@settings(max_examples=40, deadline=None)
@given(sizes, limbs, rotations)
def test_the_angles_in_the_model_give_back_the_joints(size, limbs, rotation):
    for side in ("left", "right"):
        assume(is_bent(limbs[f"{side}_upper"], (0, 0, 1), LIFT[1]))
        assume(is_bent(limbs[f"{side}_thigh"], limbs[f"{side}_shin"]))
    joints = body(size, limbs, rotation, (0.3, -0.2, 3.0))

    found = joint_angles(joints)

    model = reproduced(size, joints, found)
    for name, place in model.items():
        side, part = name.split("_")
        if part != "wrist" or is_bent(limbs[f"{side}_upper"], limbs[f"{side}_fore"]):
            assert place == pytest.approx(joints[name], abs=DIGITS), name
    for name, value in found.items():
        low, high = LIMITS.get(name) or LIMITS[name.partition("_")[2]]
        assert low - 1e-9 <= value <= high + 1e-9, name


@settings(max_examples=40, deadline=None)
@given(limbs, st.sets(st.sampled_from(JOINTS)), st.floats(-1e-3, 1e-3))
def test_where_joints_are_missing_or_limbs_straight_no_angle_is_wild(limbs, missing, bend):
    """Straight arms and legs, arms that hang, and any joints unknown."""
    limbs["left_fore"] = limbs["left_upper"]
    limbs["left_shin"] = limbs["left_thigh"]
    limbs["right_upper"] = np.array([bend, 0, -1.0])
    joints = body(ADULT, limbs)
    known = {name: place for name, place in joints.items() if name not in missing}
    blank = {name: np.full(3, math.nan) if name in missing else p for name, p in joints.items()}

    found = joint_angles(known)

    assert joint_angles(blank) == found, "NaN is as good as missing"
    assert np.isfinite(list(found.values())).all()
    needs = {"l_elbow": "left_wrist", "r_knee": "right_ankle", "l_y_hip": "left_knee"}
    for angle, joint in needs.items():
        assert angle not in found or joint not in missing
    if not missing & set(LINKS):
        assert found["l_r_shoulder"] == found["r_y_shoulder"] == 0.0
        model = reproduced(ADULT, joints, found)
        for name, place in model.items():
            assert np.linalg.norm(place - joints[name]) < 0.1 * (ADULT.thigh + ADULT.shin)


def hanging(**limbs):
    down = np.array([0, 0, -1.0])
    names = [f"{s}_{p}" for s in ("left", "right") for p in ("upper", "fore", "thigh", "shin")]
    return dict.fromkeys(names, down) | {k: np.asarray(v, float) for k, v in limbs.items()}


@pytest.mark.parametrize("part", ["wrist", "ankle"])
def test_what_is_left_out_of_a_straight_limb_is_a_sixth_of_it_at_most(part):
    """Bends between surely noise and surely not, on all sides."""
    limb, length = ("fore", ADULT.forearm) if part == "wrist" else ("shin", ADULT.shin)
    errors = []
    for sine in np.linspace(0, 0.3, 13):
        for azimuth in np.linspace(-math.pi, math.pi, 13):
            bent = (sine * math.cos(azimuth), sine * math.sin(azimuth), -math.sqrt(1 - sine**2))
            joints = body(ADULT, hanging(**{f"left_{limb}": bent}))
            place = reproduced(ADULT, joints, joint_angles(joints))[f"left_{part}"]
            errors.append(np.linalg.norm(place - joints[f"left_{part}"]))

    assert 0 < max(errors) < 0.18 * length


@pytest.mark.parametrize("phase", np.linspace(-0.3, 0.3, 7))
def test_an_arm_that_swings_past_the_body_keeps_its_plane(phase):
    """A walker's: forwards, straight down, backwards."""
    joints = body(ADULT, hanging(left_upper=(math.sin(phase), 0, -math.cos(phase))))

    found = joint_angles(joints)

    assert abs(found["l_p_shoulder"]) <= abs(phase)
    assert 0 <= found["l_y_shoulder"] < math.pi / 2 + 1e-9
    if abs(math.sin(phase)) > LIFT[1]:
        assert found["l_p_shoulder"] == pytest.approx(phase)
        assert found["l_y_shoulder"] == pytest.approx(math.pi / 2)


def test_noise_turns_straight_limbs_about_themselves_no_more_than_their_bend_does():
    """Joints off by 1 cm: arms that hang and straight legs turn about themselves rarely."""
    draw = np.random.default_rng(1)
    found = []
    for _ in range(200):
        joints = body(ADULT, hanging(left_upper=(0.02, 0, -1)))
        noisy = {name: place + draw.normal(0, 0.01, 3) for name, place in joints.items()}
        found.append(joint_angles(noisy))

    for name in ("y_shoulder", "r_shoulder", "y_hip"):
        values = [one[f"{side}_{name}"] for one in found for side in "lr"]
        assert np.percentile(np.abs(values), 80) < 0.5, name
    assert np.std([one["l_p_shoulder"] for one in found]) < 0.1
    assert np.std([one["l_knee"] for one in found]) < 0.1


@pytest.mark.parametrize(
    ("arm", "angles"),
    [
        (((0, 0, -1), (1, 0, 0)), {"r_shoulder": 0, "elbow": math.pi / 2}),
        (((0, 1, 0), (0, 1, 0)), {"y_shoulder": 0, "p_shoulder": math.pi / 2, "elbow": 0}),
        (((0, 1, 0), (0, 0, 1)), {"r_shoulder": math.pi / 2, "elbow": math.pi / 2}),
        (((1, 0, 0), (1, 0, 0)), {"y_shoulder": math.pi / 2, "p_shoulder": math.pi / 2}),
        (((0, 0, 1), (0, 0, 1)), {"p_shoulder": math.pi, "y_shoulder": 0}),
        (((-0.6, 0, -0.8), (0, 0, -1)), {"y_shoulder": math.pi / 2, "p_shoulder": -0.6435}),
    ],
)
@pytest.mark.parametrize("side", ["left", "right"])
def test_arms_have_the_angles_of_rep_155_on_both_sides(side, arm, angles):
    """Directions forward, outwards, up; by hand from the axes of the model."""
    joints = StickFigure().joints(**{side: arm})

    found = joint_angles(joints)

    for name, angle in angles.items():
        assert found[f"{side[0]}_{name}"] == pytest.approx(angle, abs=1e-4), name


def test_who_sits_has_bent_hips_and_knees():
    found = joint_angles(StickFigure().joints(figure.SITTING))

    for side in "lr":
        assert found[f"{side}_r_hip"] == pytest.approx(math.pi / 2 - 0.2, abs=0.1)
        assert found[f"{side}_knee"] == pytest.approx(-found[f"{side}_r_hip"], abs=0.3)
        assert found[f"{side}_y_hip"] == pytest.approx(0, abs=1e-9)


@settings(max_examples=30, deadline=None)
@given(rotations, st.floats(-1, 1), st.floats(-1.3, 1.3), st.floats(-1.2, 1.2))
def test_the_head_is_turned_as_its_eyes(rotation, roll, yaw, pitch):
    head = turn((1, 0, 0), roll) @ turn((0, 0, 1), yaw) @ turn((0, -1, 0), pitch)
    joints = body(ADULT, hanging(), rotation, head=head)

    found = joint_angles(joints)

    assert [found[f"{axis}_head"] for axis in "ryp"] == pytest.approx([roll, yaw, pitch])
    assert links(ADULT, found)["head"][0] == pytest.approx(head)


def test_who_stands_before_the_camera_is_turned_to_it(world):
    axes = torso_axes(world.placed(yaw=np.pi))

    assert axes == pytest.approx(np.array([[0, 1, 0], [0, 0, -1], [-1, 0, 0]]), abs=1e-9)


def test_joints_that_score_low_or_have_no_place_are_left_out():
    places = np.array([[0, 0, 1], [0, 0, math.nan], [0, 1, 2]], np.float32)

    found = seen_places(["nose", "left_eye", "right_eye"], places, np.array([0.9, 0.9, 0.1]))

    assert list(found) == ["nose"]
    assert found["nose"].dtype == np.float64

"""The kinematic model of REP-155 from joints in space, over real DDS topics."""

import itertools
import math

import numpy as np
import pytest
from figure_scene import depth_message
from forward_kinematics import forward
from geometry_msgs.msg import Point, Vector3
from hri_scene import LATCHED, header, in_metres, pose, standing
from mobilepose_msgs.msg import Person, PersonArray
from rclpy.parameter import Parameter
from sensor_msgs.msg import CameraInfo, JointState
from std_msgs.msg import String

from mobilepose_core.behaviour import torso_axes
from mobilepose_core.evaluation import stick_figure as stick
from mobilepose_ros.hri_bridge import HriBridge
from mobilepose_ros.hri_model import HriModel
from mobilepose_ros.rotations import matrix_of
from mobilepose_ros.stamps import SECOND, stamp_of
from mobilepose_ros.vectors import array_of


def test_the_models_angles_give_back_the_joints_that_are_seen(bridge):
    scene, places = bridge(publish_model=True), standing(left=stick.RAISED, right=stick.ON_PHONE)

    text, state = scene.model(places)

    assert state.header == header()
    angles = dict(zip(state.name, state.position, strict=True))
    (body,) = scene.models
    assert len(angles) == 20
    found = forward(text, angles)
    hips = (places["left_hip"] + places["right_hip"]) / 2
    for side in ("left", "right"):
        for part in ("elbow", "wrist", "knee", "ankle"):
            place = hips + torso_axes(places) @ found[f"{side[0]}_{part}_{body}"][1]
            assert place == pytest.approx(places[f"{side}_{part}"], abs=1e-4), (side, part)


def test_angles_of_what_is_not_seen_are_left_out(bridge):
    scene, places = bridge(publish_model=True), standing()
    upper = {name: place for name, place in places.items() if "knee" not in name}

    _, state = scene.model(upper, low=["left_wrist", "left_eye"])

    names = {name.rpartition("_")[0] for name in state.name}
    assert "waist" in names
    assert {"l_y_shoulder", "l_p_shoulder", "r_elbow"} <= names
    assert not {name for name in names if "head" in name or "hip" in name or "knee" in name}
    assert "l_elbow" not in names


def test_an_upper_arm_is_shown_although_its_forearm_was_never_seen(bridge):
    scene, places = bridge(publish_model=True), standing(left=stick.TYPING)
    upper = {name: place for name, place in places.items() if name != "left_wrist"}

    _, never = scene.model(upper)
    _, seen = scene.model(places)
    _, hidden = scene.model(upper)

    (body,) = scene.models
    roll = f"l_r_shoulder_{body}"
    assert never.position[never.name.index(roll)] == 0.0
    assert seen.position[seen.name.index(roll)] > 0.5
    assert roll not in hidden.name, "the last one stays"


def test_a_model_is_as_large_as_its_person_and_published_anew_if_that_was_wrong(ros, bridge):
    scene = bridge(publish_model=True)

    first, _ = scene.model(standing(1.2))
    for _ in range(8):
        same, _ = scene.model(standing(1.25))
    for _ in range(40):
        larger, _ = scene.model(standing(1.7))

    (body,) = scene.models
    height = {text: forward(text, {})[f"torso_{body}"][1][2] for text in (first, larger)}
    assert height[first] == pytest.approx(0.288 * 1.2)
    assert same == first
    assert height[larger] == pytest.approx(0.288 * 1.7)
    late = ros.heard(String, f"/humans/bodies/{body}/urdf", LATCHED)
    ros.wait(lambda: late, what="the URDF for who comes later")
    assert late[0].data == larger


@pytest.mark.parametrize("posture", [stick.STANDING, stick.BENT, stick.LYING])
@pytest.mark.parametrize("is_people_first", [False, True])
def test_with_a_model_the_frame_of_a_body_is_turned_as_its_torso(
    ros, bridge, tf2, tf2_msgs, posture, is_people_first
):
    scene, places = bridge(publish_model=True, publish_tf=True), standing(posture=posture)
    heard = ros.heard(tf2_msgs.TFMessage, "/tf")
    corners = [places[f"{s}_{p}"] for s in ("left", "right") for p in ("shoulder", "hip")]
    x, y, z = np.mean(corners, axis=0)
    person = Person(
        track_id=1,
        position=Point(x=x, y=y, z=z),
        facing_direction=Vector3(x=0.6, z=-0.8),
    )
    scene.model(places)
    now = itertools.count(1)

    def publish():
        second = next(now) * 20_000_000
        people = PersonArray(header=header(), people=[person], up=Vector3(y=-1.0))
        metres = in_metres(places)
        people.header.stamp = metres.header.stamp = stamp_of(7 * 10**9 + second)
        messages = [(scene.metres, metres), (scene.people, people)]
        for publisher, message in reversed(messages) if is_people_first else messages:
            publisher.publish(message)
        return len(heard) > 4

    ros.wait(publish, what="frames")
    transform = heard[-1].transforms[0].transform
    assert array_of(transform.translation) == pytest.approx(
        (places["left_hip"] + places["right_hip"]) / 2, abs=1e-5
    )
    assert matrix_of(transform.rotation) == pytest.approx(torso_axes(places), abs=1e-6)


def test_a_turn_of_the_torso_that_is_old_counts_no_more():
    model = HriModel("abcde")
    places = standing(posture=stick.BENT)
    upright = np.column_stack([(0.0, 0.0, -1.0), (1.0, 0.0, 0.0), (0.0, -1.0, 0.0)])

    model.update(7 * SECOND, in_metres(places).poses[0])
    model.see_person(7 * SECOND, upright)

    assert model.turn_at(8 * SECOND)[2, 2] == pytest.approx(math.cos(1.2))
    assert (model.turn_at(8 * SECOND + 1) == np.eye(3)).all()


def test_without_a_model_joints_in_space_are_not_asked_for(ros, bridge):
    scene = bridge()
    scene.show(pose())

    assert scene.metres.get_subscription_count() == 0
    assert not [topic for topic in scene.topics() if "joint_states" in topic or "urdf" in topic]


def test_a_bridge_without_joints_in_space_says_what_they_need(ros, hri, capfd):
    said, values = [], {"silence_timeout": 0.1, "publish_model": True}
    given = [Parameter(name, value=value) for name, value in values.items()]
    ros.add(HriBridge(parameter_overrides=given))

    ros.wait(lambda: said.append(capfd.readouterr().err) or "joints_3d" in "".join(said[1:]))

    (line,) = [one for one in "".join(said).splitlines() if ":=/mobilepose/joints_3d" in one][:1]
    assert "running with `use_depth`" in line


def test_a_person_in_a_depth_image_has_a_model(ros, hri, network, figure, figure_info, message):
    pose_node = ros.pose_node(network, use_depth=True)
    info, depth = ros.publisher("camera_info", kind=CameraInfo), ros.publisher("depth")
    camera, ids = ros.publisher(), ros.heard(hri.IdsList, "/humans/bodies/tracked")
    topics = ("people", "joints", "joints_3d")
    remaps = [word for t in topics for word in ("-r", f"{t}:=/mobilepose/{t}")]
    given = [Parameter("publish_model", value=True)]
    ros.add(HriBridge(cli_args=["--ros-args", *remaps], parameter_overrides=given))
    ros.connect(pose_node, info, depth, camera)
    seen = figure(1.8, left=stick.POINTING_ASIDE)
    image, heard = message(seen.picture, 7), []
    sent = [(info, figure_info), (depth, depth_message(image, seen.metres)), (camera, image)]

    ros.publish_together(sent, lambda: ids and ids[-1].ids)
    (body,) = ids[-1].ids
    heard = ros.heard(JointState, f"/humans/bodies/{body}/joint_states")
    urdfs = ros.heard(String, f"/humans/bodies/{body}/urdf", LATCHED)
    ros.publish_together(sent, lambda: heard and urdfs)

    angles = dict(zip(heard[-1].name, heard[-1].position, strict=True))
    assert angles[f"l_p_shoulder_{body}"] == pytest.approx(math.pi / 2, abs=0.2)
    assert angles[f"r_p_shoulder_{body}"] == pytest.approx(0, abs=0.3)
    assert forward(urdfs[-1].data, {})[f"torso_{body}"][1][2] == pytest.approx(0.48, abs=0.05)

"""ROS4HRI (REP-155) from people and joints, over real DDS topics."""

import importlib.util
import itertools
import math
import os
import re
import signal
from pathlib import Path

import pytest
from geometry_msgs.msg import Point, PointStamped, TwistStamped, Vector3
from hri_scene import LATCHED, SIZE, header, joints_of, pose
from mobilepose_msgs.msg import (
    Gesture,
    Person,
    PersonArray,
)
from rclpy.parameter import Parameter
from rclpy.qos import DurabilityPolicy
from sensor_msgs.msg import CameraInfo
from std_msgs.msg import Bool, Float32, String

from mobilepose_core.behaviour import ADULT
from mobilepose_ros import hri_messages, hri_topics
from mobilepose_ros.hri_bodies import new_id
from mobilepose_ros.hri_bridge import HriBridge
from mobilepose_ros.person_frames import axes_of
from mobilepose_ros.rotations import matrix_of
from mobilepose_ros.stamps import stamp_of


def test_a_body_has_its_joints_in_shares_of_the_image(hri):
    shoulders = {"left_shoulder": (383.5, 119.5, 0.9), "right_shoulder": (255.5, 119.5, 0.5)}
    outside = {"left_wrist": (700.0, 200.0, 0.8), "right_wrist": (math.nan, math.nan, 0.8)}

    message = hri_messages.skeleton_message(hri, header(), pose(**shoulders, **outside), SIZE)

    found = dict(zip(hri_messages.JOINTS, message.skeleton, strict=True))
    assert message.header == header()
    left, neck = found["left_shoulder"], found["neck"]
    assert (left.x, left.y, left.c) == pytest.approx((0.6, 0.25, 0.9))
    assert (neck.x, neck.y, neck.c) == pytest.approx((0.5, 0.25, 0.5))
    assert (found["left_wrist"].x, found["left_wrist"].c) == (1.0, 0.0)
    assert found["right_wrist"].c == found["nose"].c == found["left_ankle"].c == 0.0


def test_a_region_is_in_shares_of_the_image(hri):
    roi = hri_messages.roi_message(hri, header(), pose(), SIZE)

    assert (roi.xmin, roi.ymin, roi.xmax, roi.ymax) == pytest.approx((0.1, 0.1, 0.6, 1.0))
    assert roi.c == 0.75


@pytest.mark.parametrize(
    ("posture", "constant"),
    [("standing", "STANDING"), ("lying", "LAYING"), ("bent", "OTHER"), ("upright", "OTHER")],
)
def test_a_posture_is_one_of_the_constants(hri, posture, constant):
    message = hri_messages.posture_message(hri, header(), Person(posture=posture))

    assert message.posture == getattr(hri.BodyPosture, constant)


@pytest.mark.parametrize(
    ("made", "constant"),
    [
        (["left_hand_raised", "waving", "facing"], "WAVING"),
        (["left_hand_raised", "right_hand_raised", "both_hands_raised"], "BOTH_HANDS_RAISED"),
        (["right_hand_raised"], "RIGHT_HAND_RAISED"),
        (["left_arm_pointing", "facing"], None),
    ],
)
def test_the_gesture_is_the_most_special_of_those_that_are_made(hri, made, constant):
    gestures = [Gesture(name=name, state=Gesture.YES) for name in made]
    gestures.append(Gesture(name="arms_crossed", state=Gesture.NO))

    message = hri_messages.gesture_message(hri, header(), Person(gestures=gestures))

    found = None if message is None else message.gesture
    assert found == (constant and getattr(hri.Gesture, constant))


def test_ids_are_short_and_of_letters_and_differ():
    ids = set()
    for _ in range(100):
        ids.add(new_id(ids))

    assert len(ids) == 100
    assert all(re.fullmatch("[a-z]{5}", one) for one in ids)


def test_a_track_keeps_its_id_and_untracked_poses_have_none(bridge):
    scene = bridge()

    (first,) = scene.show(pose(1), pose(-1))
    both = scene.show(pose(2), pose(1))
    hidden = scene.show(pose(2))

    assert both[0] == first
    assert len(set(both)) == 2
    assert hidden == both, "a body that is hidden for a moment is kept"


def test_a_body_has_the_topics_of_the_table_with_what_is_told_of_it(ros, hri, bridge):
    scene = bridge(publish_model=True)
    (body,) = scene.show(pose(5, nose=(319.5, 239.5, 0.9)))
    place = f"/humans/bodies/{body}"
    heard = {
        "skeleton2d": ros.heard(hri.Skeleton2D, f"{place}/skeleton2d"),
        "roi": ros.heard(hri.NormalizedRegionOfInterest2D, f"{place}/roi"),
        "posture": ros.heard(hri.BodyPosture, f"{place}/posture"),
        "gesture": ros.heard(hri.Gesture, f"{place}/gesture"),
        "position": ros.heard(PointStamped, f"{place}/position"),
        "velocity": ros.heard(TwistStamped, f"{place}/velocity"),
    }
    person = Person(
        track_id=5,
        posture="sitting",
        position=Point(x=0.5, y=0.1, z=3.0),
        velocity=Vector3(x=-0.5, y=0.0, z=0.25),
        gestures=[Gesture(name="waving", state=Gesture.YES)],
    )

    def publish():
        scene.show(pose(5, nose=(319.5, 239.5, 0.9)))
        scene.people.publish(PersonArray(header=header(), people=[person]))
        return all(heard.values())

    ros.wait(publish, what="all topics of the body")
    newest = {name: messages[-1] for name, messages in heard.items()}
    assert {message.header for message in newest.values() if message.header != header()} == set()
    nose = newest["skeleton2d"].skeleton[0]
    assert (nose.x, nose.y) == (0.5, 0.5)
    assert newest["roi"].xmax == pytest.approx(0.6)
    assert newest["posture"].posture == hri.BodyPosture.SITTING
    assert newest["gesture"].gesture == hri.Gesture.WAVING
    assert newest["position"].point == person.position
    assert newest["velocity"].twist.linear == person.velocity
    table = {topic.name.replace("/ID/", f"/{body}/"): topic for topic in hri_topics.PUBLISHED}
    assert scene.topics() == {name: topic.type for name, topic in table.items()}
    for name, topic in table.items():
        (info,) = ros.probe.get_publishers_info_by_topic(name)
        is_latched = info.qos_profile.durability == DurabilityPolicy.TRANSIENT_LOCAL
        assert is_latched == topic.is_latched, name


def test_a_body_has_a_frame_on_the_optical_frame_of_its_image(ros, bridge, tf2, tf2_msgs):
    scene = bridge(publish_tf=True)
    heard = ros.heard(tf2_msgs.TFMessage, "/tf")
    (body,) = scene.show(pose(5))
    to_the_right = Vector3(x=1.0)
    here = Person(track_id=5, position=Point(x=0.5, y=0.1, z=3.0), facing_direction=to_the_right)
    nowhere = Person(track_id=6, position=Point(z=math.nan))
    now = itertools.count(8)

    def publish():
        people = [here, nowhere]
        message = PersonArray(header=header(next(now)), people=people, up=Vector3(y=-1.0))
        message.predicted_stamp = stamp_of(100 * 10**9)
        scene.people.publish(message)
        return heard

    ros.wait(publish, what="the frame")
    (frame,) = heard[0].transforms
    assert (frame.header.frame_id, frame.child_frame_id) == ("front_camera", f"body_{body}")
    assert 8 <= frame.header.stamp.sec < 100, "that of the image, as joint_states"
    moved = frame.transform.translation
    assert (moved.x, moved.z) == (0.5, 3.0)
    assert moved.y == pytest.approx(0.1 + ADULT.torso / 2), "between the hips"
    forward, left, up = matrix_of(frame.transform.rotation).T
    assert forward == pytest.approx((1, 0, 0))
    assert left == pytest.approx((0, 0, 1)), "away from the camera"
    assert up == pytest.approx((0, -1, 0))


def test_whoever_is_told_no_heading_faces_a_level_camera():
    told = Person(position=Point(z=2.0), facing_direction=Vector3(x=math.nan))

    for people in (PersonArray(), PersonArray(up=Vector3(y=-1.0))):
        forward, _, up = axes_of(told, people).T
        assert forward == pytest.approx((0, 0, -1))
        assert up == pytest.approx((0, -1, 0))


def test_bodies_of_a_pose_node_in_a_namespace_have_a_parent_that_is_known(
    ros, hri, network, figure, figure_info, message, tf2, tf2_msgs
):
    """No frame of the pose node's is needed: it sends none here."""
    pose_node = ros.pose_node(network, namespace="front", publish_tf=False)
    camera = ros.publisher("front/image")
    info = ros.publisher("front/camera_info", kind=CameraInfo)
    heard = ros.heard(tf2_msgs.TFMessage, "/tf")
    topics = ("people", "joints")
    remaps = [word for t in topics for word in ("-r", f"{t}:=/front/mobilepose/{t}")]
    given = [Parameter("publish_tf", value=True)]
    ros.add(HriBridge(cli_args=["--ros-args", *remaps], parameter_overrides=given))
    ros.connect(pose_node, info, camera)
    image = message(figure(1.8).picture, 7)

    ros.publish_together([(info, figure_info), (camera, image)], lambda: heard)

    (frame,) = heard[0].transforms
    assert frame.header == image.header
    assert frame.child_frame_id.startswith("body_")


def test_what_is_unknown_is_not_published():
    unknown = Person(position=Point(z=math.nan), velocity=Vector3(z=math.nan))

    assert hri_messages.position_message(header(), unknown) is None
    assert hri_messages.velocity_message(header(), unknown) is None


def test_each_body_is_an_anonymous_person_also_for_who_comes_later(ros, hri, bridge):
    scene = bridge()
    persons = ros.heard(hri.IdsList, "/humans/persons/tracked")
    (body,) = scene.show(pose(1))
    place = f"/humans/persons/{body}"
    anonymous = ros.heard(Bool, f"{place}/anonymous", LATCHED)
    body_id = ros.heard(String, f"{place}/body_id", LATCHED)
    confidence = ros.heard(Float32, f"{place}/location_confidence")

    ros.wait(lambda: scene.show(pose(1)) and persons and anonymous and body_id and confidence)
    assert list(persons[-1].ids) == [body]
    assert anonymous[0].data
    assert body_id[0].data == body
    assert confidence[-1].data == 1.0
    ros.wait(lambda: scene.show() and confidence[-1].data == 0.0, what="no sight")


def test_a_person_manager_of_its_own_gets_bodies_alone(bridge):
    scene = bridge(publish_persons=False)

    scene.show(pose(1))

    assert not [topic for topic in scene.topics() if topic.startswith("/humans/persons")]


def test_the_topics_of_a_body_that_is_gone_are_removed_and_its_id_with_them(ros, bridge):
    scene = bridge(body_timeout=0.2)
    (gone,) = scene.show(pose(1))
    ros.wait(lambda: f"/humans/bodies/{gone}/roi" in scene.topics())

    ros.wait(lambda: not scene.ids[-1].ids, what="the list without the body")
    ros.wait(lambda: not [topic for topic in scene.topics() if gone in topic], what="the removal")

    (again,) = scene.show(pose(1))
    assert again != gone


def test_in_a_recording_that_begins_anew_tracks_are_others(bridge):
    scene = bridge()

    before = scene.show(pose(1), seconds=100)
    for seconds in (50, 51):
        scene.joints.publish(joints_of(pose(1), seconds=seconds))
    scene.ros.wait(lambda: scene.ids[-1].ids and list(scene.ids[-1].ids) != before)

    assert len(scene.ids[-1].ids) == 1


@pytest.mark.parametrize("wrong", [50, 3700])
def test_one_wrong_stamp_ends_no_body(bridge, capfd, wrong):
    scene = bridge()
    before = scene.show(pose(1), seconds=100)

    scene.joints.publish(joints_of(pose(1), seconds=wrong))
    assert scene.show(pose(1), seconds=101) == before
    scene.joints.publish(joints_of(pose(1), seconds=102))
    scene.ros.wait(lambda: scene.ids[-1].header.stamp.sec == 102)

    assert {tuple(one.ids) for one in scene.ids if one.ids} == {tuple(before)}
    assert f"stamps jumped by {wrong - 100:+d}.0 s: messages are ignored" in capfd.readouterr().err


def test_a_bridge_that_hears_nothing_says_what_to_remap(ros, hri, capfd):
    said = []
    ros.add(HriBridge(parameter_overrides=[Parameter("silence_timeout", value=0.1)]))

    ros.wait(lambda: said.append(capfd.readouterr().err) or "/mobilepose/joints" in "".join(said))

    assert "-r people:=/mobilepose/people" in "".join(said)


def test_a_person_in_an_image_is_a_body(ros, hri, network, figure, message):
    pose_node, camera = ros.pose_node(network), ros.publisher()
    remaps = [f"{topic}:=/mobilepose/{topic}" for topic in ("people", "joints")]
    ids = ros.heard(hri.IdsList, "/humans/bodies/tracked")
    ros.add(HriBridge(cli_args=["--ros-args", "-r", remaps[0], "-r", remaps[1]]))
    ros.connect(pose_node, camera)
    seen = figure(1.8)

    ros.publish_until(camera, message(seen.picture, 7), lambda: ids and ids[-1].ids)
    place = f"/humans/bodies/{ids[-1].ids[0]}"
    skeletons = ros.heard(hri.Skeleton2D, f"{place}/skeleton2d")
    postures = ros.heard(hri.BodyPosture, f"{place}/posture")
    ros.publish_until(camera, message(seen.picture, 8), lambda: skeletons and postures)

    assert skeletons[-1].header.frame_id == "front_camera"
    found = dict(zip(hri_messages.JOINTS, skeletons[-1].skeleton, strict=True))
    assert found["left_shoulder"].x > found["right_shoulder"].x
    assert found["left_shoulder"].c > 0.5
    assert found["left_hip"].y > found["neck"].y


def test_a_signal_ends_the_program_quietly(ros, program, hri, monkeypatch):
    packages = Path(hri.__file__).parents[2]
    for name, folder in (("PYTHONPATH", packages), ("LD_LIBRARY_PATH", packages.parents[1])):
        monkeypatch.setenv(name, str(folder), prepend=os.pathsep)
    process = program("hri_bridge")
    ros.wait(lambda: "waiting for /people and /joints" in process.text(), what=process.text())

    process.send_signal(signal.SIGINT)

    assert process.wait(10) == 0
    assert "Traceback" not in process.text()


@pytest.mark.skipif(importlib.util.find_spec("hri_msgs") is not None, reason="it is installed")
def test_without_the_interface_the_program_says_what_to_install(program):
    process = program("hri_bridge")

    assert process.wait(30) == 1
    (line,) = process.text().splitlines()
    assert "needs the package hri_msgs" in line
    assert "sudo apt install ros-jazzy-hri-msgs" in line

"""Frames of people in TF: pure functions, and over real DDS topics."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from figure_scene import camera_above
from rclpy.parameter import Parameter
from rclpy.time import Time
from sensor_msgs.msg import CameraInfo
from std_msgs.msg import Header

from mobilepose_core.behaviour import LEVEL_UP, Ground, Motion
from mobilepose_ros import transforms
from mobilepose_ros.person_frames import (
    PersonFrames,
    frame_prefix,
    header_at,
    person_transforms,
)
from mobilepose_ros.rotations import matrix_of
from mobilepose_ros.stamps import SECOND, nanoseconds

AWAY = 1.8


@pytest.fixture
def sent(ros, tf2_msgs):
    """Frames of people on /tf from now on."""
    messages = ros.heard(tf2_msgs.TFMessage, "/tf", 100)

    def frames():
        every = [transform for message in list(messages) for transform in message.transforms]
        return [one for one in every if "person" in one.child_frame_id]

    return frames


def at(second, picture, message):
    """An image that was taken some seconds after the beginning."""
    image = message(picture)
    image.header = header_at(round((1000 + second) * SECOND), image.header)
    return image


def place_of(frame):
    moved = frame.transform.translation
    return np.array([moved.x, moved.y, moved.z])


def seen_by(ros, node, figure_info):
    """A camera that is calibrated."""
    info, camera = ros.publisher("camera_info", kind=CameraInfo), ros.publisher()
    for publisher in (info, camera):
        ros.wait(lambda p=publisher: p.get_subscription_count() > 0)
    ros.wait(lambda: info.publish(figure_info) or node.processing.locator._cameras.get(320, 240))
    return camera


def transforms_of(place):
    """The frames of somebody at a place, whose heading is unknown."""
    person = SimpleNamespace(facing=None, pose=SimpleNamespace(track_id=3))
    motion = Motion(1.0, np.array(place), *[np.zeros(3)], np.eye(3), np.eye(3), "size")
    return person_transforms([person], [motion], Ground(LEVEL_UP, None), Header(frame_id="camera"))


def test_somebody_whose_heading_is_unknown_faces_the_camera():
    (frame,) = transforms_of([0.0, 0.3, 2.0])

    assert frame.child_frame_id == "person_3"
    assert matrix_of(frame.transform.rotation)[:, 0] == pytest.approx([0, 0, -1])


def test_a_place_that_is_not_finite_has_no_frame():
    assert transforms_of([0.0, math.nan, 2.0]) == []


@pytest.mark.parametrize(
    ("setting", "namespace", "prefix"),
    [
        ("auto", "/", ""),
        ("auto", "/front", "front/"),
        ("auto", "/robot/front", "robot/front/"),
        ("left_", "/front", "left_"),
        ("", "/front", ""),
    ],
)
def test_frames_of_several_cameras_have_different_names(setting, namespace, prefix):
    assert frame_prefix(setting, namespace) == prefix


def test_a_person_is_a_frame_that_faces_the_camera_with_z_up(
    ros, network, figure, figure_info, message, tf2, sent
):
    node = ros.pose_node(network, publish_tf=True)
    camera = seen_by(ros, node, figure_info)
    seen = figure(AWAY, aside=0.2)

    ros.publish_until(camera, at(0, seen.picture, message), sent)

    frame = sent()[0]
    assert frame.child_frame_id == "person_1"
    assert frame.header.frame_id == "front_camera"
    assert nanoseconds(frame.header.stamp) == 1000 * SECOND
    assert place_of(frame) == pytest.approx(seen.middle, abs=0.5)
    turn = matrix_of(frame.transform.rotation)
    assert turn[:, 0] @ [0, 0, -1] > 0.85
    assert turn[:, 2] == pytest.approx([0, -1, 0], abs=1e-6)
    assert np.linalg.det(turn) == pytest.approx(1)


def test_stamps_of_a_frame_only_go_forward_and_end_when_the_person_has_gone(
    ros, network, figure, figure_info, message, answers, tf2, sent
):
    node = ros.pose_node(network, publish_tf=True)
    camera = seen_by(ros, node, figure_info)
    picture = figure(AWAY).picture

    def show(second, picture):
        image = at(second, picture, message)
        ros.publish_until(
            camera, image, lambda: any(a.header.stamp == image.header.stamp for a in answers)
        )

    for second in (0, 0.1, 0.2, 0.15, 0.15, 0.3, 0.4):
        show(second, picture)
    ros.wait(lambda: nanoseconds(sent()[-1].header.stamp) == 1000 * SECOND + 4 * SECOND // 10)
    for second in range(1, 6):
        show(second, np.zeros_like(picture))

    stamps = [nanoseconds(frame.header.stamp) for frame in sent()]
    assert {frame.child_frame_id for frame in sent()} == {"person_1"}
    assert (np.diff(stamps) > 0).all()
    assert len(stamps) == 5
    assert stamps[-1] < 1001 * SECOND


def test_a_recording_that_begins_anew_has_frames_again(
    ros, network, figure, figure_info, message, answers, tf2, sent
):
    node = ros.pose_node(network, publish_tf=True)
    camera = seen_by(ros, node, figure_info)
    picture = figure(AWAY).picture

    ros.publish_until(camera, at(60, picture, message), sent)
    ros.publish_until(camera, at(0, picture, message), lambda: len(answers) > 1)
    ros.publish_until(camera, at(0.1, picture, message), lambda: len(sent()) > 1)

    assert [nanoseconds(frame.header.stamp) // SECOND for frame in sent()] == [1060, 1000]


def test_frames_can_be_given_in_a_frame_that_does_not_move(
    ros, network, figure, figure_info, message, tf2, sent
):
    node = ros.pose_node(
        network,
        namespace="/front",
        publish_tf=True,
        people_frame="odom",
        ground_frame="odom",
        arguments=("-r", "image:=/image", "-r", "camera_info:=/camera_info"),
    )
    broadcaster = tf2.StaticTransformBroadcaster(ros.probe)
    broadcaster.sendTransform(camera_above("odom", pitch=0.2))
    camera = seen_by(ros, node, figure_info)
    seen = figure(AWAY, aside=0.1, pitch=0.2)

    ros.publish_until(camera, at(0, seen.picture, message), sent)

    frame = sent()[0]
    assert frame.child_frame_id == "front/person_1"
    assert frame.header.frame_id == "odom"
    hips_and_shoulders = 1.68 * (0.53 + 0.288 / 2)
    assert place_of(frame) == pytest.approx([AWAY, 0.1, hips_and_shoulders], abs=0.3)
    turn = matrix_of(frame.transform.rotation)
    assert turn[:, 2] == pytest.approx([0, 0, 1], abs=1e-6)
    assert turn[:, 0] @ [-1, 0, 0] > 0.85


def test_a_frame_that_tf_does_not_know_is_named_in_diagnostics(
    ros, network, figure, figure_info, message, tf2, sent, logged
):
    node = ros.pose_node(network, publish_tf=True, people_frame="odom")
    camera = seen_by(ros, node, figure_info)

    ros.publish_until(
        camera, at(0, figure(AWAY).picture, message), lambda: node.processing.views.people.trouble
    )

    (warning,) = [text for text in logged("WARN") if "people_frame" in text]
    assert "TF does not know frame 'front_camera' of the images in people_frame 'odom'" in warning
    assert not sent()


def test_when_the_odometry_stops_no_frames_are_sent_and_velocities_are_the_cameras(
    ros, network, figure, figure_info, message, tf2, sent, logged
):
    from mobilepose_msgs.msg import PersonArray

    node = ros.pose_node(network, publish_tf=True, people_frame="odom", ground_frame="")
    people = ros.heard(PersonArray, "mobilepose/people")
    camera, broadcaster = seen_by(ros, node, figure_info), tf2.TransformBroadcaster(ros.probe)
    ros.wait(lambda: broadcaster.pub_tf.get_subscription_count() == 2, what="the node and `sent`")
    picture = figure(AWAY).picture
    place = camera_above("odom")
    place.header.stamp = at(0, picture, message).header.stamp
    stamp = Time.from_msg(place.header.stamp)
    broadcaster.sendTransform(place)
    transforms = node.processing.views.people._transforms
    ros.wait(lambda: transforms.lookup("odom", "front_camera", stamp), what="the transform")

    def velocity_frame(second):
        image = at(second, picture, message)
        ros.publish_until(camera, image, lambda: people and people[-1].header == image.header)
        return people[-1].velocity_frame

    told = [velocity_frame(second) for second in (0, 60, 61, 62)]

    assert told == ["odom", *["front_camera"] * 3]
    ros.wait(sent, what="the frame in odom")
    assert {nanoseconds(frame.header.stamp) // SECOND for frame in sent()} == {1000}
    (warning,) = [text for text in logged("WARN") if "newest transform" in text]
    assert "velocities are relative to the camera, and no frames of people are sent" in warning
    assert "from front_camera to odom is more than 0.5 s from the stamp of the image" in warning
    assert node.processing.views.people.trouble == warning


def test_in_a_recording_that_begins_anew_the_cameras_places_of_before_are_forgotten(
    ros, network, figure, figure_info, message, answers, tf2
):
    node = ros.pose_node(network, publish_tf=True, people_frame="odom", ground_frame="")
    camera, broadcaster = seen_by(ros, node, figure_info), tf2.TransformBroadcaster(ros.probe)
    ros.wait(lambda: broadcaster.pub_tf.get_subscription_count() > 0, what="the node's TF")
    transforms = node.processing.views.people._transforms
    picture, place = figure(AWAY).picture, camera_above("odom")
    place.header.stamp = at(0, picture, message).header.stamp
    broadcaster.sendTransform(place)

    def is_known():
        stamp = Time.from_msg(place.header.stamp)
        return transforms.lookup("odom", "front_camera", stamp, math.inf) is not None

    ros.wait(is_known, what="the transform")
    for second in (60, 0):
        image = at(second, picture, message)
        ros.publish_until(camera, image, lambda i=image: answers and answers[-1].header == i.header)
        assert is_known()

    ros.publish_until(camera, at(0.1, picture, message), lambda: not is_known())


def test_frames_can_be_switched_on_and_off(
    ros, network, figure, figure_info, message, answers, tf2, sent
):
    node = ros.pose_node(network)
    camera = seen_by(ros, node, figure_info)
    picture = figure(AWAY).picture
    ros.publish_until(camera, at(0, picture, message), lambda: answers)

    node.set_parameters([Parameter("publish_tf", value=True)])
    ros.publish_until(camera, at(1, picture, message), sent)
    node.set_parameters([Parameter("publish_tf", value=False)])
    answers.clear()
    ros.publish_until(camera, at(2, picture, message), lambda: answers)

    assert {nanoseconds(frame.header.stamp) // SECOND for frame in sent()} == {1001}


def test_without_tf2_ros_configuring_fails_and_names_the_package(ros, network, monkeypatch, logged):
    monkeypatch.setattr(transforms, "PACKAGE", "no_such_package")
    node = ros.pose_node(network, start=False, publish_tf=True)

    assert not node.start()

    assert any("sudo apt install ros-jazzy-tf2-ros-py" in text for text in logged("ERROR"))


def test_without_tf2_ros_frames_cannot_be_switched_on(ros, network, monkeypatch):
    monkeypatch.setattr(transforms, "PACKAGE", "no_such_package")
    node = ros.pose_node(network)

    (result,) = node.set_parameters([Parameter("publish_tf", value=True)])

    assert not result.successful
    assert "publish_tf is true, but TF needs the package" in result.reason


def test_without_tf2_ros_people_are_told_by_a_camera_that_is_taken_to_be_level(
    ros, network, figure, message, monkeypatch, logged
):
    from mobilepose_msgs.msg import PersonArray

    monkeypatch.setattr(transforms, "PACKAGE", "no_such_package")
    node, camera = ros.pose_node(network), ros.publisher()
    people = ros.heard(PersonArray, "mobilepose/people")
    ros.connect(node, camera)

    ros.publish_until(camera, message(figure(AWAY).picture), lambda: people)
    node.processing.update_subscriptions()

    assert math.isfinite(people[0].people[0].heading)
    assert any("the camera is taken to be level" in text for text in logged("INFO"))


@pytest.fixture
def is_sent(ros, tf2):
    """Sends a frame of a stamp, s; whether it went out."""
    frames = PersonFrames(ros.probe)

    def send(second):
        (frame,) = [camera_above("map")]
        frame.header = header_at(round(second * SECOND), frame.header)
        return frames.send([frame])

    yield send
    assert not frames.send([])
    frames.destroy()


def test_older_and_equal_stamps_are_not_sent(is_sent):
    assert [is_sent(second) for second in (5.0, 5.1, 5.1, 5.05, 5.2)] == [
        True, True, False, False, True,
    ]  # fmt: skip
    assert [is_sent(second) for second in (3.0, 5.3, 3.0, 3.1)] == [False, True, False, True]


def test_frames_in_the_future_are_not_sent_and_the_reason_is_logged_once(ros, is_sent, capfd):
    now = ros.probe.get_clock().now().nanoseconds / SECOND

    sent = [is_sent(now + ahead) for ahead in (0, 3600, 3600.1, 0.2, 5, 0.3)]

    assert sent == [True, False, False, True, False, True]
    assert capfd.readouterr().err.count("stamps are ahead of now") == 1

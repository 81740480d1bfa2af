"""The person follower with TF: places in a frame that does not move with the robot."""

import math
import time

import pytest
from geometry_msgs.msg import PoseStamped, TransformStamped
from mobilepose_msgs.msg import PersonArray, Target
from rclpy.time import Time as RosTime
from std_msgs.msg import Header

HALF = 0.5
OPTICAL = (-HALF, HALF, -HALF, HALF)
"""Rotation of an optical frame that looks along x of a frame with z up, as x, y, z, w."""


def stamp_of(second):
    return RosTime(nanoseconds=round(second * 1e9))


def turned(yaw):
    """The same for a camera that looks along yaw: a turn about z, then OPTICAL."""
    z, w = math.sin(yaw / 2), math.cos(yaw / 2)
    a, b, c, d = OPTICAL
    return (w * a - z * b, w * b + z * a, w * c + z * d, w * d - z * c)


@pytest.fixture
def camera(ros, tf2):
    """Publishes where the camera is in the frame odom."""
    broadcaster = tf2.TransformBroadcaster(ros.probe)

    def publish(stamp, x=0.0, y=0.0, yaw=0.0):
        found = TransformStamped(header=Header(stamp=stamp, frame_id="odom"))
        found.child_frame_id = "camera"
        found.transform.translation.x, found.transform.translation.y = x, y
        found.transform.translation.z = 1.0
        turn = found.transform.rotation
        turn.x, turn.y, turn.z, turn.w = turned(yaw)
        broadcaster.sendTransform(found)

    publish.connected = lambda: broadcaster.pub_tf.get_subscription_count() > 0
    return publish


@pytest.fixture
def odom(ros, camera, people, send):
    """Sends people and where the camera is at the same time, and waits for the answer."""

    def sent(node, *persons, age=0.0, **place):
        ros.wait(camera.connected, what="the follower's TF")
        message = people(*persons, age=age)
        camera(message.header.stamp, **place)
        ros.wait(lambda: node.knows(message.header.stamp), what="the transform")
        return send(message)

    return sent


@pytest.fixture
def fixed(follower):
    """A follower in the frame odom, which tells what it knows of TF."""

    def start(**values):
        node = follower(fixed_frame="odom", choice="nearest", **values)

        def knows(stamp):
            found = node._transforms.lookup("odom", "camera", RosTime.from_msg(stamp), math.inf)
            return found is not None and found.header.stamp == stamp

        node.knows = knows
        return node

    return start


def test_a_target_at_rest_stays_where_it_is_while_the_robot_turns(ros, odom, fixed, someone):
    poses = ros.heard(PoseStamped, "person_follower/target_pose")
    node = fixed()

    odom(node, someone(1, (0.0, 0.0, 3.0)), x=1.0)
    yaw = math.radians(30)
    # 3 m ahead of where the camera was; by now it is to the right of the middle
    aside, ahead = 3.0 * math.sin(yaw), 3.0 * math.cos(yaw)
    odom(node, someone(1, (aside, 0.0, ahead)), x=1.0, yaw=yaw)

    ros.wait(lambda: len(poses) == 2, what="two poses")
    for pose in poses:
        place = pose.pose.position
        assert pose.header.frame_id == "odom"
        assert (place.x, place.y, place.z) == pytest.approx((4.0, 0.0, 1.0), abs=0.02)


def test_the_pose_has_z_up_and_faces_the_robot_if_the_torso_tells_nothing(
    ros, odom, fixed, someone
):
    poses = ros.heard(PoseStamped, "person_follower/target_pose")

    odom(fixed(), someone(1, (0.0, 0.4, 3.0)))

    ros.wait(lambda: poses, what="a pose")
    turn = poses[0].pose.orientation  # half a turn about z: towards the robot
    assert (turn.x, turn.y, abs(turn.z), turn.w) == pytest.approx((0, 0, 1, 0), abs=1e-6)


def test_the_target_is_a_tf_frame_at_its_pose_and_never_twice_at_a_time(
    ros, odom, fixed, someone, tf2_msgs
):
    frames = ros.heard(tf2_msgs.TFMessage, "/tf", 100)
    poses = ros.heard(PoseStamped, "person_follower/target_pose")
    node = fixed(target_frame="guest")

    def guests():
        every = [one for message in frames for one in message.transforms]
        return [one for one in every if one.child_frame_id == "guest"]

    odom(node, someone(1, (0.3, 0.0, 2.0)))
    ros.wait(lambda: guests() and poses, what="the frame")

    frame, pose = guests()[0], poses[0]
    assert frame.header == pose.header
    assert frame.transform.translation.x == pose.pose.position.x
    assert frame.transform.rotation == pose.pose.orientation
    odom(node, someone(1, (0.3, 0.0, 2.0)))
    ros.wait(lambda: len(guests()) == 2, what="the frame")
    assert guests()[0].header.stamp != guests()[1].header.stamp


def test_without_a_transform_the_target_is_kept_without_a_pose_and_the_reason_is_named(
    ros, tf2, follower, people, someone, capfd
):
    told = ros.heard(Target, "person_follower/target")
    poses = ros.heard(PoseStamped, "person_follower/target_pose")
    publisher = ros.publisher("people", kind=PersonArray)
    node = follower(fixed_frame="odom", choice="nearest")
    ros.wait(lambda: publisher.get_subscription_count() == 1)
    ros.wait(lambda: ros.probe.count_publishers("/person_follower/target") == 1)

    publisher.publish(people(someone(1)))

    ros.wait(lambda: told, what="the target")
    assert (told[0].state, told[0].track_id) == ("locked", 1)
    assert not poses
    assert node.tracking.counts["transforms missing"] == 1
    assert "no transform from camera to odom for the people" in capfd.readouterr().err


def test_in_a_recording_that_begins_anew_the_camera_is_not_where_it_was_in_the_old_run(
    ros, fixed, someone, people, camera, send
):
    poses = ros.heard(PoseStamped, "person_follower/target_pose")
    publisher = ros.publisher("people", kind=PersonArray)
    node = fixed(predict_time=0.0)
    ros.wait(camera.connected, what="the follower's TF")

    def at(second, x):
        message = people(someone(1), stamp=second)
        camera(message.header.stamp, x=x)
        ros.wait(lambda: node.knows(message.header.stamp), what="the transform")
        return message

    at(49.0, 7.0)
    send(at(60.0, 8.0))
    ros.wait(lambda: len(poses) == 1, what="a pose")

    publisher.publish(people(someone(1), stamp=50.0))
    ros.wait(lambda: node.tracking.counts["outliers"] == 1, what="the jump")
    send(people(someone(1), stamp=50.1))  # confirms it
    transforms = node._transforms
    assert transforms.lookup("odom", "camera", stamp_of(50.0), math.inf) is None
    send(at(50.2, 2.0))

    target = transforms.lookup("odom", "camera", stamp_of(50.2))
    assert target.transform.translation.x == 2.0


def test_a_transform_that_is_too_old_is_not_used(ros, odom, fixed, someone, camera, people):
    node = fixed(transform_tolerance=0.1)
    odom(node, someone(1, (0.0, 0.0, 3.0)))
    time.sleep(0.2)
    told = ros.heard(Target, "person_follower/target")
    publisher = ros.publisher("people", kind=PersonArray)
    ros.wait(lambda: publisher.get_subscription_count() == 1)

    publisher.publish(people(someone(1, (0.0, 0.0, 3.0))))  # the odometry has stopped

    ros.wait(lambda: told, what="the target")
    assert "from the stamp of the image" in node.tracking.trouble

"""Parameters of the person follower, and names of frames that it refuses."""

import sys

import pytest
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from rclpy.parameter import Parameter

from mobilepose_ros import person_follower


def test_parameters_of_a_configured_node_cannot_change_unless_they_may(follower):
    node = follower()

    (refused,) = node.set_parameters([Parameter("choice", value="nearest")])
    (accepted,) = node.set_parameters([Parameter("silence_timeout", value=7.0)])

    assert "can only be set while the node is unconfigured" in refused.reason
    assert accepted.successful
    assert node.settings.silence_timeout == 7.0


def test_a_parameter_that_is_invalid_keeps_the_node_unconfigured(follower):
    node = follower(begin=False, choice="tallest")

    assert not node.start()
    assert "parameter choice is one of none, nearest" in node.failure


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"fixed_frame": "odom", "target_frame": "odom"}, "would be its own parent in TF"),
        ({"fixed_frame": "/odom"}, "do not begin with a slash: set 'odom'"),
        ({"target_frame": "/target"}, "do not begin with a slash: set 'target'"),
        ({"target_frame": "front/person_3"}, "are the pose node's: set another name"),
    ],
)
def test_names_of_frames_that_tf_cannot_take_are_refused(follower, values, reason):
    node = follower(begin=False, **values)
    fine = follower(begin=False)

    assert not node.start()
    assert reason in node.failure
    (*_, answer) = fine.set_parameters([Parameter(key, value=v) for key, v in values.items()])
    assert not answer.successful
    assert reason in answer.reason


def test_a_target_frame_that_is_the_cameras_is_an_error_and_is_not_sent(
    ros, follower, people, someone, send, poses, tf2, tf2_msgs, monkeypatch
):
    monkeypatch.setattr(person_follower, "DIAGNOSTICS_INTERVAL", 0.1)
    frames = ros.heard(tf2_msgs.TFMessage, "/tf", 100)
    heard = ros.heard(DiagnosticArray, "/diagnostics")
    follower(choice="nearest", target_frame="camera")
    ros.wait(lambda: ros.probe.count_publishers("/tf") == 1, what="the broadcaster")

    send(people(someone(1)))

    ros.wait(lambda: poses and heard, what="a pose")
    ros.wait(lambda: heard[-1].status[0].level == DiagnosticStatus.ERROR, what="the error")
    assert "target_frame is 'camera', the frame of the images" in heard[-1].status[0].message
    assert not frames


def test_without_tf2_a_fixed_frame_is_refused_with_what_to_do(follower, monkeypatch):
    monkeypatch.setitem(sys.modules, "tf2_ros", None)
    node = follower(begin=False, fixed_frame="odom")

    assert not node.start()
    assert "TF needs the package tf2_ros" in node.failure


def test_without_tf2_a_target_is_followed_and_the_missing_frame_is_named(
    follower, people, someone, send, monkeypatch, said
):
    monkeypatch.setitem(sys.modules, "tf2_ros", None)
    follower(choice="nearest", target_frame="target")

    assert send(people(someone(1))).state == "locked"
    assert "no TF frame target: TF needs the package tf2_ros" in said()

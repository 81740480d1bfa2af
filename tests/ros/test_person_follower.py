"""The node that keeps a target: whom it follows, what it publishes, and bad input."""

import math
import re
import sys
import time

import pytest
from builtin_interfaces.msg import Time
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from geometry_msgs.msg import PoseStamped
from mobilepose_msgs.msg import PersonArray, Target
from mobilepose_msgs.srv import SelectTarget
from rclpy.parameter import Parameter

from mobilepose_ros import person_follower
from mobilepose_ros.follower_topics import PUBLISHED, SERVICES, SUBSCRIBED


@pytest.fixture
def told(ros):
    """What the follower says of the target from now on."""
    return ros.heard(Target, "person_follower/target")


@pytest.fixture
def poses(ros):
    return ros.heard(PoseStamped, "person_follower/target_pose")


@pytest.fixture
def send(ros, told):
    """Publishes a message about people, and waits for what is said of the target."""
    publisher = ros.publisher("people", kind=PersonArray)

    def send(message):
        ros.wait(lambda: publisher.get_subscription_count() == 1, what="the follower")
        ros.wait(lambda: ros.probe.count_publishers("/person_follower/target") == 1)
        count = len(told)
        publisher.publish(message)
        ros.wait(lambda: len(told) > count, what="the target")
        return told[-1]

    return send


@pytest.fixture
def select(ros):
    """Calls ~/select_target; its answer."""

    def call(choice, track_id=0):
        client = ros.probe.create_client(SelectTarget, "person_follower/select_target")
        assert client.wait_for_service(30)
        return ros.answer(client, SelectTarget.Request(choice=choice, track_id=track_id))

    return call


@pytest.fixture
def said(capfd):
    """All that the follower has logged up to now."""
    texts = []

    def fetch():
        texts.append(capfd.readouterr().err)
        return "".join(texts)

    return fetch


def test_nobody_is_followed_until_somebody_is_chosen(follower, send, people, someone, poses):
    follower()

    target = send(people(someone(1)))

    assert (target.state, target.track_id, target.header.frame_id) == ("none", -1, "camera")
    assert not poses


def test_the_nearest_is_chosen_by_the_service(ros, follower, send, people, someone, select, poses):
    follower()
    send(people(someone(1, (0.0, 0.0, 4.0)), someone(2, (0.5, 0.0, 2.0), wears=200)))

    answer = select("nearest")
    target = send(people(someone(1, (0.0, 0.0, 4.0)), someone(2, (0.5, 0.0, 2.0), wears=200)))

    assert (answer.success, answer.message, answer.track_id) == (True, "locked: track 2", 2)
    assert (target.state, target.track_id) == ("locked", 2)
    ros.wait(lambda: poses, what="a pose")
    assert poses[-1].header.frame_id == "camera"
    place = poses[-1].pose.position
    assert (place.x, place.y, place.z) == pytest.approx((0.5, 0.0, 2.0))


def test_a_choice_at_the_start_waits_for_somebody_who_fits(follower, send, people, someone):
    follower(choice="raised_hand")

    assert send(people(someone(1), someone(2, wears=200))).state == "none"
    target = send(people(someone(1), someone(2, wears=200, raises=["left"])))

    assert (target.state, target.track_id) == ("locked", 2)


@pytest.mark.parametrize(
    ("choice", "fits", "message"),
    [
        ("id", False, "no target: nobody fits the choice"),
        ("centre", True, "locked: track 1"),
        ("none", False, "no target"),
    ],
)
def test_the_answer_says_who_is_the_target(
    follower, send, people, someone, select, choice, fits, message
):
    follower(choice="nearest")
    send(people(someone(1)))

    answer = select(choice, 7)

    assert (answer.success, answer.message) == (True, message)
    assert answer.track_id == (1 if fits else -1)


def test_an_unknown_choice_is_refused_and_changes_nothing(follower, send, people, someone, select):
    follower(choice="id", choice_id=1)
    send(people(someone(1)))

    answer = select("tallest")

    assert not answer.success
    assert "'tallest' is unknown; expected one of none, nearest, id" in answer.message
    assert send(people(someone(1))).track_id == 1


@pytest.mark.parametrize("track_id", [-1, -5])
def test_a_negative_track_id_is_refused_and_changes_nothing(
    follower, send, people, someone, select, track_id
):
    follower(choice="nearest")
    send(people(someone(1)))

    answer = select("id", track_id)

    assert not answer.success
    assert f"track_id {track_id} is nobody's: choice id needs that of a person" in answer.message
    assert send(people(someone(1))).track_id == 1


def test_before_any_image_the_answer_is_that_nobody_fits_yet(follower, select):
    follower()

    answer = select("nearest")

    assert (answer.success, answer.message) == (True, "no target: nobody fits the choice yet")
    assert answer.track_id == -1


def test_a_choice_is_refused_while_the_node_is_not_active(follower, select):
    follower(begin=False)

    answer = select("nearest")

    assert (answer.success, answer.message) == (
        False,
        "the node is unconfigured: activate it first",
    )


def test_the_pose_is_predicted_to_now_and_faces_as_the_torso_does(
    ros, follower, send, people, someone, poses
):
    follower(choice="nearest")
    walks = someone(1, (0.0, 0.1, 3.0), velocity=(1.0, 0.0, 0.0), facing=(1.0, 0.0, 0.0))

    target = send(people(walks, age=0.2))

    ros.wait(lambda: poses, what="a pose")
    pose = poses[-1]
    late = stamp(pose.header) - stamp(target.header)
    assert late >= 0.2
    assert pose.pose.position.x == pytest.approx(late, abs=1e-3)
    # x of the pose is x of the optical frame, z is up: a quarter turn about x
    turn = pose.pose.orientation
    assert (turn.x, turn.y, turn.z, turn.w) == pytest.approx((0.5**0.5, 0, 0, 0.5**0.5))


def stamp(header):
    return header.stamp.sec + header.stamp.nanosec / 1e9


def test_a_lost_target_has_a_pose_for_a_moment_and_then_none(
    ros, follower, send, people, someone, poses
):
    follower(choice="nearest", predict_time=1.0)
    send(people(someone(1)))

    target = send(people(someone(2, (0.2, 0.0, 3.0), wears=200)))
    ros.wait(lambda: len(poses) == 2, what="a predicted pose")
    time.sleep(1.05)
    later = send(people(someone(2, (0.2, 0.0, 3.0), wears=200)))

    assert (target.state, target.track_id, target.reason) == ("lost", -1, "not seen")
    assert later.state in ("lost", "searching")
    assert poses[-1].pose.position.x == pytest.approx(0.0)
    assert len(poses) == 2


def test_a_target_that_returns_is_found_again(follower, send, people, someone):
    follower(choice="nearest", confirm_time=0.1)
    start = time.time()
    states = [send(people(someone(1), stamp=start)).state]

    for step in range(30):
        there = [someone(5, wears=104)] if step > 20 else []
        states.append(send(people(*there, stamp=start + 0.1 + step / 10)).state)

    order = list(dict.fromkeys(states))
    assert order == ["locked", "lost", "searching", "found_again"]


def test_people_without_a_place_or_a_known_look_are_followed_too(
    follower, send, people, someone, poses
):
    follower(choice="nearest")
    vague = someone(1, (math.nan,) * 3, appearance=[], is_isolated=False)

    target = send(people(vague, someone(-1)))

    assert (target.state, target.track_id) == ("locked", 1)
    assert not poses


def test_bad_messages_are_survived_and_named(ros, follower, people, someone, send, said):
    node = follower(choice="nearest")
    publisher = ros.publisher("people", kind=PersonArray)
    send_bad = people(someone(1))
    send_bad.header.stamp = Time(sec=1, nanosec=4_000_000_000)
    ros.wait(lambda: publisher.get_subscription_count() == 1, what="the follower")

    publisher.publish(send_bad)
    ros.wait(lambda: node.tracking.counts["invalid"] == 1, what="the invalid message")
    odd = someone(1, appearance=[math.nan] * 15)
    wrong = people(odd, odd)
    wrong.image_width = 0
    target = send(wrong)

    assert target.track_id == 1
    assert "people are ignored: the stamp 1 s, 4000000000 ns is invalid" in said()


def test_a_late_message_is_ignored_and_a_recording_begins_anew(
    ros, follower, people, someone, send, said
):
    node = follower(choice="id", choice_id=1)
    publisher = ros.publisher("people", kind=PersonArray)
    send(people(someone(1), stamp=1000.0))

    publisher.publish(people(stamp=999.5))
    ros.wait(lambda: node.tracking.counts["late"] == 1, what="the late message")
    assert node.tracking.target.track_id == 1
    publisher.publish(people(someone(4), stamp=500.0))
    target = send(people(someone(4), stamp=500.1))

    assert (target.state, target.track_id, target.reason) == ("lost", -1, "stamps jumped")
    assert "a recording began anew, or a clock was set" in said()
    assert "jumped by" in node.tracking.trouble


@pytest.mark.parametrize("off", [-3600.0, -5.0, 5.0, 3600.0])
def test_one_image_with_a_wrong_stamp_changes_nothing_and_is_named(
    ros, follower, people, someone, send, select, off
):
    node = follower(choice="nearest")
    publisher = ros.publisher("people", kind=PersonArray)
    both = [someone(1), someone(2, (0.5, 0.0, 5.0), wears=200)]
    send(people(*both))
    select("id", 2)
    before = send(people(*both))

    publisher.publish(people(*both, age=-off))
    ros.wait(lambda: node.tracking.counts["outliers"] == 1, what="the outlier")
    after = send(people(*both))

    assert (before.track_id, after.track_id, after.state) == (2, 2, "locked")
    assert after.since == before.since
    named = re.search(r"stamps of people jumped by ([+-][\d.]+) s", node.tracking.trouble)
    assert float(named[1]) == pytest.approx(off, abs=1.0)


@pytest.mark.parametrize("off", [-3600.0, 3600.0])
def test_after_a_jump_of_stamps_the_target_is_found_again_by_look_only(
    ros, follower, people, someone, send, select, off
):
    follower(choice="nearest", confirm_time=0.2)
    publisher = ros.publisher("people", kind=PersonArray)
    both = [someone(1), someone(2, (0.5, 0.0, 5.0), wears=200)]
    swapped = [someone(2, (0.5, 0.0, 5.0)), someone(1, wears=200)]
    start = time.time()
    send(people(*both, stamp=start))
    select("id", 2)
    send(people(*both, stamp=start + 0.1))

    publisher.publish(people(*swapped, stamp=start + off))
    told = [send(people(*swapped, stamp=start + off + step / 10)) for step in range(1, 6)]

    assert [(one.state, one.track_id) for one in told][:2] == [("lost", -1)] * 2
    assert {one.reason for one in told[:2]} == {"stamps jumped"}
    assert (told[-1].state, told[-1].track_id) == ("found_again", 1)


def test_a_choice_that_nobody_fitted_yet_outlives_a_jump_of_stamps(
    ros, follower, people, someone, send, select
):
    follower()
    publisher = ros.publisher("people", kind=PersonArray)
    send(people(someone(1), stamp=1000.0))
    select("raised_hand")

    publisher.publish(people(someone(1), stamp=500.0))
    assert send(people(someone(1), stamp=500.1)).state == "none"

    target = send(people(someone(1, raises=["left"]), stamp=500.2))
    assert (target.state, target.track_id) == ("locked", 1)


def test_people_who_are_old_on_arrival_have_no_pose_and_the_reason_is_named(
    follower, people, someone, send, poses, said
):
    follower(choice="nearest")

    target = send(people(someone(1), age=30.0))

    assert target.state == "locked"
    assert not poses
    assert "people are 30.0 s old on arrival, more than predict_time" in said()


def test_people_of_the_future_have_no_pose_and_the_reason_is_named(
    follower, people, someone, send, poses, said
):
    follower(choice="nearest")

    assert send(people(someone(1), age=-3600.0)).state == "locked"
    assert not poses
    assert "ahead of now, and have no pose" in said()


def test_a_pose_is_published_although_nothing_is_predicted(
    ros, follower, people, someone, send, poses
):
    follower(choice="nearest", predict_time=0.0)

    send(people(someone(1, velocity=(1.0, 0.0, 0.0)), age=0.2))

    ros.wait(lambda: poses, what="a pose")
    assert poses[0].pose.position.x == 0.0


def test_diagnostics_tell_the_target_and_why_no_people_arrive(
    ros, follower, people, someone, send, monkeypatch
):
    monkeypatch.setattr(person_follower, "DIAGNOSTICS_INTERVAL", 0.1)
    heard = ros.heard(DiagnosticArray, "/diagnostics")
    node = follower(choice="nearest")

    def says(level, text):
        status = heard[-1].status[0] if heard else None
        return status is not None and status.level == level and text in status.message

    ros.wait(lambda: says(DiagnosticStatus.OK, "waiting for people on /people"))
    send(people(someone(3)))
    ros.wait(lambda: says(DiagnosticStatus.OK, "locked: track 3"))
    values = {entry.key: entry.value for entry in heard[-1].status[0].values}
    assert (values["target"], values["track"], values["poses"]) == ("locked", "3", "1")
    assert heard[-1].status[0].name == "person_follower: target"

    node.set_parameters([Parameter("silence_timeout", value=0.2)])
    ros.wait(lambda: says(DiagnosticStatus.ERROR, "no people on /people for"))


def test_simulated_time_that_stands_still_is_named(ros, follower, monkeypatch):
    monkeypatch.setattr(person_follower, "DIAGNOSTICS_INTERVAL", 0.1)
    heard = ros.heard(DiagnosticArray, "/diagnostics")

    follower(use_sim_time=True, silence_timeout=0.3)

    reason = "use_sim_time is true, but /clock has no publisher"
    ros.wait(lambda: heard and reason in heard[-1].status[0].message, what=reason)


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


def test_a_node_that_is_deactivated_forgets_its_target(ros, follower, people, someone, send):
    node = follower(choice="nearest")
    send(people(someone(1)))

    node.trigger_deactivate()
    assert node.tracking is None
    node.trigger_activate()

    assert send(people(someone(9, wears=200))).track_id == 9
    node.trigger_deactivate()
    node.trigger_cleanup()
    ros.wait(lambda: ros.probe.count_publishers("/person_follower/target") == 0)


def test_the_table_has_the_topics_and_services_of_the_node(ros, follower):
    node = follower()
    name = node.get_name()

    def full(topic):
        return topic.replace("~", f"/{name}") if topic[0] in "~/" else f"/{topic}"

    published = dict(node.get_publisher_names_and_types_by_node(name, "/"))
    subscribed = dict(node.get_subscriber_names_and_types_by_node(name, "/"))
    assert {full(t.name): [t.type] for t in PUBLISHED if not t.when}.items() <= published.items()
    rows = [topic for topic in SUBSCRIBED if not topic.when]
    assert {full(t.name): list(t.types) for t in rows}.items() <= subscribed.items()
    for service in SERVICES:
        ros.wait(
            lambda s=service: (
                dict(node.get_service_names_and_types_by_node(name, "/")).get(full(s.name))
                == [s.type]
            ),
            what=service.name,
        )

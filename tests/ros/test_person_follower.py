"""The node that keeps a target: whom it follows, what it publishes, and bad input."""

import math
import time

import pytest
from builtin_interfaces.msg import Time
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from mobilepose_msgs.msg import PersonArray
from rclpy.parameter import Parameter

from mobilepose_ros import person_follower
from mobilepose_ros.follower_topics import PUBLISHED, SERVICES, SUBSCRIBED


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


def test_a_node_that_is_activated_again_in_a_simulation_that_began_anew_sends_frames(
    ros, follower, people, someone, send, tf2, tf2_msgs
):
    frames = ros.heard(tf2_msgs.TFMessage, "/tf", 100)
    node = follower(choice="nearest", predict_time=0.0, target_frame="target")
    ros.wait(lambda: ros.probe.count_publishers("/tf") > 0, what="the follower's TF")

    def stamps():
        return [one.header.stamp.sec for message in frames for one in message.transforms]

    ros.wait(lambda: send(people(someone(1), stamp=time.time())) and stamps(), what="a frame")
    node.trigger_deactivate()
    node.trigger_activate()

    send(people(someone(1), stamp=5.0))

    ros.wait(lambda: stamps()[-1] == 5, what="a frame of the new simulation")


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

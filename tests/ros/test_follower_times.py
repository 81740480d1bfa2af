"""Stamps that the person follower gets: late, old, of the future, and jumps."""

import re
import time

import pytest
from diagnostic_msgs.msg import DiagnosticArray
from mobilepose_msgs.msg import PersonArray

from mobilepose_ros import person_follower


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


def test_simulated_time_that_stands_still_is_named(ros, follower, monkeypatch):
    monkeypatch.setattr(person_follower, "DIAGNOSTICS_INTERVAL", 0.1)
    heard = ros.heard(DiagnosticArray, "/diagnostics")

    follower(use_sim_time=True, silence_timeout=0.3)

    reason = "use_sim_time is true, but /clock has no publisher"
    ros.wait(lambda: heard and reason in heard[-1].status[0].message, what=reason)

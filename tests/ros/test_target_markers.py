"""Markers of the target, over real DDS topics and as pure functions."""

import pytest
from geometry_msgs.msg import PoseStamped
from mobilepose_msgs.msg import PersonArray, Target
from std_msgs.msg import Header
from visualization_msgs.msg import Marker, MarkerArray

from mobilepose_ros.markers import colour
from mobilepose_ros.target_markers import ABOVE, COLOURS, RADIUS, TargetMarkers

PLACE = (0.5, 0.0, 2.0)


@pytest.fixture
def shown(ros):
    return ros.heard(MarkerArray, "person_follower/markers")


@pytest.fixture
def send(ros, people, shown):
    """Publishes people, and waits for the markers: by namespace, and those that are deleted."""
    publisher = ros.publisher("people", kind=PersonArray)

    def send(*persons):
        ros.wait(lambda: publisher.get_subscription_count() == 1, what="the follower")
        ros.wait(lambda: ros.probe.count_publishers("/person_follower/markers") == 1)
        count = len(shown)
        publisher.publish(people(*persons))
        ros.wait(lambda: len(shown) > count, what="markers")
        found = shown[-1].markers
        deleted = {one.ns for one in found if one.action == Marker.DELETE}
        return {one.ns: one for one in found if one.action == Marker.ADD}, deleted

    return send


def test_a_target_has_a_ring_a_heading_a_velocity_and_a_caption(follower, send, someone):
    follower(choice="nearest")
    walks = someone(3, PLACE, velocity=(1.0, 0.0, 0.0), facing=(1.0, 0.0, 0.0))

    found, _ = send(walks)

    assert set(found) == {"ring", "heading", "velocity", "state"}
    assert found["state"].text == "locked 3"
    assert {one.header.frame_id for one in found.values()} == {"camera"}
    assert found["ring"].color.g == pytest.approx(colour(COLOURS["locked"]).g)
    assert found["ring"].points[0].x == RADIUS
    assert found["ring"].pose.position.z == pytest.approx(PLACE[2])
    start, end = found["velocity"].points
    assert (end.x - start.x, end.z - start.z) == pytest.approx((1.0, 0.0))
    assert found["state"].pose.position.y == pytest.approx(-ABOVE)  # y of the camera is down


def test_a_target_at_rest_has_no_arrow_of_velocity(follower, send, someone):
    follower(choice="nearest")

    found, _ = send(someone(3, PLACE, velocity=(0.05, 0.0, 0.0)))

    assert set(found) == {"ring", "heading", "state"}


def test_markers_are_deleted_when_there_is_no_target_any_more(ros, follower, send, someone):
    node = follower(choice="nearest")
    send(someone(3, PLACE))

    node.tracking.select("none", 0)

    assert send(someone(3, PLACE)) == ({}, {"ring", "heading", "state"})


def at(stamp):
    pose = PoseStamped(header=Header(frame_id="odom"))
    pose.header.stamp.sec = stamp
    pose.pose.position.x, pose.pose.position.z = 4.0, 1.0
    return pose


def test_a_lost_target_is_shown_where_it_was_last_until_another_is_chosen():
    markers = TargetMarkers()
    lost = Target(state="lost", track_id=-1, reason="not seen")
    markers.see(Target(state="locked", track_id=3), at(7))

    markers.see(lost, None)
    ring, caption = markers.array(lost, None).markers

    assert (ring.pose.position.x, ring.header.frame_id, ring.header.stamp.sec) == (4.0, "odom", 0)
    assert ring.color == colour(COLOURS["lost"])
    assert caption.text == "lost: not seen"
    assert caption.pose.position.z == pytest.approx(1.0 + ABOVE)
    markers.forget()
    assert {one.action for one in markers.array(lost, None).markers} == {Marker.DELETE}


def test_a_target_that_is_seen_at_an_unknown_place_is_not_shown():
    markers = TargetMarkers()
    locked = Target(state="locked", track_id=3)
    markers.see(locked, at(7))

    markers.see(locked, None)

    assert not markers.array(locked, None).markers


def test_nothing_is_computed_while_nobody_subscribes(ros, follower, people, someone, monkeypatch):
    computed = []
    monkeypatch.setattr(TargetMarkers, "array", lambda *_: computed.append(1))
    told = ros.heard(Target, "person_follower/target")
    publisher = ros.publisher("people", kind=PersonArray)
    follower(choice="nearest")
    ros.wait(lambda: publisher.get_subscription_count() == 1, what="the follower")
    ros.wait(lambda: ros.probe.count_publishers("/person_follower/target") == 1)

    publisher.publish(people(someone(3, PLACE)))

    ros.wait(lambda: told, what="the target")
    assert not computed

"""The reliability of subscriptions follows publishers that come and go, over real DDS."""

import time
from types import SimpleNamespace

import pytest
from mobilepose_msgs.msg import PersonBoxArray
from rclpy.node import Node
from rclpy.qos import ReliabilityPolicy
from sensor_msgs.msg import CompressedImage, Image

from mobilepose_ros.matched_subscription import MatchedSubscription, wanted_reliability

BEST_EFFORT, RELIABLE = ReliabilityPolicy.BEST_EFFORT, ReliabilityPolicy.RELIABLE


class Cameras:
    """Publishers of a node of their own, and the one that it has the subscriptions of."""

    def __init__(self, ros, node, topic="/image", kind=Image):
        self.ros, self.node, self.topic, self.kind = ros, node, topic, kind

    def come(self, reliability):
        return self.ros.publisher(self.topic, reliability=reliability, kind=self.kind)

    def go(self, publisher):
        self.ros.probe.destroy_publisher(publisher)

    def reliabilities(self):
        """Of all subscriptions to the topic."""
        known = self.ros.probe.get_subscriptions_info_by_topic(self.topic)
        return [entry.qos_profile.reliability for entry in known]

    def wait_for(self, reliability):
        self.ros.wait(
            lambda: self.reliabilities() == [reliability], what=f"a {reliability.name} subscription"
        )

    def stay(self, reliability, seconds=1.2):
        """The reliability is the same at several looks."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            assert self.reliabilities() == [reliability]
            time.sleep(0.02)


@pytest.fixture
def received(ros):
    """A node with a subscription that follows, and what it got: (frame_id, number)."""
    node = ros.add(Node("receiver"))
    got = []
    subscription = MatchedSubscription(
        node,
        Image,
        "image",
        lambda image, info: got.append((image.header.frame_id, image.height)),
    )
    yield got, Cameras(ros, node)
    subscription.destroy()


def send(publisher, name, numbers):
    for number in numbers:
        image = Image(height=number)
        image.header.frame_id = name
        publisher.publish(image)


def test_without_a_publisher_it_is_reliable_and_misses_nothing_of_the_first(ros, received):
    got, cameras = received
    cameras.wait_for(RELIABLE)
    camera = cameras.come(RELIABLE)
    ros.wait(lambda: camera.get_subscription_count() > 0, what="a subscription")

    send(camera, "first", [1])

    ros.wait(lambda: got == [("first", 1)])


def test_it_is_best_effort_for_as_long_as_one_publisher_is(ros, received):
    got, cameras = received
    reliable = cameras.come(RELIABLE)
    cameras.wait_for(RELIABLE)

    weak = cameras.come(BEST_EFFORT)
    cameras.wait_for(BEST_EFFORT)
    for publisher, name in ((reliable, "reliable"), (weak, "weak")):
        ros.wait(lambda p=publisher: p.get_subscription_count() == 1, what="one subscription")
        send(publisher, name, [1])
        ros.wait(lambda n=name: got[-1:] == [(n, 1)], what=f"the image of {name}")
    assert got == [("reliable", 1), ("weak", 1)]

    cameras.go(weak)
    cameras.wait_for(RELIABLE)
    send(reliable, "reliable", [2])
    ros.wait(lambda: ("reliable", 2) in got)


def test_it_stays_as_it_is_while_no_publisher_is_there(ros, received):
    _, cameras = received
    camera = cameras.come(BEST_EFFORT)
    cameras.wait_for(BEST_EFFORT)

    cameras.go(camera)

    cameras.stay(BEST_EFFORT)


@pytest.mark.parametrize(
    ("publishers", "wanted"),
    [
        ([], None),
        ([("Image", RELIABLE)], RELIABLE),
        ([("Image", RELIABLE), ("Image", BEST_EFFORT)], BEST_EFFORT),
        ([("Image", RELIABLE), ("CompressedImage", BEST_EFFORT)], RELIABLE),
        ([("CompressedImage", BEST_EFFORT)], None),
        ([("Image", ReliabilityPolicy.UNKNOWN)], BEST_EFFORT),
    ],
)
def test_only_publishers_of_the_same_type_count(publishers, wanted):
    entries = [
        SimpleNamespace(topic_type=kind, qos_profile=SimpleNamespace(reliability=reliability))
        for kind, reliability in publishers
    ]

    assert wanted_reliability(entries, "Image") == wanted


def test_no_image_is_lost_or_doubled_while_the_reliability_changes(ros, received):
    got, cameras = received
    camera = cameras.come(RELIABLE)
    ros.publish_until(camera, Image(), lambda: got)
    got.clear()
    sent, seen = 0, set()
    weak = None
    for change in (BEST_EFFORT, None) * 3:
        if change is None:
            cameras.go(weak)
        else:
            weak = cameras.come(change)
        for _ in range(12):
            sent += 1
            send(camera, "reliable", [sent])
            ros.wait(lambda n=sent: ("reliable", n) in got, seconds=5, what=f"image {sent}")
            seen.update(cameras.reliabilities())
            time.sleep(0.01)

    assert got == [("reliable", number) for number in range(1, sent + 1)]
    assert seen == {BEST_EFFORT, RELIABLE}


def test_nothing_is_left_of_a_subscription_that_ends_in_the_middle_of_a_change(ros, context):
    node = ros.add(Node("receiver"))
    subscription = MatchedSubscription(node, Image, "image", lambda image, info: None)
    cameras = Cameras(ros, node)
    weak = cameras.come(BEST_EFFORT)
    cameras.wait_for(BEST_EFFORT)
    cameras.come(RELIABLE)
    cameras.go(weak)
    ros.wait(lambda: RELIABLE in cameras.reliabilities(), what="a reliable subscription")

    subscription.destroy()
    subscription.match()

    ros.wait(lambda: cameras.reliabilities() == [], what="no subscription")
    assert not list(node.subscriptions)
    assert not list(node.timers)


@pytest.mark.parametrize(
    ("topic", "kind", "values"),
    [
        ("/image", Image, {}),
        ("/image/compressed", CompressedImage, {"image_transport": "compressed"}),
        ("/depth", Image, {"use_depth": True}),
        ("/person_boxes", PersonBoxArray, {"person_finder": "topic"}),
    ],
)
def test_every_input_of_the_node_follows_its_publishers(ros, network, topic, kind, values):
    node = ros.pose_node(network, **values)
    cameras = Cameras(ros, node, topic, kind)
    cameras.wait_for(RELIABLE)

    cameras.come(BEST_EFFORT)

    cameras.wait_for(BEST_EFFORT)


@pytest.mark.parametrize("topic", ["/image", "/depth"])
@pytest.mark.parametrize(("fixed", "other"), [("best_effort", RELIABLE), ("reliable", BEST_EFFORT)])
@pytest.mark.parametrize("by", ["parameter", "override"])
def test_a_reliability_that_is_set_stays(ros, network, topic, fixed, other, by):
    values = {"image_reliability": fixed}
    if by == "override":
        others = {"best_effort": "reliable", "reliable": "best_effort"}
        values = {
            "image_reliability": others[fixed],  # which the override goes before
            f"qos_overrides.{topic}.subscription.reliability": fixed,
        }
    node = ros.pose_node(network, use_depth=True, **values)
    cameras = Cameras(ros, node, topic)

    cameras.come(other)

    cameras.stay(ReliabilityPolicy[fixed.upper()], seconds=0.7)


def test_a_node_that_is_switched_off_and_on_follows_anew(ros, network, picture, message, answers):
    node = ros.pose_node(network)
    cameras = Cameras(ros, node)
    weak = cameras.come(BEST_EFFORT)
    cameras.wait_for(BEST_EFFORT)
    cameras.go(weak)
    camera = cameras.come(RELIABLE)
    node.trigger_deactivate()
    ros.wait(lambda: cameras.reliabilities() == [], what="no subscription")

    node.trigger_activate()

    cameras.wait_for(RELIABLE)
    ros.publish_until(camera, message(picture), lambda: answers)

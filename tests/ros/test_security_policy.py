"""The SROS 2 policy allows what running nodes do, and nothing else."""

import threading
import urllib.request
import xml.etree.ElementTree as ET

import pytest
from rclpy.parameter import Parameter
from tools import security_policy

from mobilepose_ros.view import ViewNode

ROSOUT = {"/rosout", "/parameter_events"}


def allowed(node, kind, action):
    """Names that the policy allows a node."""
    root = ET.parse(security_policy.FILE).getroot()
    (profile,) = root.iterfind(f".//profile[@node='{node}']")
    rules = [rule for rule in profile.iterfind(kind) if rule.get(action) == "ALLOW"]
    return {entry.text for rule in rules for entry in rule}


def names(of_node, node, own_name):
    """What a running node has, under its default name."""
    name = node.get_name()
    found = {topic for topic, _ in of_node(name, node.get_namespace())}
    return {topic.replace(f"/{name}/", f"/{own_name}/") for topic in found}


def test_the_file_is_up_to_date():
    written = security_policy.FILE.read_text(encoding="utf-8")
    assert written == security_policy.policy(), "run: python -m tools.security_policy --write"


def test_nothing_is_allowed_by_a_pattern():
    text = security_policy.FILE.read_text(encoding="utf-8")
    assert "*" not in text
    assert "?>" in text
    assert text.count("?") == 2


def is_offered(name):
    """Whether a service is of every version: Jazzy's and later nodes describe their types, too."""
    return not name.endswith("/get_type_description")


@pytest.fixture
def pose_node(ros, network):
    """A configured pose node that everybody knows of."""
    node = ros.pose_node(network, use_depth=True)
    ros.wait(lambda: "/depth" in names(node.get_subscriber_names_and_types_by_node, node, ""))
    ros.wait(lambda: "//get_state" in names(node.get_service_names_and_types_by_node, node, ""))
    ros.wait(lambda: "//overlay" in names(node.get_publisher_names_and_types_by_node, node, ""))
    return node


def test_the_pose_node_may_publish_and_offer_what_it_does(pose_node):
    published = names(pose_node.get_publisher_names_and_types_by_node, pose_node, "mobilepose")
    offered = names(pose_node.get_service_names_and_types_by_node, pose_node, "mobilepose")

    assert published <= allowed("mobilepose", "topics", "publish")
    assert allowed("mobilepose", "topics", "publish") - published <= {"/tf"}
    assert {*filter(is_offered, offered)} == allowed("mobilepose", "services", "reply")


def test_the_pose_node_may_subscribe_to_what_it_does(pose_node):
    may = allowed("mobilepose", "topics", "subscribe")
    own = names(pose_node.get_subscriber_names_and_types_by_node, pose_node, "mobilepose")

    others = {"/clock", "/tf", "/tf_static", "/person_boxes", "/image/compressed"}
    assert may - own <= others
    assert own <= may | ROSOUT


def test_the_follower_may_do_what_it_does(ros, follower):
    node = follower()
    may = allowed("person_follower", "services", "reply")

    def offered():
        found = names(node.get_service_names_and_types_by_node, node, "person_follower")
        return {*filter(is_offered, found)}

    ros.wait(lambda: offered() == may, what="the services that the policy allows")
    published = names(node.get_publisher_names_and_types_by_node, node, "person_follower")
    assert published <= allowed("person_follower", "topics", "publish")


def test_the_view_may_do_what_it_does(ros):
    node = ros.add(ViewNode(parameter_overrides=[Parameter("port", value=0)]))
    page = threading.Thread(target=lambda: urllib.request.urlopen(f"{node.url}next").read())
    page.start()  # without a browser it subscribes to nothing
    may = allowed("view", "topics", "subscribe")
    expected = may - {"/clock", "/image/compressed", "/mobilepose/joints_3d"}

    def subscribed():
        return names(node.get_subscriber_names_and_types_by_node, node, "view") - ROSOUT

    def requested():
        return names(node.get_client_names_and_types_by_node, node, "view")

    ros.wait(lambda: subscribed() == expected, what=f"{expected}")
    ros.wait(lambda: requested() == allowed("view", "services", "request"), what="the client")
    page.join()
    published = names(node.get_publisher_names_and_types_by_node, node, "view")
    assert published <= allowed("view", "topics", "publish")

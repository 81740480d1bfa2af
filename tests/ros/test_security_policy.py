"""The SROS 2 policy allows what running nodes do, and nothing else."""

import xml.etree.ElementTree as ET

import pytest
from tools import security_policy

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


@pytest.fixture
def pose_node(ros, network):
    return ros.pose_node(network, use_depth=True)


def test_the_pose_node_may_publish_and_offer_what_it_does(pose_node):
    published = names(pose_node.get_publisher_names_and_types_by_node, pose_node, "mobilepose")
    offered = names(pose_node.get_service_names_and_types_by_node, pose_node, "mobilepose")

    assert published <= allowed("mobilepose", "topics", "publish")
    assert allowed("mobilepose", "topics", "publish") - published <= {"/tf"}
    may_offer = allowed("mobilepose", "services", "reply")
    assert {name for name in offered if "type_description" not in name} == may_offer


def test_the_pose_node_may_subscribe_to_what_it_does(pose_node):
    may = allowed("mobilepose", "topics", "subscribe")
    seen = names(pose_node.get_subscriber_names_and_types_by_node, pose_node, "mobilepose")
    own = {name for name in seen if not name.startswith("/test")}

    others = {"/clock", "/tf", "/tf_static", "/person_boxes", "/image/compressed"}
    assert may - own <= others
    assert own <= may | ROSOUT


def test_the_follower_may_do_what_it_does(follower):
    node = follower()
    published = names(node.get_publisher_names_and_types_by_node, node, "person_follower")
    offered = names(node.get_service_names_and_types_by_node, node, "person_follower")

    assert published <= allowed("person_follower", "topics", "publish")
    assert {name for name in offered if "type_description" not in name} == allowed(
        "person_follower", "services", "reply"
    )

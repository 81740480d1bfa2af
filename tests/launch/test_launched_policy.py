"""The SROS 2 policy allows what the launch files start, under the topics that they give it."""

import xml.etree.ElementTree as ET

import pytest
from tools import security_policy


def allowed(node, kind, action):
    """Names that the policy allows a node."""
    root = ET.parse(security_policy.FILE).getroot()
    (profile,) = root.iterfind(f".//profile[@node='{node}']")
    rules = [rule for rule in profile.iterfind(kind) if rule.get(action) == "ALLOW"]
    return {entry.text for rule in rules for entry in rule}


@pytest.mark.parametrize(
    ("file", "arguments", "name"),
    [
        ("demo", {}, "camera"),
        ("demo", {"depth": "depth", "publish_tf": "true"}, "mobilepose"),
        ("demo", {"view": "true", "view_port": "0"}, "view"),
        ("follow", {"fixed_frame": "odom", "target_frame": "target"}, "person_follower"),
        ("follow", {"fixed_frame": "odom", "depth": "depth"}, "mobilepose"),
    ],
)
def test_a_launched_node_may_do_what_it_does(commands, node_of, tf2, file, arguments, name):
    node = node_of(commands(file, **arguments)[f"/{name}"])
    if hasattr(node, "start"):
        assert node.start(), node.failure

    done = {
        ("topics", "subscribe"): {one.topic_name for one in node.subscriptions},
        ("topics", "publish"): {one.topic_name for one in node.publishers},
        ("services", "reply"): {one.service_name for one in node.services},
        ("services", "request"): {one.service_name for one in node.clients},
    }

    assert {rule: names - allowed(name, *rule) for rule, names in done.items()} == {
        rule: set() for rule in done
    }


def test_the_launched_follower_may_read_what_it_reads_and_nothing_else(commands, node_of, tf2):
    node = node_of(commands("follow", fixed_frame="odom")["/person_follower"])
    assert node.start(), node.failure

    read = {one.topic_name for one in node.subscriptions}
    assert read == allowed("person_follower", "topics", "subscribe") - {"/clock"}

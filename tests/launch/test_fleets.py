"""Launch files for one of many robots: what it shares with the others, and how it finds them."""

import pytest

FILES = {
    "pose": {},
    "multi_camera": {"cameras": "front rear"},
    "follow": {"choice": "nearest", "fixed_frame": "odom"},
    "demo": {},
}

SHARED = {"/diagnostics", "/rosout", "/parameter_events", "/clock"}
"""Topics that all robots have in common; their messages name the node."""

TF = {"/tf", "/tf_static"}


def remapped(command, name):
    """A topic's name after the rules of a command line."""
    return command.remaps.get(name, name)


@pytest.mark.parametrize("name", FILES)
def test_robots_share_no_topic_or_service_but_those_that_name_the_node(
    commands, node_of, name, tf2
):
    found = commands(
        name, namespace="robot_7", tf_namespace="robot_7", publish_tf="true", device="cpu",
        **FILES[name],
    )  # fmt: skip

    for full_name, command in found.items():
        assert full_name.startswith("/robot_7/")
        node = node_of(command)
        if hasattr(node, "start"):
            assert node.start(), node.failure
        topics = {endpoint.topic_name for endpoint in [*node.publishers, *node.subscriptions]}
        services = {service.service_name for service in node.services}
        own = {topic for topic in topics | services if topic.startswith("/robot_7/")}
        assert topics | services == own | (SHARED & topics)
        assert node.get_logger().name == full_name.strip("/").replace("/", ".")


@pytest.mark.parametrize("name", FILES)
def test_tf_is_common_unless_a_namespace_is_given(commands, name):
    common = commands(name, namespace="robot_7", **FILES[name])
    own = commands(name, namespace="robot_7", tf_namespace="/robot_7", **FILES[name])

    for full_name, command in own.items():
        if not full_name.endswith("/camera"):
            assert {topic: remapped(command, topic) for topic in TF} == {
                topic: f"/robot_7{topic}" for topic in TF
            }
        assert TF.isdisjoint(common[full_name].remaps)


def test_rviz_listens_to_the_robots_own_tf(commands, rviz_arguments):
    found = commands("pose", namespace="robot_7", tf_namespace="robot_7", rviz="true")

    assert found["/robot_7/rviz"].remaps["/tf"] == "/robot_7/tf"


@pytest.mark.parametrize("name", FILES)
def test_all_programs_ask_the_discovery_server_that_is_given(commands, name, monkeypatch):
    monkeypatch.delenv("ROS_DISCOVERY_SERVER", raising=False)
    servers = "10.0.0.5:11811;10.0.0.6:11811"

    found = commands(name, discovery_server=servers, **FILES[name])
    without = commands(name, **FILES[name])

    for full_name, command in found.items():
        assert command.environment["ROS_DISCOVERY_SERVER"] == servers
        assert "ROS_DISCOVERY_SERVER" not in without[full_name].environment


def test_rviz_sees_all_topics_that_the_discovery_server_knows(commands, rviz_arguments):
    found = commands("pose", rviz="true", discovery_server="10.0.0.5:11811")

    assert found["/rviz"].environment["ROS_SUPER_CLIENT"] == "TRUE"
    assert "ROS_SUPER_CLIENT" not in found["/mobilepose"].environment


def test_a_discovery_server_that_cannot_be_one_is_refused(refusal):
    text = refusal("pose", discovery_server="10.0.0.5,10.0.0.6")

    assert "discovery_server: '10.0.0.5,10.0.0.6' is no discovery server; expected" in text

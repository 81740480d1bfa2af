"""The table of topics, compared with what configured nodes really have."""

import importlib.util
import itertools

import pytest
from rclpy.qos import DurabilityPolicy, ReliabilityPolicy

from mobilepose_ros.topic_table import PUBLISHED, SERVICES, SUBSCRIBED

ROS_OWN = ("/parameter_events", "/rosout", "/transition_event")
NUMBERS = itertools.count()

SETTINGS = [
    {},
    {"image_transport": "compressed", "use_depth": True},
    {"person_finder": "topic", "person_boxes_type": "PersonBoxArray"},
    {"person_finder": "topic", "person_boxes_type": "RegionOfInterest"},
]
if importlib.util.find_spec("vision_msgs"):
    SETTINGS.append({"person_finder": "topic", "person_boxes_type": "Detection2DArray"})


@pytest.fixture
def own_name():
    """A node's name that no test before used: the graph forgets the nodes of those slowly."""
    return f"tabled{next(NUMBERS)}"


def full_name(name, node):
    return name.replace("~", f"/{node}") if name.startswith(("~", "/")) else f"/{name}"


def is_on(topic, settings):
    given = {"image_transport": "raw", "use_depth": False, "person_finder": "full_frame"}
    given |= {"publish_tf": False, "ground_frame": ""} | settings
    name, _, value = topic.when.partition(": ")
    return not name or str(given[name]).lower() == value


def types_of(topic, settings):
    chosen = settings.get("person_boxes_type")
    return [kind for kind in topic.types if topic.name != "person_boxes" or kind.endswith(chosen)]


def endpoints(ask, node):
    return {name: kinds for name, kinds in ask(node, "/") if not name.endswith(ROS_OWN)}


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_the_table_has_the_topics_of_a_configured_node_with_their_types(
    ros, network, own_name, settings
):
    node = ros.pose_node(network, name=own_name, **settings)

    subscribed = endpoints(node.get_subscriber_names_and_types_by_node, own_name)
    published = endpoints(node.get_publisher_names_and_types_by_node, own_name)

    assert subscribed == {
        full_name(topic.name, own_name): types_of(topic, settings)
        for topic in SUBSCRIBED
        if is_on(topic, settings)
    }
    assert published == {
        full_name(topic.name, own_name): [topic.type]
        for topic in PUBLISHED
        if is_on(topic, settings)
    }


def test_the_table_has_the_quality_of_service_of_a_configured_node(ros, network, own_name):
    node = ros.pose_node(network, name=own_name, use_depth=True)
    words = {ReliabilityPolicy.RELIABLE: "reliable", ReliabilityPolicy.BEST_EFFORT: "best effort"}

    for topic in (t for t in [*SUBSCRIBED, *PUBLISHED] if is_on(t, {"use_depth": True})):
        name = full_name(topic.name, own_name)
        infos = [*node.get_publishers_info_by_topic(name)]
        infos += node.get_subscriptions_info_by_topic(name)
        (info,) = [one for one in infos if one.node_name == own_name]
        said = words[info.qos_profile.reliability]
        if info.qos_profile.durability == DurabilityPolicy.TRANSIENT_LOCAL:
            said += ", transient local"
        if topic in PUBLISHED:
            assert topic.qos.rpartition(", ")[0] == said, name
        else:
            assert said in topic.qos, name


def test_the_publishers_have_the_depths_of_the_table(ros, network, own_name):
    node = ros.pose_node(network, name=own_name)
    profiles = {name: p.qos_profile for name, p in node.outputs.publishers.items()}

    assert {name: profile.depth for name, profile in profiles.items()} == {
        "joints": 10,
        "joints_3d": 10,
        "people": 10,
        "markers": 1,
        "overlay": 1,
        "skeleton": 1,
    }


def test_the_table_has_the_services_of_the_node(ros, network, own_name):
    node = ros.pose_node(network, name=own_name)

    def offered():
        return dict(node.get_service_names_and_types_by_node(own_name, "/"))

    for service in SERVICES:
        name = full_name(service.name, own_name)
        ros.wait(lambda n=name: n in offered(), what=name)
        assert offered()[name] == [service.type]

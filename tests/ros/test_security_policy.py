"""The SROS 2 policy allows what running nodes do, and nothing else."""

import fnmatch
import re
import threading
import urllib.request
import xml.etree.ElementTree as ET

import cv2
import numpy as np
import pytest
import rclpy
from hri_scene import joints_of, pose
from rclpy.parameter import Parameter
from tools import security_policy

from mobilepose_ros.camera_node import CameraNode
from mobilepose_ros.health import Examination
from mobilepose_ros.hri_bridge import HriBridge
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


def test_nothing_is_allowed_by_a_pattern_but_the_topics_of_bodies_and_persons():
    root = ET.parse(security_policy.FILE).getroot()
    patterns = {entry.text for entry in root.iter() if {*(entry.text or "")} & {*"*?["}}

    assert patterns == allowed("hri_bridge", "topics", "publish") & patterns
    assert all(re.fullmatch(r"/humans/(bodies|persons)/\*/[a-z0-9_]+", name) for name in patterns)


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
    assert offered == allowed("mobilepose", "services", "reply")


def test_the_pose_node_may_subscribe_to_what_it_does(pose_node):
    may = allowed("mobilepose", "topics", "subscribe")
    own = names(pose_node.get_subscriber_names_and_types_by_node, pose_node, "mobilepose")

    others = {"/clock", "/tf", "/tf_static", "/person_boxes", "/image/compressed"}
    assert may - own <= others
    assert own <= may | ROSOUT


def test_the_follower_may_publish_and_offer_what_it_does(ros, follower):
    node = follower()
    may = allowed("person_follower", "services", "reply")

    def offered():
        return names(node.get_service_names_and_types_by_node, node, "person_follower")

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


def test_the_camera_may_do_what_it_does(ros, tmp_path):
    picture = str(tmp_path / "photo.png")
    cv2.imwrite(picture, np.zeros((8, 8, 3), np.uint8))
    values = {"source": picture, "field_of_view": 60.0}
    node = ros.add(
        CameraNode(parameter_overrides=[Parameter(n, value=v) for n, v in values.items()])
    )
    may = allowed("camera", "services", "reply")

    def offered():
        return names(node.get_service_names_and_types_by_node, node, "camera")

    ros.wait(lambda: offered() == may, what="the services that the policy allows")
    published = names(node.get_publisher_names_and_types_by_node, node, "camera")
    assert published == allowed("camera", "topics", "publish")
    subscribed = names(node.get_subscriber_names_and_types_by_node, node, "camera") - ROSOUT
    assert subscribed == allowed("camera", "topics", "subscribe") - {"/clock"}


@pytest.fixture
def bridge(ros, hri):
    """A bridge that has seen somebody, with all that it can publish."""
    values = {"publish_persons": True, "publish_model": True}
    node = ros.add(
        HriBridge(parameter_overrides=[Parameter(n, value=v) for n, v in values.items()])
    )
    node._take_joints(joints_of(pose()))
    return node


def test_the_bridge_may_publish_of_every_body_what_it_does(ros, bridge):
    may = allowed("hri_bridge", "topics", "publish")

    def published():
        return names(bridge.get_publisher_names_and_types_by_node, bridge, "hri_bridge")

    def used():
        return {rule for rule in may if fnmatch.filter(published(), rule)}

    ros.wait(lambda: used() == may - {"/tf"}, what="everything that the policy allows")
    assert all(any(fnmatch.fnmatch(name, rule) for rule in may) for name in published())


def test_the_bridge_may_subscribe_and_offer_what_it_does(ros, bridge):
    may = allowed("hri_bridge", "services", "reply")

    def offered():
        return names(bridge.get_service_names_and_types_by_node, bridge, "hri_bridge")

    ros.wait(lambda: offered() == may, what="the services that the policy allows")
    subscribed = names(bridge.get_subscriber_names_and_types_by_node, bridge, "") - ROSOUT
    remapped = {f"/mobilepose{topic}" for topic in subscribed}
    assert remapped == allowed("hri_bridge", "topics", "subscribe") - {"/clock"}


def test_health_may_ask_and_offers_nothing(ros):
    examination = Examination(rclpy.get_default_context(), "mobilepose", 0.0)
    node = examination._asker
    try:
        assert not examination.health().is_good

        def requested():
            return names(node.get_client_names_and_types_by_node, node, "health")

        ros.wait(lambda: requested() == allowed("health", "services", "request"))
        subscribed = names(node.get_subscriber_names_and_types_by_node, node, "health") - ROSOUT
        published = names(node.get_publisher_names_and_types_by_node, node, "health")
        assert subscribed == allowed("health", "topics", "subscribe") - {"/clock"}
        assert published <= allowed("health", "topics", "publish")
        assert not names(node.get_service_names_and_types_by_node, node, "health")
    finally:
        examination.close()

"""Hints from the graph for a topic without publishers."""

from __future__ import annotations

import difflib
import functools
import os
from collections.abc import Iterable, Mapping, Set
from typing import TypeAlias

from rclpy.node import Node

from mobilepose_ros import discovery_server

IMAGE_TYPE = "sensor_msgs/msg/Image"
COMPRESSED_TYPE = "sensor_msgs/msg/CompressedImage"

Published: TypeAlias = Mapping[str, Set[str]]
"""Types that other nodes publish, by topic."""

COMPRESSED, COMPRESSED_DEPTH = "/compressed", "/compressedDepth"

ROLES = ("infra", "thermal", "overlay", "mask", "debug", "mono", "left")
"""Words in topic names that distinguish the images of one camera."""

SHOWN = 3
"""Most topics to name in a hint."""


def published(node: Node, kinds: Iterable[str]) -> Published:
    """What other nodes publish, restricted to some types."""
    wanted, own = set(kinds), (node.get_namespace(), node.get_name())
    found = {}
    for topic, types in node.get_topic_names_and_types():
        if wanted.isdisjoint(types):
            continue
        others = {
            entry.topic_type
            for entry in node.get_publishers_info_by_topic(topic)
            if (entry.node_namespace, entry.node_name) != own
        }
        if others:
            found[topic] = others
    return found


def nearest(topic: str, names: Iterable[str]) -> list[str]:
    """Topic names, those most similar to a given one first."""
    return sorted(names, key=lambda name: (-_similarity(topic, name), name))


def _similarity(one: str, other: str) -> float:
    """Similarity of two names, by their parts, letters and roles."""
    letters = difflib.SequenceMatcher(None, one, other).ratio()
    parts = difflib.SequenceMatcher(None, one.split("/"), other.split("/")).ratio()
    differences = sum((role in one.lower()) != (role in other.lower()) for role in ROLES)
    return letters + parts - differences


def image_hint(topic: str, known: Published) -> str:
    """What to do about a topic without a publisher of images.

    Args:
        topic: of the images; ends in /compressed for compressed ones.
        known: what others publish, of `IMAGE_TYPE` and `COMPRESSED_TYPE`.

    Returns:
        Empty if there are no images on any topic.
    """
    base = topic.removesuffix(COMPRESSED)
    if topic != base and COMPRESSED_TYPE in known.get(base, ()):
        return f"{base} is already compressed: {image_setting(base, COMPRESSED_TYPE, topic)}"
    if topic != base and IMAGE_TYPE in known.get(base, ()):
        return f"{base} exists, but is not compressed: set image_transport:=raw"
    if topic == base and COMPRESSED_TYPE in known.get(base + COMPRESSED, ()):
        return f"{base}{COMPRESSED} exists: set image_transport:=compressed"
    names = [name for name in known if _is_depth(name) == _is_depth(topic)]
    # A topic published in both ways is named once, in the way that image_transport selects.
    ways = {IMAGE_TYPE} if topic == base else {COMPRESSED_TYPE}
    names = [name for name in names if known[name] & ways or not _twin(name) & set(names)]
    if not names:
        return ""
    found = nearest(base, names)
    settings = [
        image_setting(name, IMAGE_TYPE if IMAGE_TYPE in known[name] else COMPRESSED_TYPE, topic)
        for name in found[:SHOWN]
    ]
    return f"there are images on other topics: {_listed(settings, len(found))}"


def _is_depth(name: str) -> bool:
    return any(word in name.lower() for word in ("depth", "disparity"))


def _twin(name: str) -> set[str]:
    """The name of the same images, compressed if this one is raw and vice versa."""
    is_compressed = name.endswith(COMPRESSED)
    return {name.removesuffix(COMPRESSED) if is_compressed else name + COMPRESSED}


def image_setting(name: str, kind: str, asked: str) -> str:
    """The arguments that make the node use the images of a topic.

    Args:
        name: of the topic.
        kind: its type, one of the two.
        asked: the topic that the node uses now.
    """
    transport = "raw" if kind == IMAGE_TYPE else "compressed"
    is_set = (transport == "compressed") == asked.endswith(COMPRESSED)
    more = "" if is_set else f" with image_transport:={transport}"
    if transport == "raw":
        return f"image:={name}{more}"
    if name.endswith(COMPRESSED):
        return f"image:={name.removesuffix(COMPRESSED)}{more}"
    return f"image/compressed:={name}{more}"


def republished(name: str) -> str:
    """The command that converts compressed depth images to raw ones."""
    base = name.removesuffix(COMPRESSED_DEPTH).removesuffix(COMPRESSED)
    way = "compressed" if name.endswith(COMPRESSED) else "compressedDepth"
    return (
        f"ros2 run image_transport republish --ros-args -p in_transport:={way} "
        f"-p out_transport:=raw -r in/{way}:={name} -r out:={base}/raw, and depth:={base}/raw"
    )


def depth_hint(topic: str, known: Published) -> str:
    """What to do about a topic without a publisher of depth images; see `image_hint`."""
    names = [name for name, types in known.items() if IMAGE_TYPE in types and _is_depth(name)]
    if found := nearest(topic, names):
        settings = [f"depth:={name}" for name in found[:SHOWN]]
        return f"there are depth images on other topics: {_listed(settings, len(found))}"
    packed = [name for name in known if name.endswith(COMPRESSED_DEPTH)]
    if not packed:
        return ""
    name = nearest(topic, packed)[0]
    return f"{name} is compressed depth: {republished(name)}"


def hint(topic: str, argument: str, kind: str, known: Published) -> str:
    """What to do about a topic without a publisher of some type; see `image_hint`.

    Args:
        topic: without a publisher.
        argument: that selects the topic, such as `camera_info`.
        kind: the expected type.
        known: what others publish.
    """
    found = nearest(topic, [name for name, types in known.items() if kind in types])
    if not found:
        return ""
    settings = [f"{argument}:={name}" for name in found[:SHOWN]]
    return f"such messages are on other topics: {_listed(settings, len(found))}"


def _listed(texts: list[str], count: int) -> str:
    more = f" and {count - len(texts)} more" if count > len(texts) else ""
    return f"{', or '.join(texts)}{more}"


def isolation(node: Node) -> str:
    """What to check if no other node is visible; empty if one is."""
    own = (node.get_name(), node.get_namespace())
    names = node.get_node_names_and_namespaces()
    if any(found != own for found in names):
        return ""
    if discovery_server.is_used(os.environ):
        text = os.environ[discovery_server.VARIABLE]
        return discovery_server.hint(text, _probe(text).missing())
    domain = os.environ.get("ROS_DOMAIN_ID") or "0"
    reach = os.environ.get("ROS_AUTOMATIC_DISCOVERY_RANGE") or "SUBNET"
    if os.environ.get("ROS_LOCALHOST_ONLY") == "1":
        reach = "LOCALHOST"
    text = (
        f"no other node is visible: ROS_DOMAIN_ID is {domain} here, discovery range {reach}; does "
        "the camera use the same?"
    )
    return " ".join([text, *discovery_server.warnings(os.environ)])


@functools.cache
def _probe(text: str) -> discovery_server.Probe:
    """The probe of this process's servers."""
    return discovery_server.Probe(text)

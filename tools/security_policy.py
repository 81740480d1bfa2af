"""The SROS 2 policy of our nodes: what each needs, and nothing else.

    python -m tools.security_policy            say whether config/policy.xml is up to date
    python -m tools.security_policy --write    write it

It is made of the tables of topics and services, which tests compare with running nodes, also as the
launch files start them. Names are written in full, except those of bodies and persons (REP-155),
whose IDs are new each time.
"""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from dataclasses import dataclass

from mobilepose_ros import follower_topics, health, hri_topics, topic_table, view_topics
from mobilepose_ros.topic_table import Topic
from tools.version import ROOT

FILE = ROOT / "mobilepose_ros" / "config" / "policy.xml"

PARAMETER_SERVICES = (
    "~/describe_parameters",
    "~/get_parameter_types",
    "~/get_parameters",
    "~/list_parameters",
    "~/set_parameters",
    "~/set_parameters_atomically",
)
"""Services of every node in rclpy that has parameter services."""

TYPE_SERVICE = "~/get_type_description"
"""Service of every node in rclpy, from Jazzy on."""

LIFECYCLE_SERVICES = (
    "~/get_available_states",
    "~/get_available_transitions",
    "~/get_transition_graph",
)
"""Services of lifecycle nodes besides those of the tables."""

PUBLISHED_BY_ALL = ("/parameter_events", "/rosout")

ANY_ID = "*"
"""Stands for the ID of a body: SROS 2 and DDS match names as fnmatch does."""


def _of_pose_node(rows: Iterable[Topic]) -> tuple[str, ...]:
    """Topics of a node whose relative names are remapped to those of the pose node."""
    return tuple(row.name if row.name[0] == "/" else f"mobilepose/{row.name}" for row in rows)


@dataclass(frozen=True)
class Profile:
    """What a node may do.

    Attributes:
        node: its name.
        publishes, subscribes: topics.
        replies: services that it offers.
        requests: services that it calls.
        has_parameters: whether it offers the services of parameters and types.
    """

    node: str
    publishes: tuple[str, ...]
    subscribes: tuple[str, ...]
    replies: tuple[str, ...] = ()
    requests: tuple[str, ...] = ()
    has_parameters: bool = True


PROFILES = (
    Profile(
        "camera",
        ("image", "camera_info"),
        (),
    ),
    Profile(
        "mobilepose",
        ("~/transition_event", *(row.name for row in topic_table.PUBLISHED)),
        tuple(row.name for row in topic_table.SUBSCRIBED),
        (*LIFECYCLE_SERVICES, *(row.name for row in topic_table.SERVICES)),
    ),
    Profile(
        "person_follower",
        ("~/transition_event", *(row.name for row in follower_topics.PUBLISHED)),
        _of_pose_node(follower_topics.SUBSCRIBED),
        (*LIFECYCLE_SERVICES, *(row.name for row in follower_topics.SERVICES)),
    ),
    Profile(
        "view",
        (),
        tuple(row.name for row in view_topics.SUBSCRIBED),
        requests=tuple(row.name for row in view_topics.REQUESTED),
    ),
    Profile(
        "hri_bridge",
        ("/tf", *(row.name.replace(hri_topics.ID, ANY_ID) for row in hri_topics.PUBLISHED)),
        _of_pose_node(hri_topics.SUBSCRIBED),
    ),
    Profile(
        "health",
        (),
        ("/diagnostics",),
        requests=(f"{health.NODE}/get_state",),
        has_parameters=False,
    ),
)


def policy() -> str:
    """The policy as XML, with an enclave for each node."""
    root = ET.Element("policy", version="0.2.0")
    enclaves = ET.SubElement(root, "enclaves")
    for profile in PROFILES:
        enclave = ET.SubElement(enclaves, "enclave", path=f"/mobilepose/{profile.node}")
        node = ET.SubElement(ET.SubElement(enclave, "profiles"), "profile", ns="/")
        node.set("node", profile.node)
        _rule(node, "topics", "publish", (*PUBLISHED_BY_ALL, *profile.publishes))
        _rule(node, "topics", "subscribe", ("/clock", *profile.subscribes))
        if profile.has_parameters:
            offered = (*PARAMETER_SERVICES, TYPE_SERVICE, *profile.replies)
            _rule(node, "services", "reply", offered)
        if profile.requests:
            _rule(node, "services", "request", profile.requests)
    ET.indent(root)
    body = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{_REMARK}\n{body}\n'


_REMARK = """<!-- What the nodes of mobilepose need, under their default names and topics.
     Written by the module tools.security_policy; see docs/security.md. -->"""


def _rule(node: ET.Element, kind: str, action: str, names: Iterable[str]) -> None:
    """Allows an action on topics or services; names are written in full."""
    element = ET.SubElement(node, kind, {action: "ALLOW"})
    for name in sorted({_full(name, node.attrib["node"]) for name in names}):
        ET.SubElement(element, kind[:-1]).text = name


def _full(name: str, node: str) -> str:
    """SROS 2 joins `~` and a name without a slash, so nothing is left for it to expand."""
    return name if name[0] == "/" else "/" + name.replace("~", node)


def main() -> int:
    """Writes the policy, or says whether it is up to date."""
    if sys.argv[1:] not in ([], ["--write"]):
        sys.exit("usage: python -m tools.security_policy [--write]")
    if sys.argv[1:]:
        FILE.write_text(policy(), encoding="utf-8")
        print(f"{FILE.relative_to(ROOT)}: written")
        return 0
    is_current = FILE.is_file() and FILE.read_text(encoding="utf-8") == policy()
    print(f"{FILE.relative_to(ROOT)}: {'up to date' if is_current else 'out of date'}")
    return 0 if is_current else 1


if __name__ == "__main__":
    sys.exit(main())

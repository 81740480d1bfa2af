"""Files of parameters on the command line, and whether they are for a node at all."""

from __future__ import annotations

import itertools
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml
from rclpy.node import Node

from mobilepose_ros import parameter_table

PARAMS_FILE = "--params-file"

LEAF = "ros__parameters"
"""Key under which a node's parameters are."""


def ignored(node: Node, arguments: Sequence[str] | None = None) -> list[str]:
    """What of the command line is not for a node that declared its parameters, one line for each.

    Args:
        node: that was made with the command line.
        arguments: the node's own, which go before the process's.
    """
    name = node.get_fully_qualified_name()
    found = []
    for line in (sys.argv, arguments or ()):
        for path in files(line):
            names = node_names(path)
            if names and not any(is_for(pattern, name) for pattern in names):
                found.append(
                    f"{path} has parameters of {', '.join(names)}, and none of {name}, which "
                    f"goes on without them: write {name}: in it, or /**: for any node"
                )
        for pattern, parameter in _others(line, name):
            found.append(f"parameter {parameter} is set for {pattern} and ignored; this is {name}")
    return found


def warn_of_ignored(node: Node, arguments: Sequence[str] | None = None) -> list[str]:
    """Logs what is `ignored`.

    Returns:
        That, and the parameters that the node does not have.
    """
    found = ignored(node, arguments)
    for text in found:
        node.get_logger().warning(text)
    unknown = parameter_table.unknown_overrides(node)
    return [*found, *(f"parameter {name} is unknown and ignored" for name in unknown)]


def files(arguments: Sequence[str]) -> list[str]:
    """Paths that follow --params-file among ROS's arguments."""
    given = list(_ros_arguments(arguments))
    return [path for option, path in itertools.pairwise(given) if option == PARAMS_FILE]


def node_names(path: str) -> list[str]:
    """Names and patterns of the nodes that a file has parameters of; none where it is not one."""
    try:
        content = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError):  # ROS itself complains
        return []
    return list(_leaves(content, ""))


def is_for(pattern: str, name: str) -> bool:
    """Whether a name or pattern in a file is that of a node, given by its full name."""
    wild = {"**": "(/[^/]+)*", "*": "/[^/]+"}
    parts = [part for part in pattern.split("/") if part]
    expression = "".join(wild.get(part, f"/{re.escape(part)}") for part in parts)
    return re.fullmatch(expression, name) is not None


def _ros_arguments(arguments: Sequence[str]) -> Iterator[str]:
    inside = False
    for argument in arguments:
        if argument in ("--ros-args", "--"):
            inside = argument == "--ros-args"
        elif inside:
            yield argument


def _others(arguments: Sequence[str], name: str) -> Iterator[tuple[str, str]]:
    """Nodes and parameters of `-p NODE:PARAMETER:=VALUE` that are not for a node."""
    given = list(_ros_arguments(arguments))
    for option, text in itertools.pairwise(given):
        pattern, colon, parameter = text.partition(":=")[0].rpartition(":")
        if option in ("-p", "--param") and colon and not is_for(pattern, name):
            yield pattern, parameter


def _leaves(content: Any, name: str) -> Iterator[str]:
    if not isinstance(content, dict):
        return
    for key, value in content.items():
        if key == LEAF:
            yield name
        else:
            yield from _leaves(value, f"{name.rstrip('/')}/{str(key).strip('/')}")

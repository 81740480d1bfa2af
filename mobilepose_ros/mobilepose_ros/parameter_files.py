"""Files of parameters on the command line, and whether they are for a node at all."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from rclpy.node import Node

from mobilepose_ros import parameter_table, params_file

PARAMS_FILE = "--params-file"


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
            if names and not any(params_file.matches(pattern, name) for pattern in names):
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
        return params_file.node_names(Path(path))
    except ValueError:  # ROS itself complains
        return []


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
        if option in ("-p", "--param") and colon and not params_file.matches(pattern, name):
            yield pattern, parameter

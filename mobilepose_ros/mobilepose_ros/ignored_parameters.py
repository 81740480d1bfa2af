"""Parameters on the command line that do not apply to a node."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from rclpy.node import Node

from mobilepose_ros import parameter_table, params_file

PARAMS_FILE = "--params-file"


def ignored(node: Node, arguments: Sequence[str] | None = None) -> list[str]:
    """Parameters on the command line that a node ignores, one line for each.

    Args:
        node: with its parameters declared.
        arguments: the node's own, in addition to the process's.
    """
    name = node.get_fully_qualified_name()
    found = []
    for line in (sys.argv, arguments or ()):
        for path in files(line):
            names = node_names(path)
            if names and not any(params_file.matches(pattern, name) for pattern in names):
                found.append(
                    f"{path} has parameters for {', '.join(names)}, but not for this node, {name}: "
                    f"use {name}: in the file, or /**: for any node"
                )
        for pattern, parameter in _others(line, name):
            found.append(
                f"parameter {parameter} is set for {pattern}, not for this node, {name}: ignored"
            )
    return found


def warn_of_ignored(node: Node, arguments: Sequence[str] | None = None) -> list[str]:
    """Logs what is `ignored`.

    Returns:
        The logged texts, and one for each unknown parameter.
    """
    found = ignored(node, arguments)
    for text in found:
        node.get_logger().warning(text)
    unknown = parameter_table.unknown_overrides(node)
    return [*found, *(f"parameter {name} is unknown and ignored" for name in unknown)]


def files(arguments: Sequence[str]) -> list[str]:
    """Paths after --params-file in the ROS arguments."""
    given = list(_ros_arguments(arguments))
    return [path for option, path in itertools.pairwise(given) if option == PARAMS_FILE]


def node_names(path: str) -> list[str]:
    """Names and patterns of the nodes in a parameters file; none if it is invalid."""
    try:
        return params_file.node_names(Path(path))
    except ValueError:  # ROS reports it
        return []


def _ros_arguments(arguments: Sequence[str]) -> Iterator[str]:
    inside = False
    for argument in arguments:
        if argument in ("--ros-args", "--"):
            inside = argument == "--ros-args"
        elif inside:
            yield argument


def _others(arguments: Sequence[str], name: str) -> Iterator[tuple[str, str]]:
    """Nodes and parameters of `-p NODE:PARAMETER:=VALUE` for other nodes than this one."""
    given = list(_ros_arguments(arguments))
    for option, text in itertools.pairwise(given):
        pattern, colon, parameter = text.partition(":=")[0].rpartition(":")
        if option in ("-p", "--param") and colon and not params_file.matches(pattern, name):
            yield pattern, parameter

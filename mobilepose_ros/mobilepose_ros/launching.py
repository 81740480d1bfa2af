"""Shared by the launch files: arguments, names, parameters, and the inclusion of pose.launch.py.

Parameters have three layers; a later one overrides an earlier one:

1. our defaults, first on the node's command line;
2. SetParameter and SetParametersFromFile in launch files that include ours, then `params_file`;
3. the given arguments.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from launch import LaunchContext
from launch.actions import DeclareLaunchArgument, IncludeLaunchDescription
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.some_substitutions_type import SomeSubstitutionsType
from launch.substitutions import LaunchConfiguration, PathJoinSubstitution
from launch_ros.substitutions import FindPackageShare
from launch_ros.utilities import make_namespace_absolute, prefix_namespace

from mobilepose_ros.launch_arguments import Argument
from mobilepose_ros.parameter_table import Value

SHARE = FindPackageShare("mobilepose_ros")


def declared(arguments: Mapping[str, Argument]) -> list[DeclareLaunchArgument]:
    """The actions that declare a launch file's arguments."""
    return [
        DeclareLaunchArgument(
            name,
            default_value=argument.default,
            description=argument.description,
            choices=list(argument.choices) or None,
        )
        for name, argument in arguments.items()
    ]


def values(context: LaunchContext, arguments: Mapping[str, Argument]) -> dict[str, str]:
    """The values of a launch file's arguments."""
    return {name: LaunchConfiguration(name).perform(context) for name in arguments}


def shared(*path: str) -> PathJoinSubstitution:
    """Path of a file that is installed with the package."""
    return PathJoinSubstitution([SHARE, *path])


def namespace_below(namespace: str, name: str) -> str:
    """A namespace inside another one; one that begins with / is absolute and unchanged."""
    return prefix_namespace(namespace or None, name) or ""


def full_name(context: LaunchContext, namespace: str, name: str) -> str:
    """A node's full name, such as /robot/mobilepose, including pushed namespaces."""
    pushed = context.launch_configurations.get("ros_namespace")
    inside = make_namespace_absolute(prefix_namespace(pushed, namespace)) or "/"
    return f"{inside.rstrip('/')}/{name}"


def log_level(node: str, level: str) -> list[str]:
    """ROS arguments that set the level of one node's logger, but not of rcl's loggers.

    Args:
        node: its full name.
        level: such as debug.
    """
    return ["--log-level", f"{node.strip('/').replace('/', '.')}:={level}"]


def default_parameters(parameters: Mapping[str, Value]) -> list[str]:
    """ROS arguments for parameters that everything else overrides (layer 1)."""
    pairs = [
        f"{name}:={json.dumps(value, ensure_ascii=False)}" for name, value in parameters.items()
    ]
    return [text for pair in pairs for text in ("-p", pair)]


def override_parameters(node: str, parameters: Mapping[str, Value]) -> list[str]:
    """Parameters files that override all others (layer 3); none without parameters.

    If several names in parameters files match a node, the one whose first occurrence is latest
    wins. So a node's own name loses to a later /**, but a name that no other file uses wins.

    Args:
        node: its full name.
        parameters: to set.
    """
    if not parameters:
        return []
    content = {f"/**/**{node}": {"ros__parameters": dict(parameters)}}
    with tempfile.NamedTemporaryFile(
        "w", prefix="launch_params_", suffix=".yaml", delete=False, encoding="utf-8"
    ) as file:
        json.dump(content, file, ensure_ascii=False)
    return [file.name]


def params_path(text: str) -> Path:
    """The path in the argument params_file."""
    return Path(text).expanduser().absolute()


def included_pose(
    passed: Iterable[str], own: Mapping[str, SomeSubstitutionsType]
) -> IncludeLaunchDescription:
    """Includes pose.launch.py, with arguments passed on by name and others that are set here."""
    return IncludeLaunchDescription(
        PythonLaunchDescriptionSource(shared("launch", "pose.launch.py")),
        launch_arguments=[
            *((name, LaunchConfiguration(name)) for name in passed if name not in own),
            *own.items(),
        ],
    )

"""What the launch files share: declared arguments, names, parameters, and pose.launch.py included.

Parameters have three layers, of which a later one goes before an earlier one:

1. defaults of ours, which come first on the node's command line;
2. SetParameter and SetParametersFromFile of launch files that include ours, and then `params_file`;
3. arguments that are given.
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
    """What a launch file's arguments are."""
    return {name: LaunchConfiguration(name).perform(context) for name in arguments}


def shared(*path: str) -> PathJoinSubstitution:
    """A file that is installed with the package."""
    return PathJoinSubstitution([SHARE, *path])


def namespace_below(namespace: str, name: str) -> str:
    """A namespace inside another one; one that begins with / stays what it is."""
    return prefix_namespace(namespace or None, name) or ""


def full_name(context: LaunchContext, namespace: str, name: str) -> str:
    """A node's full name, such as /robot/mobilepose, in the namespaces pushed around it too."""
    pushed = context.launch_configurations.get("ros_namespace")
    inside = make_namespace_absolute(prefix_namespace(pushed, namespace)) or "/"
    return f"{inside.rstrip('/')}/{name}"


def log_level(node: str, level: str) -> list[str]:
    """ROS's arguments that set the level of one node's own logger, not of rcl's internals.

    Args:
        node: its full name.
        level: such as debug.
    """
    return ["--log-level", f"{node.strip('/').replace('/', '.')}:={level}"]


def weak(parameters: Mapping[str, Value]) -> list[str]:
    """ROS's arguments that set parameters unless something else does (layer 1)."""
    pairs = [
        f"{name}:={json.dumps(value, ensure_ascii=False)}" for name, value in parameters.items()
    ]
    return [text for pair in pairs for text in ("-p", pair)]


def strong(node: str, parameters: Mapping[str, Value]) -> list[str]:
    """Parameters files that go before all others (layer 3); none where there is nothing to set.

    Of two names in parameters files that mean a node, that one wins which came later for the first
    time. So a node's own name loses to a /** that follows it; a name that nobody else writes wins.

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
    """The file that the argument params_file names."""
    return Path(text).expanduser().absolute()


def included_pose(
    passed: Iterable[str], own: Mapping[str, SomeSubstitutionsType]
) -> IncludeLaunchDescription:
    """pose.launch.py, with arguments passed on by name and others of the including file's own."""
    return IncludeLaunchDescription(
        PythonLaunchDescriptionSource(shared("launch", "pose.launch.py")),
        launch_arguments=[
            *((name, LaunchConfiguration(name)) for name in passed if name not in own),
            *own.items(),
        ],
    )

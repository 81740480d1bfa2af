"""What the launch files share: declared arguments, and pose.launch.py inside another file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from launch.actions import DeclareLaunchArgument, IncludeLaunchDescription
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.some_substitutions_type import SomeSubstitutionsType
from launch.substitutions import LaunchConfiguration, PathJoinSubstitution
from launch_ros.substitutions import FindPackageShare

from mobilepose_ros.launch_arguments import Argument

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


def shared(*path: str) -> PathJoinSubstitution:
    """A file that is installed with the package."""
    return PathJoinSubstitution([SHARE, *path])


def included_pose(passed: Iterable[str], **own: SomeSubstitutionsType) -> IncludeLaunchDescription:
    """pose.launch.py, with arguments passed on by name and others of the including file's own."""
    return IncludeLaunchDescription(
        PythonLaunchDescriptionSource(shared("launch", "pose.launch.py")),
        launch_arguments=[
            *((name, LaunchConfiguration(name)) for name in passed),
            *own.items(),
        ],
    )

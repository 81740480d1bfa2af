"""A pose node for each camera: `ros2 launch mobilepose_ros multi_camera.launch.py cameras:="a b"`.

Each is in the namespace of its camera: /a/image_raw gives /a/mobilepose/joints.
"""

from launch import LaunchContext, LaunchDescription
from launch.actions import (
    DeclareLaunchArgument,
    GroupAction,
    IncludeLaunchDescription,
    OpaqueFunction,
)
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import LaunchConfiguration, PathJoinSubstitution
from launch_ros.substitutions import FindPackageShare

SHARE = FindPackageShare("mobilepose_ros")
POSE_ARGUMENTS = (
    "image",
    "params_file",
    "model",
    "device",
    "use_sim_time",
    "autostart",
    "log_level",
)


def generate_launch_description() -> LaunchDescription:
    """Includes pose.launch.py once for each camera."""
    return LaunchDescription(
        [
            DeclareLaunchArgument(
                "cameras",
                description='Namespaces of the cameras, such as "front rear".',
            ),
            DeclareLaunchArgument(
                "image",
                default_value="image_raw",
                description="Topic of the images inside each camera's namespace.",
            ),
            DeclareLaunchArgument(
                "params_file",
                default_value=PathJoinSubstitution([SHARE, "config", "pose.yaml"]),
                description="YAML file with the parameters of all nodes.",
            ),
            DeclareLaunchArgument(
                "model",
                default_value="",
                description="Released model or path of an .onnx file; else as in params_file.",
            ),
            DeclareLaunchArgument(
                "device",
                default_value="",
                choices=["", "auto", "cpu", "cuda"],
                description="Where the network runs; else as in params_file.",
            ),
            DeclareLaunchArgument(
                "use_sim_time",
                default_value="",
                choices=["", "true", "false"],
                description="Takes the time from /clock; else as in params_file.",
            ),
            DeclareLaunchArgument(
                "autostart",
                default_value="",
                choices=["", "true", "false"],
                description="Activates the nodes without a lifecycle manager; else as in "
                "params_file.",
            ),
            DeclareLaunchArgument(
                "log_level",
                default_value="info",
                choices=["debug", "info", "warn", "error", "fatal"],
                description="Lowest severity that the nodes log.",
            ),
            OpaqueFunction(function=pose_nodes),
        ]
    )


def pose_nodes(context: LaunchContext) -> list[GroupAction]:
    """A scope of its own for each camera's node."""
    cameras = LaunchConfiguration("cameras").perform(context).split()
    if not cameras:
        raise RuntimeError('cameras is empty; expected namespaces, such as cameras:="front rear"')
    source = PathJoinSubstitution([SHARE, "launch", "pose.launch.py"])
    return [
        GroupAction(
            [
                IncludeLaunchDescription(
                    PythonLaunchDescriptionSource(source),
                    launch_arguments=[
                        ("namespace", camera),
                        *((name, LaunchConfiguration(name)) for name in POSE_ARGUMENTS),
                    ],
                )
            ]
        )
        for camera in cameras
    ]

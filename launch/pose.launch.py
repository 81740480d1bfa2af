"""The pose node on a camera's images: `ros2 launch mobilepose_ros pose.launch.py image:=TOPIC`."""

from launch import LaunchContext, LaunchDescription
from launch.actions import DeclareLaunchArgument, OpaqueFunction
from launch.conditions import IfCondition
from launch.substitutions import LaunchConfiguration, PathJoinSubstitution
from launch_ros.actions import LifecycleNode, Node
from launch_ros.parameter_descriptions import ParameterValue
from launch_ros.substitutions import FindPackageShare

SHARE = FindPackageShare("mobilepose_ros")

PARAMETERS = {"model": str, "device": str, "use_sim_time": bool, "autostart": bool}
"""Arguments that are parameters of the node; a given one goes before the params_file's."""


def generate_launch_description() -> LaunchDescription:
    """The node, its arguments and, on demand, RViz."""
    return LaunchDescription(
        [
            DeclareLaunchArgument(
                "image",
                default_value="image",
                description="Topic of the images, sensor_msgs/Image.",
            ),
            DeclareLaunchArgument(
                "namespace",
                default_value="",
                description="Namespace of the node and its topics; none by default.",
            ),
            DeclareLaunchArgument(
                "params_file",
                default_value=PathJoinSubstitution([SHARE, "config", "pose.yaml"]),
                description="YAML file with the node's parameters.",
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
                "rviz",
                default_value="false",
                choices=["true", "false"],
                description="Opens RViz with the skeletons and the overlay.",
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
                description="Activates the node without a lifecycle manager; else as in "
                "params_file.",
            ),
            DeclareLaunchArgument(
                "log_level",
                default_value="info",
                choices=["debug", "info", "warn", "error", "fatal"],
                description="Lowest severity that the node logs.",
            ),
            OpaqueFunction(function=pose_node),
            rviz(),
        ]
    )


def pose_node(context: LaunchContext) -> list[LifecycleNode]:
    """The node, which takes itself to active unless autostart is false."""
    given = {
        name: ParameterValue(LaunchConfiguration(name), value_type=kind)
        for name, kind in PARAMETERS.items()
        if LaunchConfiguration(name).perform(context)
    }
    node = LifecycleNode(
        package="mobilepose_ros",
        executable="pose_node",
        name="mobilepose",
        namespace=LaunchConfiguration("namespace"),
        parameters=[LaunchConfiguration("params_file"), *([given] if given else [])],
        remappings=[("image", LaunchConfiguration("image"))],
        ros_arguments=["--log-level", LaunchConfiguration("log_level")],
        output="screen",
    )
    return [node]


def rviz() -> Node:
    """RViz on the node's topics."""
    namespace = LaunchConfiguration("namespace")
    return Node(
        package="rviz2",
        executable="rviz2",
        name="rviz",
        namespace=namespace,
        arguments=["-d", PathJoinSubstitution([SHARE, "rviz", "pose.rviz"])],
        remappings=[
            ("/mobilepose/markers", "mobilepose/markers"),
            ("/mobilepose/overlay", "mobilepose/overlay"),
            ("/image", LaunchConfiguration("image")),
        ],
        condition=IfCondition(LaunchConfiguration("rviz")),
        output="screen",
    )

"""The pose node on a camera's images: `ros2 launch mobilepose_ros pose.launch.py image:=TOPIC`."""

from launch import LaunchContext, LaunchDescription
from launch.actions import OpaqueFunction
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import LifecycleNode, Node
from launch_ros.parameter_descriptions import ParameterValue

from mobilepose_ros.launch_arguments import POSE, input_topics, pose_parameters, rviz_topics
from mobilepose_ros.launching import declared, shared
from mobilepose_ros.parameters import TOPIC


def generate_launch_description() -> LaunchDescription:
    """The node, its arguments and, on demand, RViz."""
    return LaunchDescription([*declared(POSE), OpaqueFunction(function=nodes)])


def nodes(context: LaunchContext) -> list[Node]:
    """The pose node, which takes itself to active unless autostart is false, and RViz."""
    given = {name: LaunchConfiguration(name).perform(context) for name in POSE}
    parameters = {
        name: ParameterValue(LaunchConfiguration(name), value_type=kind)
        for name, kind in pose_parameters(given).items()
    }
    if given["depth"]:
        parameters["use_depth"] = True
    if given["boxes"]:
        parameters.setdefault("person_finder", TOPIC)
    inputs = input_topics(given["image"], given["camera_info"], given["depth"], given["boxes"])
    pose = LifecycleNode(
        package="mobilepose_ros",
        executable="pose_node",
        name="mobilepose",
        namespace=given["namespace"],
        parameters=[
            given["params_file"] or shared("config", "pose.yaml"),
            *([parameters] if parameters else []),
        ],
        remappings=inputs,
        ros_arguments=["--log-level", given["log_level"]],
        output="screen",
    )
    if given["rviz"] == "false":
        return [pose]
    rviz = Node(
        package="rviz2",
        executable="rviz2",
        name="rviz",
        namespace=given["namespace"],
        arguments=["-d", shared("rviz", "pose.rviz"), "-f", given["fixed_frame"]],
        parameters=[{"use_sim_time": given["use_sim_time"] == "true"}],
        remappings=rviz_topics(inputs),
        output="screen",
    )
    return [pose, rviz]

"""The pose node on a camera's images: `ros2 launch mobilepose_ros pose.launch.py image:=TOPIC`."""

from launch import LaunchContext, LaunchDescription
from launch.actions import OpaqueFunction
from launch_ros.actions import LifecycleNode, Node

from mobilepose_ros import launching, params_file
from mobilepose_ros.launch_arguments import (
    POSE,
    discovery_environment,
    input_topics,
    pose_parameters,
    rviz_topics,
    tf_topics,
    view_parameters,
)
from mobilepose_ros.parameter_table import Value


def generate_launch_description() -> LaunchDescription:
    """The node, its arguments and, optionally, the live view and RViz."""
    return LaunchDescription([*launching.declared(POSE), OpaqueFunction(function=nodes)])


def nodes(context: LaunchContext) -> list[Node]:
    """The pose node, which activates itself unless autostart is false, the view and RViz."""
    given = launching.values(context, POSE)
    name = launching.full_name(context, given["namespace"], "mobilepose")
    parameters = pose_parameters(given)
    pose_yaml = launching.shared("config", "pose.yaml")
    defaults, files, in_file = ["--params-file", pose_yaml.perform(context)], [], {}
    if given["params_file"]:
        path = params_file.checked(launching.params_path(given["params_file"]), name)
        defaults, files, in_file = [], [str(path)], params_file.parameters_of(path, name) or {}
    tf, servers = tf_topics(given["tf_namespace"]), given["discovery_server"]
    inputs = input_topics(given["image"], given["camera_info"], given["depth"], given["boxes"])
    pose = LifecycleNode(
        package="mobilepose_ros",
        executable="pose_node",
        name="mobilepose",
        namespace=given["namespace"],
        parameters=[*files, *launching.override_parameters(name, parameters)],
        remappings=[*inputs, *tf],
        additional_env=discovery_environment(servers),
        ros_arguments=[*defaults, *launching.log_level(name, given["log_level"])],
        output="screen",
    )
    known = {**in_file, **parameters}
    started: list[Node] = [pose]
    if given["view"] == "true":
        started.append(view(context, given, known, inputs))
    if given["rviz"] == "false":
        return started
    clock = known.get("use_sim_time")
    rviz = Node(
        package="rviz2",
        executable="rviz2",
        name="rviz",
        namespace=given["namespace"],
        arguments=["-d", launching.shared("rviz", "pose.rviz"), "-f", given["fixed_frame"]],
        parameters=[] if clock is None else [{"use_sim_time": clock}],
        remappings=[*rviz_topics(inputs), *tf],
        additional_env=discovery_environment(servers, is_super_client=True),
        output="screen",
    )
    return [*started, rviz]


def view(
    context: LaunchContext,
    given: dict[str, str],
    of_pose: dict[str, Value],
    inputs: list[tuple[str, str]],
) -> Node:
    """The live view of the pose node in the same namespace."""
    name = launching.full_name(context, given["namespace"], "view")
    return Node(
        package="mobilepose_ros",
        executable="view",
        name="view",
        namespace=given["namespace"],
        parameters=launching.override_parameters(name, view_parameters(given, of_pose)),
        remappings=[rule for rule in inputs if rule[0].startswith("image")],
        additional_env=discovery_environment(given["discovery_server"]),
        ros_arguments=launching.log_level(name, given["log_level"]),
        output="screen",
    )

"""Follows one person: `ros2 launch mobilepose_ros follow.launch.py image:=TOPIC choice:=nearest`.

The person follower, and the pose node whose people it follows.
"""

from launch import LaunchContext, LaunchDescription, LaunchDescriptionEntity
from launch.actions import OpaqueFunction
from launch_ros.actions import LifecycleNode

from mobilepose_ros import launching, params_file
from mobilepose_ros.launch_arguments import (
    FOLLOW,
    FOLLOW_PASSES,
    POSE,
    discovery_environment,
    follower_parameters,
    tf_topics,
)


def generate_launch_description() -> LaunchDescription:
    """The follower, and pose.launch.py unless another launch file has started it."""
    return LaunchDescription([*launching.declared(FOLLOW), OpaqueFunction(function=nodes)])


def nodes(context: LaunchContext) -> list[LaunchDescriptionEntity]:
    """Both nodes, with a parameters file for each whose parameters it has."""
    given = launching.values(context, FOLLOW)
    name = launching.full_name(context, given["namespace"], "person_follower")
    pose_name = launching.full_name(context, given["namespace"], "mobilepose")
    follow_yaml = launching.shared("config", "follow.yaml")
    defaults, files = ["--params-file", follow_yaml.perform(context)], {name: "", pose_name: ""}
    starts_pose = given["pose"] == "true"
    if given["params_file"]:
        started = [name, pose_name] if starts_pose else [name]
        path = params_file.checked(launching.params_path(given["params_file"]), *started)
        for node in started:
            is_named = params_file.parameters_of(path, node) is not None
            files[node] = str(path) if is_named else ""
    own = [files[name]] if files[name] else []
    follower = LifecycleNode(
        package="mobilepose_ros",
        executable="person_follower",
        name="person_follower",
        namespace=given["namespace"],
        parameters=[*own, *launching.override_parameters(name, follower_parameters(given))],
        remappings=[
            ("people", given["people"] or "mobilepose/people"),
            *tf_topics(given["tf_namespace"]),
        ],
        additional_env=discovery_environment(given["discovery_server"]),
        ros_arguments=[
            *([] if own else defaults),
            *launching.log_level(name, given["log_level"]),
        ],
        output="screen",
    )
    if not starts_pose:
        return [follower]
    frame = given["fixed_frame"] or POSE["fixed_frame"].default or ""
    changed = {
        "params_file": files[pose_name],
        "fixed_frame": frame,
        "people_frame": given["people_frame"] or given["fixed_frame"],
    }
    return [launching.included_pose(FOLLOW_PASSES, changed), follower]

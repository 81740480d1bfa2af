"""A camera and the pose node: `ros2 launch mobilepose_ros demo.launch.py rviz:=true`.

Without a source the camera shows a moving photograph.
"""

from launch import LaunchContext, LaunchDescription, LaunchDescriptionEntity
from launch.actions import OpaqueFunction
from launch_ros.actions import Node

from mobilepose_ros import launching
from mobilepose_ros.launch_arguments import (
    DEMO,
    DEMO_PASSES,
    camera_parameters,
    discovery_environment,
    input_topics,
)


def generate_launch_description() -> LaunchDescription:
    """The camera node, and pose.launch.py on its images."""
    return LaunchDescription([*launching.declared(DEMO), OpaqueFunction(function=nodes)])


def nodes(context: LaunchContext) -> list[LaunchDescriptionEntity]:
    """The camera node with the given parameters, and the pose node on its images."""
    given = launching.values(context, DEMO)
    name = launching.full_name(context, given["namespace"], "camera")
    defaults, parameters = camera_parameters(given)
    camera = Node(
        package="mobilepose_ros",
        executable="camera_node",
        name="camera",
        namespace=given["namespace"],
        parameters=launching.override_parameters(name, parameters),
        remappings=input_topics(given["image"], given["camera_info"]),
        additional_env=discovery_environment(given["discovery_server"]),
        ros_arguments=[
            *launching.default_parameters(defaults),
            *launching.log_level(name, given["log_level"]),
        ],
        output="screen",
    )
    frame = given["fixed_frame"] or given["frame_id"]
    pose = launching.included_pose(DEMO_PASSES, {"fixed_frame": frame})
    return [pose, camera]  # in this order: if pose is rejected, the camera has not been started

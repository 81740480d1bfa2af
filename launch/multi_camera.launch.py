"""A pose node for each camera: `ros2 launch mobilepose_ros multi_camera.launch.py cameras:="a b"`.

Each runs in the namespace of its camera: /a/image_raw gives /a/mobilepose/joints.
"""

from launch import LaunchContext, LaunchDescription
from launch.actions import GroupAction, OpaqueFunction

from mobilepose_ros import launching, params_file
from mobilepose_ros.launch_arguments import (
    MULTI_CAMERA,
    MULTI_CAMERA_PASSES,
    cameras_in,
    check_cameras_apart,
    port_of,
)


def generate_launch_description() -> LaunchDescription:
    """Includes pose.launch.py once for each camera."""
    return LaunchDescription(
        [*launching.declared(MULTI_CAMERA), OpaqueFunction(function=pose_nodes)]
    )


def pose_nodes(context: LaunchContext) -> list[GroupAction]:
    """The node of each camera in a separate scope."""
    given = launching.values(context, MULTI_CAMERA)
    cameras = cameras_in(given["cameras"])
    places = [launching.namespace_below(given["namespace"], camera) for camera in cameras]
    nodes = [launching.full_name(context, place, "mobilepose") for place in places]
    check_cameras_apart(cameras, nodes, given)
    files = dict.fromkeys(nodes, "")
    if given["params_file"]:
        path = params_file.checked(launching.params_path(given["params_file"]), *nodes)
        for node in nodes:
            is_named = params_file.parameters_of(path, node) is not None
            files[node] = str(path) if is_named else ""
    return [
        GroupAction(
            [
                launching.included_pose(
                    MULTI_CAMERA_PASSES,
                    {
                        "namespace": place,
                        "params_file": files[node],
                        "view_port": port_of(given["view_port"], number),
                        "foxglove_port": port_of(given["foxglove_port"], number),
                    },
                )
            ]
        )
        for number, (place, node) in enumerate(zip(places, nodes, strict=True))
    ]

"""A pose node for each camera: `ros2 launch mobilepose_ros multi_camera.launch.py cameras:="a b"`.

Each is in the namespace of its camera: /a/image_raw gives /a/mobilepose/joints.
"""

from launch import LaunchContext, LaunchDescription
from launch.actions import GroupAction, OpaqueFunction
from launch.substitutions import LaunchConfiguration

from mobilepose_ros.launch_arguments import MULTI_CAMERA, MULTI_CAMERA_PASSES
from mobilepose_ros.launching import declared, included_pose


def generate_launch_description() -> LaunchDescription:
    """Includes pose.launch.py once for each camera."""
    return LaunchDescription([*declared(MULTI_CAMERA), OpaqueFunction(function=pose_nodes)])


def pose_nodes(context: LaunchContext) -> list[GroupAction]:
    """A scope of its own for each camera's node."""
    cameras = LaunchConfiguration("cameras").perform(context).split()
    if not cameras:
        raise RuntimeError('cameras is empty; expected namespaces, such as cameras:="front rear"')
    return [
        GroupAction([included_pose(MULTI_CAMERA_PASSES, namespace=camera)]) for camera in cameras
    ]

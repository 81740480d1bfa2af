"""A camera and the pose node: `ros2 launch mobilepose_ros demo.launch.py rviz:=true`.

Without a source the camera shows a photograph that moves.
"""

from launch import LaunchDescription
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterValue

from mobilepose_ros.launch_arguments import CAMERA_PARAMETERS, DEMO, DEMO_PASSES
from mobilepose_ros.launching import declared, included_pose
from mobilepose_ros.parameters import CameraParameters, table_rows


def generate_launch_description() -> LaunchDescription:
    """The camera node, and pose.launch.py on its images."""
    rows = table_rows(CameraParameters)
    camera = Node(
        package="mobilepose_ros",
        executable="camera_node",
        name="camera",
        namespace=LaunchConfiguration("namespace"),
        parameters=[
            {
                name: ParameterValue(LaunchConfiguration(name), value_type=type(rows[name].default))
                for name in CAMERA_PARAMETERS
            }
        ],
        ros_arguments=["--log-level", LaunchConfiguration("log_level")],
        output="screen",
    )
    pose = included_pose(DEMO_PASSES, image="image", fixed_frame=LaunchConfiguration("frame_id"))
    return LaunchDescription([*declared(DEMO), camera, pose])

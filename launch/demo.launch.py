"""A camera and the pose node: `ros2 launch mobilepose_ros demo.launch.py rviz:=true`.

Without a source the camera shows a photograph that moves.
"""

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, IncludeLaunchDescription
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import LaunchConfiguration, PathJoinSubstitution
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterValue
from launch_ros.substitutions import FindPackageShare

CAMERA_PARAMETERS = {"source": str, "rate": float, "motion": float, "frame_id": str}
POSE_ARGUMENTS = ("namespace", "model", "device", "rviz", "log_level")


def generate_launch_description() -> LaunchDescription:
    """The camera node, and pose.launch.py on its images."""
    return LaunchDescription(
        [
            DeclareLaunchArgument(
                "source",
                default_value="",
                description="Number or /dev/videoN of a webcam, video file, folder of images or "
                "image; else scikit-image's photograph of an astronaut.",
            ),
            DeclareLaunchArgument(
                "rate",
                default_value="15.0",
                description="Images per second.",
            ),
            DeclareLaunchArgument(
                "motion",
                default_value="1.0",
                description="Amplitude of the motion that makes a video of a photograph.",
            ),
            DeclareLaunchArgument(
                "frame_id",
                default_value="camera",
                description="Optical frame in the images' headers.",
            ),
            DeclareLaunchArgument(
                "namespace",
                default_value="",
                description="Namespace of both nodes and their topics; none by default.",
            ),
            DeclareLaunchArgument(
                "model",
                default_value="",
                description="Released model or path of an .onnx file.",
            ),
            DeclareLaunchArgument(
                "device",
                default_value="",
                choices=["", "auto", "cpu", "cuda"],
                description="Where the network runs.",
            ),
            DeclareLaunchArgument(
                "rviz",
                default_value="false",
                choices=["true", "false"],
                description="Opens RViz with the skeletons and the overlay.",
            ),
            DeclareLaunchArgument(
                "log_level",
                default_value="info",
                choices=["debug", "info", "warn", "error", "fatal"],
                description="Lowest severity that the nodes log.",
            ),
            Node(
                package="mobilepose_ros",
                executable="camera_node",
                name="camera",
                namespace=LaunchConfiguration("namespace"),
                parameters=[
                    {
                        name: ParameterValue(LaunchConfiguration(name), value_type=kind)
                        for name, kind in CAMERA_PARAMETERS.items()
                    }
                ],
                ros_arguments=["--log-level", LaunchConfiguration("log_level")],
                output="screen",
            ),
            IncludeLaunchDescription(
                PythonLaunchDescriptionSource(
                    PathJoinSubstitution(
                        [FindPackageShare("mobilepose_ros"), "launch", "pose.launch.py"]
                    )
                ),
                launch_arguments=[
                    ("image", "image"),
                    *((name, LaunchConfiguration(name)) for name in POSE_ARGUMENTS),
                ],
            ),
        ]
    )

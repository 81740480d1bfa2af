"""Every topic and service that the node `view` uses; a test compares them with a running node."""

from __future__ import annotations

from mobilepose_ros.topic_table import NEWEST, Service, Topic

JOINTS = "mobilepose/joints"
JOINTS_3D = "mobilepose/joints_3d"
DIAGNOSTICS = "/diagnostics"
GET_PARAMETERS = "mobilepose/get_parameters"

SUBSCRIBED = (
    Topic(
        "image",
        ("sensor_msgs/msg/Image",),
        NEWEST,
        "The images that the pose node has; remap it likewise.",
        "image_transport: raw",
    ),
    Topic(
        "image/compressed",
        ("sensor_msgs/msg/CompressedImage",),
        NEWEST,
        "Likewise.",
        "image_transport: compressed",
    ),
    Topic(
        JOINTS,
        ("mobilepose_msgs/msg/Pose2DArray",),
        "reliable, depth 10",
        "Joints in pixels. The pose node is found by this topic.",
    ),
    Topic(
        JOINTS_3D,
        ("mobilepose_msgs/msg/Pose3DArray",),
        "reliable, depth 10",
        "Joints in metres, while Foxglove shows the 3D scene.",
        "foxglove_port: 8765",
    ),
    Topic(
        DIAGNOSTICS,
        ("diagnostic_msgs/msg/DiagnosticArray",),
        "reliable, depth 10",
        "Rates, latency and messages of the pose node.",
    ),
)

REQUESTED = (
    Service(
        GET_PARAMETERS,
        "rcl_interfaces/srv/GetParameters",
        "The parameters of the pose node, every few seconds.",
    ),
)

"""Every topic and service of the person follower; a test compares them with a configured node."""

from __future__ import annotations

from mobilepose_ros.topic_table import DIAGNOSTICS, OutputTopic, Service, Topic

PEOPLE = "people"
PEOPLE_TYPE = "mobilepose_msgs/msg/PersonArray"

SUBSCRIBED = (
    Topic(
        PEOPLE,
        (PEOPLE_TYPE,),
        "reliable, depth 10",
        "The people in a camera's images, from the pose node.",
    ),
    Topic(
        "/tf",
        ("tf2_msgs/msg/TFMessage",),
        "reliable, depth 100",
        "Where the camera is in `fixed_frame`.",
        "fixed_frame: odom",
    ),
    Topic(
        "/tf_static",
        ("tf2_msgs/msg/TFMessage",),
        "reliable, transient local, depth 100",
        "Likewise.",
        "fixed_frame: odom",
    ),
)

TARGET = OutputTopic(
    "~/target",
    "mobilepose_msgs/msg/Target",
    10,
    "For each message of people: whether the target is seen, which track it is, and why it is not.",
)
TARGET_POSE = OutputTopic(
    "~/target_pose",
    "geometry_msgs/msg/PoseStamped",
    10,
    "Where the target is now: x forward as the torso faces, or else towards the robot, z up. In "
    "`fixed_frame`, or else in the optical frame. Nothing from `predict_time` after a loss on.",
)
MARKERS = OutputTopic(
    "~/markers",
    "visualization_msgs/msg/MarkerArray",
    10,
    "The target for RViz: a ring in the colour of its state, heading, velocity, and a caption with "
    "state and track ID. A lost target is shown where it was last.",
)
PUBLISHED = (
    TARGET,
    TARGET_POSE,
    MARKERS,
    OutputTopic(
        "/tf",
        "tf2_msgs/msg/TFMessage",
        100,
        "The frame of the target, where its pose is.",
        when="target_frame",
    ),
    DIAGNOSTICS,
)

SERVICES = (
    Service(
        "~/select_target",
        "mobilepose_msgs/srv/SelectTarget",
        "Chooses the target: `nearest`, `id`, `raised_hand`, `centre` or `none`.",
    ),
    Service(
        "~/change_state",
        "lifecycle_msgs/srv/ChangeState",
        "Lifecycle transitions; `ros2 lifecycle set /person_follower deactivate` calls it.",
    ),
    Service(
        "~/get_state",
        "lifecycle_msgs/srv/GetState",
        "The lifecycle state; `ros2 lifecycle get /person_follower` calls it.",
    ),
)

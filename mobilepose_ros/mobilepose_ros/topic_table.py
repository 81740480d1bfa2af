"""Every topic and service of the pose node: name, type, QoS and description.

The node's publishers and the documentation are made from it; a test compares it with a configured
node.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Topic:
    """A topic that the pose node subscribes to.

    Attributes:
        name: before remapping; `~` is the node's name.
        types: possible message types, one at a time.
        qos: reliability, durability if it is not volatile, and depth.
        description: one or two sentences.
        when: the parameter and value that enable it; empty if it always exists.
    """

    name: str
    types: tuple[str, ...]
    qos: str
    description: str
    when: str = ""


@dataclass(frozen=True)
class OutputTopic:
    """A topic that the pose node publishes, reliably.

    Attributes:
        name: before remapping; `~` is the node's name.
        type: of its messages.
        depth: of the queue.
        description: one or two sentences.
        is_latched: whether late joiners receive the last message too.
        when: the parameter and value that enable it; empty if it always exists.
    """

    name: str
    type: str
    depth: int
    description: str
    is_latched: bool = False
    when: str = ""

    @property
    def qos(self) -> str:
        """Reliability, durability if it is not volatile, and depth."""
        durability = ", transient local" if self.is_latched else ""
        return f"reliable{durability}, depth {self.depth}"


@dataclass(frozen=True)
class Service:
    """A service that the pose node offers.

    Attributes:
        name: `~` is the node's name.
        type: of the service.
        description: one or two sentences.
    """

    name: str
    type: str
    description: str


NEWEST = "reliable if every publisher is, otherwise best effort; keeps the newest message"

SUBSCRIBED = (
    Topic(
        "image",
        ("sensor_msgs/msg/Image",),
        NEWEST,
        "The camera's images. Only the newest one is processed.",
        "image_transport: raw",
    ),
    Topic(
        "image/compressed",
        ("sensor_msgs/msg/CompressedImage",),
        NEWEST,
        "The camera's compressed images; remapped along with `image`.",
        "image_transport: compressed",
    ),
    Topic(
        "camera_info",
        ("sensor_msgs/msg/CameraInfo",),
        NEWEST,
        "The camera's calibration, for markers and joints in metres. Expected in the namespace of "
        "`image`, even if that is remapped.",
    ),
    Topic(
        "depth",
        ("sensor_msgs/msg/Image",),
        NEWEST,
        "Depth images that are aligned with the images: 16UC1 in millimetres or 32FC1 in metres. "
        "Matched by stamp.",
        "use_depth: true",
    ),
    Topic(
        "person_boxes",
        (
            "mobilepose_msgs/msg/PersonBoxArray",
            "sensor_msgs/msg/RegionOfInterest",
            "vision_msgs/msg/Detection2DArray",
        ),
        NEWEST,
        "Boxes of people from another node's detector, matched to the image of the same stamp. "
        "They start tracks; tracking continues from the joints.",
        "person_finder: topic",
    ),
    Topic(
        "/tf",
        ("tf2_msgs/msg/TFMessage",),
        "reliable, depth 100",
        "Where up is, how high the camera is, and where `people_frame` is. Subscribed while people "
        "are published.",
        "ground_frame: base_footprint",
    ),
    Topic(
        "/tf_static",
        ("tf2_msgs/msg/TFMessage",),
        "reliable, transient local, depth 100",
        "Likewise.",
        "ground_frame: base_footprint",
    ),
)

DIAGNOSTICS = OutputTopic(
    "/diagnostics", "diagnostic_msgs/msg/DiagnosticArray", 10, "The node's status once a second."
)
"""Of every node with a lifecycle."""

PUBLISHED = (
    OutputTopic(
        "~/joints",
        "mobilepose_msgs/msg/Pose2DArray",
        10,
        "Joints in pixels for every processed image, with the image's header unchanged; an empty "
        "array if there is no detection.",
    ),
    OutputTopic(
        "~/joints_3d",
        "mobilepose_msgs/msg/Pose3DArray",
        10,
        "With `use_depth`: the same people in metres, in the camera's optical frame; NaN where the "
        "depth is unknown. Published only if there are subscribers.",
    ),
    OutputTopic(
        "~/people",
        "mobilepose_msgs/msg/PersonArray",
        10,
        "Where the tracked people are and what they do, for every processed image. Published only "
        "if there are subscribers.",
    ),
    OutputTopic(
        "~/markers",
        "visualization_msgs/msg/MarkerArray",
        1,
        "Joints and limbs for RViz, left and right in different colours; with `show_behaviour` "
        "what people do. Published only if there are subscribers.",
    ),
    OutputTopic(
        "~/overlay",
        "sensor_msgs/msg/Image",
        1,
        "The image with the skeletons drawn in; with `show_behaviour` what people do. Published "
        "only if there are subscribers.",
    ),
    OutputTopic(
        "~/skeleton",
        "mobilepose_msgs/msg/Skeleton",
        1,
        "Names of the joints and the limbs between them, published on activation.",
        is_latched=True,
    ),
    OutputTopic(
        "/tf",
        "tf2_msgs/msg/TFMessage",
        100,
        "A frame for each tracked person whose position is known.",
        when="publish_tf: true",
    ),
    DIAGNOSTICS,
)

SERVICES = (
    Service(
        "~/enable",
        "std_srvs/srv/SetBool",
        "Pauses (`false`) or resumes (`true`) processing by setting the parameter `enabled`.",
    ),
    Service(
        "~/change_state",
        "lifecycle_msgs/srv/ChangeState",
        "Lifecycle transitions; `ros2 lifecycle set /mobilepose deactivate` calls it.",
    ),
    Service(
        "~/get_state",
        "lifecycle_msgs/srv/GetState",
        "The lifecycle state; `ros2 lifecycle get /mobilepose` calls it.",
    ),
)

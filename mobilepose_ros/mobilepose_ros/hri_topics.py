"""Every topic of the ROS4HRI bridge; a test compares them with a running node."""

from __future__ import annotations

from mobilepose_ros.topic_table import OutputTopic, Topic

PEOPLE, JOINTS, JOINTS_3D = "people", "joints", "joints_3d"

PEOPLE_TYPE, JOINTS_TYPE = "mobilepose_msgs/msg/PersonArray", "mobilepose_msgs/msg/Pose2DArray"
JOINTS_3D_TYPE = "mobilepose_msgs/msg/Pose3DArray"

WITH_MODEL = "publish_model: true"

SUBSCRIBED = (
    Topic(PEOPLE, (PEOPLE_TYPE,), "reliable, depth 10", "What people do, from the pose node."),
    Topic(JOINTS, (JOINTS_TYPE,), "reliable, depth 10", "Their joints, from the pose node."),
    Topic(
        JOINTS_3D,
        (JOINTS_3D_TYPE,),
        "reliable, depth 10",
        "The same in metres, which the pose node publishes with `use_depth`.",
        WITH_MODEL,
    ),
)

BODIES = "/humans/bodies"
PERSONS = "/humans/persons"
ID = "ID"
"""Stands for the ID of a body in the tables."""

TRACKED_BODIES = OutputTopic(
    f"{BODIES}/tracked", "hri_msgs/msg/IdsList", 1, "IDs of the bodies, for every image."
)

OF_BODY = {
    "skeleton2d": OutputTopic(
        f"{BODIES}/{ID}/skeleton2d",
        "hri_msgs/msg/Skeleton2D",
        1,
        "18 joints, in shares of the image's size. The confidence is 0 of joints that the model "
        "does not have, and of those outside of the image.",
    ),
    "roi": OutputTopic(
        f"{BODIES}/{ID}/roi",
        "hri_msgs/msg/NormalizedRegionOfInterest2D",
        1,
        "Box around the visible joints, in shares of the image's size.",
    ),
    "posture": OutputTopic(
        f"{BODIES}/{ID}/posture",
        "hri_msgs/msg/BodyPosture",
        1,
        "`STANDING`, `SITTING`, `LAYING`, or `OTHER` if none of them is told.",
    ),
    "gesture": OutputTopic(
        f"{BODIES}/{ID}/gesture",
        "hri_msgs/msg/Gesture",
        1,
        "What somebody does who raises one hand or both, waves, or has their arms crossed.",
    ),
    "position": OutputTopic(
        f"{BODIES}/{ID}/position",
        "geometry_msgs/msg/PointStamped",
        1,
        "The middle of the torso, filtered, in the optical frame, if known.",
    ),
    "velocity": OutputTopic(
        f"{BODIES}/{ID}/velocity",
        "geometry_msgs/msg/TwistStamped",
        1,
        "Its velocity in the axes of the optical frame, if known; that of `~/people`.",
    ),
}
"""The topics of each body, by the last part of their names."""

OF_MODEL = {
    "urdf": OutputTopic(
        f"{BODIES}/{ID}/urdf",
        "std_msgs/msg/String",
        1,
        "The kinematic model, as large as the person; again if a length turns out to be another.",
        is_latched=True,
        when=WITH_MODEL,
    ),
    "joint_states": OutputTopic(
        f"{BODIES}/{ID}/joint_states",
        "sensor_msgs/msg/JointState",
        1,
        "The angles that are known in an image.",
        when=WITH_MODEL,
    ),
}
"""The topics of each body's model, likewise."""

TRACKED_PERSONS = OutputTopic(
    f"{PERSONS}/tracked",
    "hri_msgs/msg/IdsList",
    1,
    "IDs of the persons, for every image: those of their bodies.",
    when="publish_persons: true",
)
KNOWN_PERSONS = OutputTopic(
    f"{PERSONS}/known",
    "hri_msgs/msg/IdsList",
    1,
    "The same: nobody is recognised who returns.",
    when="publish_persons: true",
)

OF_PERSON = {
    "anonymous": OutputTopic(
        f"{PERSONS}/{ID}/anonymous",
        "std_msgs/msg/Bool",
        1,
        "True.",
        is_latched=True,
        when="publish_persons: true",
    ),
    "body_id": OutputTopic(
        f"{PERSONS}/{ID}/body_id",
        "std_msgs/msg/String",
        1,
        "The person's body.",
        is_latched=True,
        when="publish_persons: true",
    ),
    "location_confidence": OutputTopic(
        f"{PERSONS}/{ID}/location_confidence",
        "std_msgs/msg/Float32",
        1,
        "1 in images that show the person, otherwise 0.",
        when="publish_persons: true",
    ),
}
"""The topics of each person, by the last part of their names."""

PUBLISHED = (
    TRACKED_BODIES,
    *OF_BODY.values(),
    *OF_MODEL.values(),
    TRACKED_PERSONS,
    KNOWN_PERSONS,
    *OF_PERSON.values(),
)

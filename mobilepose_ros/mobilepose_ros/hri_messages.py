"""Bodies as hri_msgs (REP-155): pure functions."""

from __future__ import annotations

import importlib
import math
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any

from geometry_msgs.msg import PointStamped, TransformStamped, TwistStamped
from mobilepose_msgs.msg import Gesture, Joint2D, Person, Pose2D
from sensor_msgs.msg import JointState
from std_msgs.msg import Header

from mobilepose_core.typing import FloatArray
from mobilepose_ros.rotations import quaternion_of
from mobilepose_ros.vectors import vector

PACKAGE = "hri_msgs"

INSTALL = "sudo apt install ros-jazzy-hri-msgs"

NECK = "neck"

JOINTS = (
    "nose",
    NECK,
    "right_shoulder",
    "right_elbow",
    "right_wrist",
    "left_shoulder",
    "left_elbow",
    "left_wrist",
    "right_hip",
    "right_knee",
    "right_ankle",
    "left_hip",
    "left_knee",
    "left_ankle",
    "left_eye",
    "right_eye",
    "left_ear",
    "right_ear",
)
"""In the order of hri_msgs/Skeleton2D, which is that of OpenPose."""

GESTURES = (
    "both_hands_raised",
    "waving",
    "left_hand_raised",
    "right_hand_raised",
    "arms_crossed",
)
"""Those that hri_msgs/Gesture knows, as constants of the same names. A message has one of them: the
first here that is made."""

POSTURES = {"standing": "STANDING", "sitting": "SITTING", "lying": "LAYING"}
"""Constants of hri_msgs/BodyPosture; others are OTHER."""


def hri_msgs() -> ModuleType:
    """The module hri_msgs.msg.

    Raises:
        ValueError: it cannot be imported.
    """
    try:
        return importlib.import_module(f"{PACKAGE}.msg")
    except ImportError as error:
        raise ValueError(
            f"the node needs the package {PACKAGE}, which cannot be imported ({error}): {INSTALL}"
        ) from error


def ids_list(hri: Any, header: Header, ids: Sequence[str]) -> Any:
    """An IdsList."""
    return hri.IdsList(header=header, ids=list(ids))


def skeleton_message(hri: Any, header: Header, pose: Pose2D, size: tuple[int, int]) -> Any:
    """A Skeleton2D: points in shares of the image's width and height.

    Joints that the pose lacks, or that are outside of the image, have the confidence 0. The neck is
    between the shoulders.

    Args:
        hri: the module hri_msgs.msg.
        header: of the image.
        pose: in its pixels.
        size: width and height of the image.
    """
    joints = {joint.name: joint for joint in pose.joints}
    if "left_shoulder" in joints and "right_shoulder" in joints:
        joints.setdefault(NECK, _between(joints["left_shoulder"], joints["right_shoulder"]))
    points = [_point(hri, joints.get(name), size) for name in JOINTS]
    return hri.Skeleton2D(header=header, skeleton=points)


def roi_message(hri: Any, header: Header, pose: Pose2D, size: tuple[int, int]) -> Any:
    """A NormalizedRegionOfInterest2D; for the arguments see `skeleton_message`."""
    (width, height), roi = size, pose.roi
    return hri.NormalizedRegionOfInterest2D(
        header=header,
        xmin=roi.x_offset / width,
        ymin=roi.y_offset / height,
        xmax=min((roi.x_offset + roi.width) / width, 1.0),
        ymax=min((roi.y_offset + roi.height) / height, 1.0),
        c=_share(pose.score),
    )


def posture_message(hri: Any, header: Header, person: Person) -> Any:
    """A BodyPosture."""
    kind = hri.BodyPosture
    return kind(header=header, posture=getattr(kind, POSTURES.get(person.posture, "OTHER")))


def gesture_message(hri: Any, header: Header, person: Person) -> Any | None:
    """A Gesture; None if none of those is made that hri_msgs knows."""
    made = {gesture.name for gesture in person.gestures if gesture.state == Gesture.YES}
    for name in GESTURES:
        if name in made:
            return hri.Gesture(header=header, gesture=getattr(hri.Gesture, name.upper()))
    return None


def position_message(header: Header, person: Person) -> PointStamped | None:
    """Where the body is, in the optical frame; None if unknown."""
    if not math.isfinite(person.position.z):
        return None
    return PointStamped(header=header, point=person.position)


def velocity_message(header: Header, person: Person) -> TwistStamped | None:
    """How the body moves, in the optical frame; None if unknown."""
    if not math.isfinite(person.velocity.z):
        return None
    message = TwistStamped(header=header)
    message.twist.linear = person.velocity
    return message


def body_frame(
    header: Header, body_id: str, place: FloatArray, torso: float, turn: FloatArray
) -> TransformStamped:
    """The frame of a body: midway between the hips, x forward, z towards the head (REP-155).

    Args:
        header: of the image; its optical frame is the parent.
        body_id: of the body.
        place: (3,) of the middle of the torso in that frame, m.
        torso: length from the shoulders to the hips, m.
        turn: (3, 3) from the body's axes to those of the optical frame.
    """
    frame = TransformStamped(header=header, child_frame_id=f"body_{body_id}")
    frame.transform.translation = vector(place - torso / 2 * turn[:, 2])
    frame.transform.rotation = quaternion_of(turn)
    return frame


def joint_state(header: Header, body_id: str, angles: Mapping[str, float]) -> JointState:
    """The angles of a body, by REP-155's names without its ID, radians."""
    names = [f"{name}_{body_id}" for name in angles]
    return JointState(header=header, name=names, position=list(angles.values()))


def _between(one: Joint2D, other: Joint2D) -> Joint2D:
    return Joint2D(
        name=NECK,
        x=(one.x + other.x) / 2,
        y=(one.y + other.y) / 2,
        score=min(one.score, other.score),
    )


def _point(hri: Any, joint: Joint2D | None, size: tuple[int, int]) -> Any:
    if joint is None or not math.isfinite(joint.x + joint.y):
        return hri.NormalizedPointOfInterest2D()
    x, y = (joint.x + 0.5) / size[0], (joint.y + 0.5) / size[1]  # (0, 0) is a pixel's centre
    is_inside = x == _share(x) and y == _share(y)
    score = _share(joint.score) if is_inside else 0.0
    return hri.NormalizedPointOfInterest2D(x=_share(x), y=_share(y), c=score)


def _share(value: float) -> float:
    return min(max(value, 0.0), 1.0)

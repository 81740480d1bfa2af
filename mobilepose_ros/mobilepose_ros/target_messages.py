"""People as a target lock takes them, and the target as messages: pure functions."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from geometry_msgs.msg import Point, Pose, PoseStamped, TransformStamped, Vector3
from mobilepose_msgs.msg import Gesture, Person, PersonArray, Target
from sensor_msgs.msg import RegionOfInterest
from std_msgs.msg import Header

from mobilepose_core.behaviour import (
    CameraPose,
    Candidate,
    Sighting,
    TargetPose,
    TargetState,
    picture_up,
)
from mobilepose_core.typing import Float64Array, FloatArray
from mobilepose_ros.person_axes import axes, up_of
from mobilepose_ros.rotations import matrix_of, quaternion_of
from mobilepose_ros.stamps import SECOND, stamp_of
from mobilepose_ros.vectors import array_of

RAISED = ("left_hand_raised", "right_hand_raised")
APPEARANCE = (5, 3)

FIXED_UP = np.array([0.0, 0.0, 1.0])
"""Up in a fixed frame (REP-105)."""

UNTRACKED = -1


class _Vector(Protocol):
    """A point or vector of geometry_msgs."""

    x: float
    y: float
    z: float


def sightings(message: PersonArray, fixed_frame: str) -> list[Sighting]:
    """The tracked people in a message; what is unknown there (NaN) is None here.

    Args:
        message: about an image.
        fixed_frame: in which the camera moves; empty: the camera stands still. Velocities relative
            to anything else are left out.
    """
    over_ground = not fixed_frame or message.velocity_frame == fixed_frame
    found: dict[int, Sighting] = {}
    for person in message.people:
        if person.track_id >= 0:  # untracked people cannot be followed
            found.setdefault(person.track_id, _sighting(person, message, over_ground))
    return list(found.values())


def _sighting(person: Person, message: PersonArray, over_ground: bool) -> Sighting:
    appearance = np.array(person.appearance, np.float64)
    is_known = appearance.size == np.prod(APPEARANCE) and bool(np.isfinite(appearance).all())
    aside, size = _in_upright_picture(person.roi, message)
    return Sighting(
        Candidate(
            person.track_id,
            appearance.reshape(APPEARANCE) if is_known else None,
            _vector(person.position),
            aside=aside,
            size=size,
            has_raised_hand=any(
                gesture.name in RAISED and gesture.state == Gesture.YES
                for gesture in person.gestures
            ),
            is_isolated=person.is_isolated,
        ),
        _vector(person.velocity) if over_ground else None,
        _vector(person.facing_direction),
    )


def _in_upright_picture(roi: RegionOfInterest, message: PersonArray) -> tuple[float, float]:
    """How far a box is from the centre, in widths of the picture, and its height, pixels.

    Both as in the picture turned so that up is up.
    """
    up = picture_up(up_of(message))
    across = np.array([-up[1], up[0]])
    size = np.array([message.image_width, message.image_height])
    box = np.array([roi.width, roi.height])
    off = np.array([roi.x_offset, roi.y_offset]) + box / 2 - size / 2
    width = float(np.abs(across) @ size)
    return (abs(float(off @ across)) / width if width else 0.0), float(np.abs(up) @ box)


def _vector(message: _Vector) -> Float64Array | None:
    vector = array_of(message)
    return vector if np.isfinite(vector).all() else None


def camera_pose(transform: TransformStamped) -> CameraPose:
    """The camera in a frame, from the transform of its optical frame to that.

    Raises:
        ValueError: the rotation is invalid.
    """
    moved = transform.transform
    return CameraPose(matrix_of(moved.rotation), array_of(moved.translation))


def target_message(header: Header, target: TargetState) -> Target:
    """The message about a target; `header` is that of the people."""
    return Target(
        header=header,
        state=target.state,
        track_id=UNTRACKED if target.track_id is None else target.track_id,
        since=stamp_of(max(0, round(target.since * SECOND))),
        reason=target.reason,
    )


def pose_message(target: TargetPose, header: Header, up: FloatArray) -> PoseStamped:
    """Where the target is, as a pose in the frame of a header.

    Args:
        target: in the frame of the header.
        header: with the time that the place is predicted to.
        up: (3,) unit vector in that frame.
    """
    x, y, z = (float(value) for value in target.place)
    turn = quaternion_of(axes(target.facing, up))
    return PoseStamped(header=header, pose=Pose(position=Point(x=x, y=y, z=z), orientation=turn))


def transform_message(pose: PoseStamped, name: str) -> TransformStamped:
    """The same pose as a frame of that name."""
    place = pose.pose.position
    frame = TransformStamped(header=pose.header, child_frame_id=name)
    frame.transform.translation = Vector3(x=place.x, y=place.y, z=place.z)
    frame.transform.rotation = pose.pose.orientation
    return frame

"""What people do as mobilepose_msgs: pure functions."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from builtin_interfaces.msg import Time
from mobilepose_msgs.msg import Gesture, Person, PersonArray, PointingArm
from std_msgs.msg import Header

from mobilepose_core import Pose
from mobilepose_core.behaviour import Motion, PersonState, Pointing, appearance_of, is_isolated
from mobilepose_core.messages import Size
from mobilepose_core.typing import FloatArray, ImageArray
from mobilepose_ros.messages import region_of_interest
from mobilepose_ros.people_behaviour import ObservedPerson
from mobilepose_ros.stamps import nanoseconds, stamp_of
from mobilepose_ros.vectors import point, vector

GESTURE_STATES: Mapping[str, int] = {
    "unknown": Gesture.UNKNOWN,
    "no": Gesture.NO,
    "yes": Gesture.YES,
}

_NAN = (math.nan,) * 3
_UNKNOWN_COVARIANCE = [math.nan] * 9


@dataclass(frozen=True, eq=False)
class Looks:
    """How the people in an image look.

    Attributes:
        appearances: (P, 5, 3) of each pose, see `appearance_of`; None if the skeleton has no torso.
        isolated: of each pose, whether nobody else shows in the same place.
    """

    appearances: FloatArray | None = None
    isolated: Sequence[bool] = field(default_factory=list)

    @classmethod
    def of(cls, frame: ImageArray, poses: Sequence[Pose]) -> Looks:
        """Of poses in the pixels of a frame (H, W, 3) BGR."""
        boxes = np.array([pose.box for pose in poses]).reshape(-1, 4)
        isolated = is_isolated(boxes, np.zeros((0, 4)))
        return cls(appearance_of(frame, poses), isolated.tolist())


def person_array(
    people: Sequence[ObservedPerson],
    predicted: Sequence[Motion | None],
    looks: Looks,
    header: Header,
    size: Size,
    predicted_stamp: int,
    velocity_frame: str,
    up: FloatArray,
) -> PersonArray:
    """The message for one image.

    Args:
        people: in it.
        predicted: where each of them is at the time `predicted_stamp`.
        looks: of all poses in the image.
        header: of the image.
        size: of the image.
        predicted_stamp: ns.
        velocity_frame: frame that velocities are relative to.
        up: (3,) against gravity, in the optical frame.
    """
    return PersonArray(
        header=header,
        image_width=size[0],
        image_height=size[1],
        predicted_stamp=stamp_of(predicted_stamp),
        velocity_frame=velocity_frame,
        up=vector(up),
        people=[
            person_message(one, motion, looks, nanoseconds(header.stamp), size)
            for one, motion in zip(people, predicted, strict=True)
        ],
    )


def person_message(
    person: ObservedPerson, predicted: Motion | None, looks: Looks, stamp: int, size: Size
) -> Person:
    """One person; see `person_array`. `stamp` is that of the image, ns."""
    pose, state = person.pose, person.state
    message = Person(
        track_id=pose.track_id,
        score=pose.score,
        roi=region_of_interest(pose.box, *size),
        position=point(_NAN if state.motion is None else state.motion.place),
        velocity=vector(_NAN if state.motion is None else state.motion.velocity),
        position_covariance=_UNKNOWN_COVARIANCE,
        velocity_covariance=_UNKNOWN_COVARIANCE,
        predicted_position=point(_NAN if predicted is None else predicted.place),
        predicted_position_covariance=_UNKNOWN_COVARIANCE,
        heading=math.nan if state.heading is None else state.heading.angle,
        heading_deviation=math.nan if state.heading is None else state.heading.deviation,
        facing_direction=vector(_NAN if person.facing is None else person.facing),
        posture=state.posture,
        posture_score=state.posture_score,
        gestures=gesture_messages(state, stamp),
        pointing=[] if state.pointing is None else [pointing_message(state.pointing)],
    )
    if state.motion is not None:
        message.position_covariance = state.motion.covariance.ravel().tolist()
        message.velocity_covariance = state.motion.velocity_covariance.ravel().tolist()
        message.position_source = state.motion.source
    if predicted is not None:
        message.predicted_position_covariance = predicted.covariance.ravel().tolist()
    if looks.appearances is not None:
        message.appearance = looks.appearances[person.index].ravel().tolist()
        message.is_isolated = looks.isolated[person.index]
    return message


def gesture_messages(state: PersonState, stamp: int) -> list[Gesture]:
    """All gestures of a person in an image of that stamp, ns."""
    return [
        Gesture(
            name=name,
            state=GESTURE_STATES[gesture.state],
            score=math.nan if gesture.score is None else gesture.score,
            since=_since(gesture.since, state.time, stamp),
        )
        for name, gesture in state.gestures.items()
    ]


def pointing_message(pointing: Pointing) -> PointingArm:
    """The arm that points."""
    return PointingArm(
        arm=pointing.side,
        direction_x=float(pointing.direction[0]),
        direction_y=float(pointing.direction[1]),
        origin=point(_NAN if pointing.origin is None else pointing.origin),
        ray=vector(_NAN if pointing.ray is None else pointing.ray),
    )


def _since(since: float | None, time: float, stamp: int) -> Time:
    """A time of the video, s, as a stamp; `time` of the video is that of `stamp`, ns."""
    return Time() if since is None else stamp_of(max(0, stamp - round((time - since) * 1e9)))

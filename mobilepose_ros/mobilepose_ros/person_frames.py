"""A TF frame for each person: x forward as the torso faces, z up (REP-103, REP-105).

Its origin is the middle of the torso. A person who is not seen any more has no new transforms.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from geometry_msgs.msg import Transform, TransformStamped, Vector3
from mobilepose_msgs.msg import Person, PersonArray
from rclpy.node import Node
from std_msgs.msg import Header

from mobilepose_core.behaviour import Ground, Motion
from mobilepose_core.typing import Float64Array, FloatArray
from mobilepose_ros import transforms
from mobilepose_ros.parameters import AUTO
from mobilepose_ros.people_behaviour import ObservedPerson
from mobilepose_ros.person_axes import axes, up_of
from mobilepose_ros.rotations import matrix_of, quaternion_of
from mobilepose_ros.stamp_order import StampOrder, Step
from mobilepose_ros.stamps import is_ahead, nanoseconds, stamp_of
from mobilepose_ros.vectors import array_of
from mobilepose_ros.warn_once import WarnOnce

AHEAD_TEXT = (
    "stamps are ahead of now, and no frames of people are sent: are the clocks synchronised, and "
    "is use_sim_time the same for all nodes?"
)


def frame_prefix(setting: str, namespace: str) -> str:
    """What precedes person_ID in the names of frames.

    Args:
        setting: of the parameter; `AUTO` takes the namespace, so that several cameras differ.
        namespace: of the node, such as /front.
    """
    if setting != AUTO:
        return setting
    name = namespace.strip("/")
    return f"{name}/" if name else ""


def axes_of(person: Person, people: PersonArray) -> Float64Array:
    """(3, 3) x, y and z of a person in a message as columns, in its optical frame.

    Somebody whose facing is unknown faces the camera.
    """
    facing = array_of(person.facing_direction)
    is_known = bool(np.isfinite(facing).all() and facing.any())
    return axes(facing if is_known else -array_of(person.position), up_of(people))


def person_transforms(
    people: Sequence[ObservedPerson],
    motions: Sequence[Motion | None],
    ground: Ground,
    header: Header,
    prefix: str = "",
) -> list[TransformStamped]:
    """The frames of those people whose place is known, in the frame of the header.

    Somebody whose facing is unknown faces the camera.

    Args:
        people: in an image.
        motions: where they are, m in its optical frame.
        ground: where up is.
        header: the time that the motions are of, and the optical frame.
        prefix: of the frames' names.
    """
    found = []
    for one, motion in zip(people, motions, strict=True):
        if motion is not None and np.isfinite(motion.place).all():
            facing = -motion.place if one.facing is None else one.facing
            turn = axes(facing, np.asarray(ground.up, np.float64))
            found.append(
                _stamped(header, f"{prefix}person_{one.pose.track_id}", motion.place, turn)
            )
    return found


def moved_to(
    parent: TransformStamped, frames: Sequence[TransformStamped]
) -> list[TransformStamped]:
    """Frames given in one frame, in another one instead.

    Args:
        parent: from the frames' parent to the other one.
        frames: that are moved; their stamps stay.
    """
    rotation, moved = matrix_of(parent.transform.rotation), []
    for frame in frames:
        place = rotation @ _place(frame.transform) + _place(parent.transform)
        turn = rotation @ matrix_of(frame.transform.rotation)
        header = Header(stamp=frame.header.stamp, frame_id=parent.header.frame_id)
        moved.append(_stamped(header, frame.child_frame_id, place, turn))
    return moved


class PersonFrames:
    """Sends the frames on /tf; never two of the same stamp, nor an older one after a newer one.

    Except in a recording that begins anew: TF's listeners keep the later frames of the first time
    until their own clock goes back, as simulated time does, or they are reset.
    """

    def __init__(self, node: Node) -> None:
        """Creates the publisher.

        Args:
            node: that publishes.

        Raises:
            ValueError: tf2_ros cannot be imported.
        """
        self._node = node
        self._broadcaster = transforms.tf2().TransformBroadcaster(node)
        self._last = 0
        self._order = StampOrder()
        self._warnings = WarnOnce(node.get_logger())

    def destroy(self) -> None:
        """Destroys the publisher."""
        self._node.destroy_publisher(self._broadcaster.pub_tf)

    def send(self, frames: Sequence[TransformStamped]) -> bool:
        """Sends frames of one stamp; whether it fits those before, and is not in the future."""
        if not frames:
            return False
        stamp = nanoseconds(frames[0].header.stamp)
        if is_ahead(stamp, self._node.get_clock().now().nanoseconds):
            self._warnings.warn([AHEAD_TEXT])
            return False
        step = self._order.take(stamp)
        if step in (Step.LATE, Step.OUTLIER) or stamp == self._last:
            return False
        self._last = stamp
        self._broadcaster.sendTransform(list(frames))
        return True


def header_at(stamp: int, header: Header) -> Header:
    """The header of an image with another stamp, ns."""
    return Header(stamp=stamp_of(stamp), frame_id=header.frame_id)


def _place(transform: Transform) -> Float64Array:
    return array_of(transform.translation)


def _stamped(header: Header, name: str, place: FloatArray, turn: FloatArray) -> TransformStamped:
    x, y, z = (float(value) for value in place)
    frame = TransformStamped(header=header, child_frame_id=name)
    frame.transform.translation = Vector3(x=x, y=y, z=z)
    frame.transform.rotation = quaternion_of(turn)
    return frame

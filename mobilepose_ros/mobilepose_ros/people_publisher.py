"""Publishes where the tracked people are and what they do: ~/people, and their frames on /tf."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from geometry_msgs.msg import TransformStamped
from rclpy.node import Node
from rclpy.time import Time
from std_msgs.msg import Header

from mobilepose_core.behaviour import Ground
from mobilepose_core.messages import CameraModel
from mobilepose_core.typing import FloatArray
from mobilepose_ros import people, person_frames
from mobilepose_ros.answered_image import AnsweredImage
from mobilepose_ros.camera_motion import CameraMotion
from mobilepose_ros.ground import GroundInput
from mobilepose_ros.parameters import PoseParameters
from mobilepose_ros.people import Looks
from mobilepose_ros.people_behaviour import ObservedPerson, PeopleBehaviour, predicted_stamp
from mobilepose_ros.person_frames import PersonFrames
from mobilepose_ros.pose_publishers import PosePublishers
from mobilepose_ros.stamps import SECOND, nanoseconds
from mobilepose_ros.transforms import TransformInput
from mobilepose_ros.warn_once import WarnOnce

WITHOUT_FRAME = "velocities are relative to the camera, and no frames of people are sent"
"""What follows where TF does not tell people_frame."""


@dataclass(frozen=True, eq=False)
class ObservedPeople:
    """The tracked people in one image.

    Attributes:
        people: in the order of their poses.
        ground: where up is, as far as known.
        place: from the optical frame to people_frame; None if there is none, or TF does not know.
    """

    people: Sequence[ObservedPerson]
    ground: Ground
    place: TransformStamped | None


class PeoplePublisher:
    """Observes people and publishes what they do; images come from one thread at a time.

    Attributes:
        trouble: why something is not published, or less exact than asked for; empty if nothing.
    """

    def __init__(self, node: Node, publishers: PosePublishers) -> None:
        """Takes the node and its publishers."""
        self.trouble = ""
        self._node = node
        self._publishers = publishers
        self._behaviour = PeopleBehaviour()
        self._transforms = TransformInput(node)
        self._ground = GroundInput(self._transforms, node.get_logger())
        self._motion = CameraMotion()
        self._frames: PersonFrames | None = None
        self._lacks_tf = False
        self._warnings = WarnOnce(node.get_logger())

    def destroy(self) -> None:
        """Unsubscribes from TF, and destroys its publisher."""
        self._transforms.listen(False)
        if self._frames is not None:
            self._frames.destroy()
            self._frames = None

    def listen(self, is_wanted: bool, settings: PoseParameters) -> None:
        """Subscribes to TF if people are wanted and TF helps; call it from the executor's thread.

        Where tf2_ros is not installed, the camera is taken to be level.
        """
        names_frame = bool(settings.ground_frame or settings.people_frame)
        try:
            self._transforms.listen(is_wanted and names_frame)
        except ValueError as error:
            if not self._lacks_tf:
                self._node.get_logger().info(f"the camera is taken to be level: {error}")
            self._lacks_tf = True

    def observe(
        self,
        image: AnsweredImage,
        settings: PoseParameters,
        camera: CameraModel,
        positions: Sequence[FloatArray] | None,
    ) -> ObservedPeople:
        """What the tracked people in an image do.

        Args:
            image: later than the one before.
            settings: the current parameters.
            camera: of the image.
            positions: see `PeopleBehaviour.update`.
        """
        header = image.header
        ground = self._ground.of_image(header, settings.ground_frame, settings.image_rotation)
        place, missing = self._camera_in(settings.people_frame, header)
        found = self._behaviour.update(
            nanoseconds(header.stamp),
            image.time,
            image.poses,
            ground,
            camera,
            positions,
            self._motion.step(place),
            self._node.get_clock().now().nanoseconds,
        )
        if self._behaviour.began_anew:
            self._transforms.clear()
        self.trouble = "; ".join(filter(None, [self._ground.trouble, missing]))
        return ObservedPeople(found, ground, place)

    def publish(
        self,
        observed: ObservedPeople,
        image: AnsweredImage,
        settings: PoseParameters,
        looks: Looks | None,
    ) -> None:
        """Publishes the people in an image, predicted to now.

        Args:
            observed: the result of `observe` for this image.
            image: that they are in.
            settings: the current parameters.
            looks: of its poses; None if ~/people has no subscribers.
        """
        taken = nanoseconds(image.header.stamp)
        stamp = predicted_stamp(taken, self._node.get_clock().now().nanoseconds)
        motions = self._behaviour.motions_at(observed.people, (stamp - taken) / SECOND)
        if looks is not None:
            frame = image.header.frame_id if observed.place is None else settings.people_frame
            self._publishers.publish(
                "people",
                people.person_array(
                    observed.people,
                    motions,
                    looks,
                    image.header,
                    image.size,
                    stamp,
                    frame,
                    observed.ground.up,
                ),
            )
        if settings.publish_tf:
            header = person_frames.header_at(stamp, image.header)
            prefix = person_frames.frame_prefix(
                settings.person_frame_prefix, self._node.get_namespace()
            )
            found = person_frames.person_transforms(
                observed.people, motions, observed.ground, header, prefix
            )
            self._send(found, observed.place, settings.people_frame)

    def _camera_in(self, frame: str, header: Header) -> tuple[TransformStamped | None, str]:
        """The camera's place in people_frame when an image was taken, and why it is unknown."""
        if not frame:
            return None, ""
        try:
            place = self._transforms.lookup(frame, header.frame_id, Time.from_msg(header.stamp))
        except ValueError as error:
            return None, self._warnings.warn([f"{WITHOUT_FRAME}: {error}"])
        if place is not None:
            return place, ""
        text = (
            f"TF does not know frame {header.frame_id!r} of the images in people_frame {frame!r}: "
            f"{WITHOUT_FRAME}"
        )
        return None, self._warnings.warn([text])

    def _send(
        self, found: list[TransformStamped], place: TransformStamped | None, parent: str
    ) -> None:
        if not found or (parent and place is None):
            return
        if self._frames is None:
            self._frames = PersonFrames(self._node)
        self._frames.send(found if place is None else person_frames.moved_to(place, found))

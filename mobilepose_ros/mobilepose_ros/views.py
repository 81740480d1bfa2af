"""Everything that is published of an image beyond its joints in pixels, for those who listen."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

from rclpy.node import Node

from mobilepose_core import draw_poses
from mobilepose_core.io import Annotation
from mobilepose_core.messages import CameraModel
from mobilepose_ros import images, messages
from mobilepose_ros.answered_image import AnsweredImage
from mobilepose_ros.behaviour_markers import behaviour_markers, joints_at_people
from mobilepose_ros.captions import annotation
from mobilepose_ros.joint_locator import JointLocator, Positions
from mobilepose_ros.parameters import PoseParameters
from mobilepose_ros.people import Looks
from mobilepose_ros.people_publisher import ObservedPeople, PeoplePublisher
from mobilepose_ros.pose_publishers import PosePublishers, marker_style


@dataclass(frozen=True)
class Wanted:
    """What somebody wants of an image.

    Attributes:
        joints_3d: joints in metres.
        markers: for RViz.
        overlay: the image with skeletons.
        people: where people are and what they do.
        frames: of people, in TF.
        behaviour: whether markers or overlay show what people do.
    """

    joints_3d: bool
    markers: bool
    overlay: bool
    people: bool
    frames: bool
    behaviour: bool

    @classmethod
    def now(cls, publishers: PosePublishers, settings: PoseParameters) -> Wanted:
        """By the subscribers and the parameters."""
        has = publishers.has_subscribers
        markers, overlay = has("markers"), has("overlay")
        shows = settings.show_behaviour and (markers or overlay)
        return cls(has("joints_3d"), markers, overlay, has("people"), settings.publish_tf, shows)

    @property
    def needs_people(self) -> bool:
        """Whether what people do has to be observed."""
        return self.people or self.frames or self.behaviour


class Views:
    """Publishes joints in metres, people, markers and overlay.

    Attributes:
        people: observes and publishes what people do.
    """

    def __init__(self, node: Node, publishers: PosePublishers) -> None:
        """Takes the node and its publishers."""
        self.people = PeoplePublisher(node, publishers)
        self._publishers = publishers

    def destroy(self) -> None:
        """Ends what `people` subscribes to and publishes."""
        self.people.destroy()

    def update_subscriptions(self, settings: PoseParameters) -> None:
        """Subscribes to TF while it is needed; call it periodically, from the executor's thread."""
        self.people.listen(Wanted.now(self._publishers, settings).needs_people, settings)

    def publish(
        self, image: AnsweredImage, settings: PoseParameters, locator: JointLocator
    ) -> None:
        """Publishes each only if it has subscribers.

        Args:
            image: with its poses.
            settings: the current parameters.
            locator: finds the positions in metres; later, if that needs a depth image.
        """
        wanted = Wanted.now(self._publishers, settings)
        if not wanted.needs_people:
            self.people.trouble = ""
        if wanted.joints_3d or wanted.markers or wanted.needs_people:
            looks = Looks.of(image.frame, image.poses) if wanted.people else None
            publish = functools.partial(self._publish_in_metres, image, settings, wanted, looks)
            locator.locate(image.poses, image.header, image.size, image.arrival, publish)
        else:
            locator.skip(image.header)
        if wanted.overlay and not wanted.behaviour:
            self._publish_overlay(image, settings)

    def _publish_in_metres(
        self,
        image: AnsweredImage,
        settings: PoseParameters,
        wanted: Wanted,
        looks: Looks | None,
        camera: CameraModel,
        positions: Positions | None,
    ) -> None:
        if positions is not None and wanted.joints_3d:
            message = messages.pose_3d_array(
                image.poses, positions, image.header, *image.size, self._publishers.skeleton
            )
            self._publishers.publish("joints_3d", message)
        observed = None
        if wanted.needs_people:
            observed = self.people.observe(image, settings, camera, positions)
            self.people.publish(observed, image, settings, looks)
        shown = observed if wanted.behaviour else None
        if wanted.markers:
            self._publish_markers(image, settings, camera, positions, shown)
        if wanted.overlay and shown is not None:
            self._publish_overlay(image, settings, _annotations(image, shown))

    def _publish_markers(
        self,
        image: AnsweredImage,
        settings: PoseParameters,
        camera: CameraModel,
        positions: Positions | None,
        shown: ObservedPeople | None,
    ) -> None:
        if shown is None:
            self._publishers.publish_markers(image.poses, image.header, camera, positions, settings)
            return
        style = marker_style(settings)
        self._publishers.publish_markers(
            image.poses,
            image.header,
            camera,
            joints_at_people(shown.people, image.poses, camera, positions),
            settings,
            behaviour_markers(shown.people, image.header, shown.ground, style),
        )

    def _publish_overlay(
        self,
        image: AnsweredImage,
        settings: PoseParameters,
        annotations: Sequence[Annotation | None] = (),
    ) -> None:
        picture = draw_poses(
            image.frame, image.poses, settings.joint_threshold, settings.labels, annotations
        )
        self._publishers.publish("overlay", images.image_from_bgr(picture, image.header))


def _annotations(image: AnsweredImage, shown: ObservedPeople) -> list[Annotation | None]:
    """Of each pose."""
    found: list[Annotation | None] = [None] * len(image.poses)
    for one in shown.people:
        found[one.index] = annotation(one, shown.ground)
    return found

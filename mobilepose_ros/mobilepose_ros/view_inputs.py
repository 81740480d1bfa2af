"""`ViewInputs`: images and the joints of the same stamp."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from mobilepose_msgs.msg import Pose2DArray, Pose3DArray
from rclpy.node import Node
from rclpy.subscription import Subscription

from mobilepose_core import Pose
from mobilepose_core.io import BitDepth
from mobilepose_core.messages import bgr_from_image, compressed_images
from mobilepose_core.skeleton import UPPER_BODY_11
from mobilepose_core.typing import FloatArray, ImageArray
from mobilepose_core.view import PageServer, ViewedFrame
from mobilepose_ros import messages, qos, topics, view_topics
from mobilepose_ros.image_input import TYPES, AnyImage
from mobilepose_ros.matched_subscription import MatchedSubscription
from mobilepose_ros.recent_messages import SAME, RecentMessages
from mobilepose_ros.stamps import SECOND, nanoseconds
from mobilepose_ros.view_parameters import ViewParameters

if TYPE_CHECKING:
    from mobilepose_core.view import FoxgloveSink

IMAGES, IMAGE_MEMORY = 8, 32 << 20
"""Images that are kept in any case until their joints come, and bytes up to which more are."""


class ViewInputs:
    """Subscribes to images and joints, and shows those that belong together.

    It exists while somebody looks. A frame is decoded only if a browser waits for it.
    """

    def __init__(
        self, node: Node, settings: ViewParameters, page: PageServer, sink: FoxgloveSink | None
    ) -> None:
        """Subscribes.

        Raises:
            Exception: rclpy's, for an invalid QoS override.
        """
        self._frame_fault = self._places_fault = ""
        self._node, self._settings, self._page, self._sink = node, settings, page, sink
        self._images: RecentMessages[AnyImage] = RecentMessages(IMAGES, IMAGE_MEMORY)
        self._joints: RecentMessages[Pose2DArray] = RecentMessages()
        self._waiting: Pose2DArray | None = None
        self._bit_depth = BitDepth()
        self._skeleton = UPPER_BODY_11
        self._image_subscription = _subscribe_to_images(node, settings, self._take_image)
        self._joints_subscription = _subscribe(
            node, Pose2DArray, view_topics.JOINTS, self._take_joints
        )
        self._places: Subscription | None = None

    @property
    def fault(self) -> str:
        """Why the last image or its joints could not be shown; empty if they were."""
        return "; ".join(filter(None, [self._frame_fault, self._places_fault]))

    def update(self) -> None:
        """Subscribes to joints in metres while they are wanted; call it periodically."""
        is_wanted = self._sink is not None and self._sink.wants_positions
        if is_wanted and self._places is None:
            self._places = _subscribe(
                self._node, Pose3DArray, view_topics.JOINTS_3D, self._take_places
            )
        elif not is_wanted and self._places is not None:
            self._node.destroy_subscription(self._places)
            self._places, self._places_fault = None, ""

    def destroy(self) -> None:
        """Unsubscribes."""
        self._image_subscription.destroy()
        for subscription in (self._joints_subscription, self._places):
            if subscription is not None:
                self._node.destroy_subscription(subscription)

    def _take_image(self, image: AnyImage) -> None:
        self._images.put(image)
        waiting = self._waiting
        if waiting is not None and _is_same(image, waiting):
            self._waiting = None
            self._show(image, waiting)

    def _take_joints(self, joints: Pose2DArray) -> None:
        self._joints.put(joints)
        self._images.forget_before(joints.header.stamp, SAME / SECOND)
        image = self._images.nearest(joints.header.stamp, SAME / SECOND)
        self._waiting = joints if image is None else None
        if image is not None:
            self._show(image, joints)

    def _take_places(self, places: Pose3DArray) -> None:
        joints = self._joints.nearest(places.header.stamp, SAME / SECOND)
        if self._sink is None or joints is None:
            return
        try:
            poses, positions = _poses_of(joints), positions_of(places)
            _check_fit(poses, positions)
        except ValueError as error:
            self._places_fault = f"the 3D scene cannot be shown: {error}"
            return
        self._places_fault = ""
        header = places.header
        self._sink.place(poses, positions, nanoseconds(header.stamp), header.frame_id)

    def _show(self, image: AnyImage, joints: Pose2DArray) -> None:
        is_wanted_by_sink = self._sink is not None and self._sink.wants_frame
        if not (self._page.wants_frame or is_wanted_by_sink):
            return
        try:
            picture, poses = self._picture(image), _poses_of(joints)
        except ValueError as error:
            self._frame_fault = str(error)
            return
        self._frame_fault = ""
        header = joints.header
        if poses:
            self._skeleton = poses[0].skeleton
        frame = ViewedFrame(
            picture, poses, nanoseconds(header.stamp), self._skeleton, header.frame_id or "camera"
        )
        self._page.show(frame)
        if self._sink is not None:
            self._sink.show(frame)

    def _picture(self, image: AnyImage) -> ImageArray:
        most = self._settings.max_image_pixels
        if self._settings.image_transport == topics.COMPRESSED:
            return compressed_images.bgr_from_compressed(image, self._bit_depth, most)
        return bgr_from_image(image, self._bit_depth, most)


def check(node: Node, settings: ViewParameters) -> None:
    """Subscribes and unsubscribes again, so that invalid QoS overrides fail early.

    Raises:
        ValueError: a QoS override is invalid.
    """
    topic = topics.of_images(node, settings.image_transport)
    try:
        _subscribe_to_images(node, settings, lambda _: None).destroy()
        for topic, kind in (
            (view_topics.JOINTS, Pose2DArray),
            (view_topics.JOINTS_3D, Pose3DArray),
        ):
            node.destroy_subscription(_subscribe(node, kind, topic, lambda _: None))
    except Exception as error:  # rclpy's
        raise ValueError(f"{topic} cannot be subscribed to: {error}") from error


def positions_of(places: Pose3DArray) -> Sequence[FloatArray]:
    """For each person (K, 3) m in the optical frame, NaN where unknown."""
    return [
        np.array([(joint.x, joint.y, joint.z) for joint in pose.joints], np.float64).reshape(-1, 3)
        for pose in places.poses
    ]


def _subscribe_to_images(
    node: Node, settings: ViewParameters, take: Callable[[AnyImage], None]
) -> MatchedSubscription:
    kind, _ = TYPES[settings.image_transport]
    return MatchedSubscription(
        node,
        kind,
        topics.of_images(node, settings.image_transport),
        lambda image, _: take(image),
        settings.image_reliability,
    )


def _subscribe(
    node: Node, kind: type[Any], topic: str, take: Callable[[Any], None]
) -> Subscription:
    return node.create_subscription(
        kind, topic, take, qos.reliable(10), qos_overriding_options=qos.overridable()
    )


def _poses_of(joints: Pose2DArray) -> list[Pose]:
    """The poses of a message, which any node may have sent.

    Raises:
        ValueError: its joints are unknown, named twice, or none.
    """
    try:
        return messages.poses_of(joints)
    except ValueError as error:
        raise ValueError(f"{view_topics.JOINTS} is not understood: {error}") from error


def _check_fit(poses: Sequence[Pose], positions: Sequence[FloatArray]) -> None:
    """Checks that there are positions for all joints.

    Raises:
        ValueError: there are others.
    """
    expected, found = [len(pose.joints) for pose in poses], [len(joints) for joints in positions]
    if expected != found:
        raise ValueError(
            f"{view_topics.JOINTS} has {expected} joints per person, but {view_topics.JOINTS_3D} "
            f"of the same stamp has {found}: are both of one pose node?"
        )


def _is_same(image: AnyImage, joints: Pose2DArray) -> bool:
    return abs(nanoseconds(image.header.stamp) - nanoseconds(joints.header.stamp)) <= SAME

"""What runs while the pose node is active and enabled: subscriptions and the inference thread."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from rclpy.node import Node

from mobilepose_core import PoseEstimator
from mobilepose_ros import boxes_type
from mobilepose_ros.boxes_input import BoxesInput
from mobilepose_ros.counters import Performance
from mobilepose_ros.frame_pipeline import FramePipeline
from mobilepose_ros.image_input import AnyImage, ImageInput
from mobilepose_ros.inference_thread import InferenceThread
from mobilepose_ros.joint_locator import JointLocator
from mobilepose_ros.parameters import TOPIC, PoseParameters
from mobilepose_ros.pose_publishers import PosePublishers
from mobilepose_ros.views import Views


@dataclass(frozen=True)
class Subscriptions:
    """Creates the node's subscriptions.

    Attributes:
        node: owns them.
        performance: records what is received.
        clock: steady, s; measures silence.
    """

    node: Node
    performance: Performance
    clock: Callable[[], float]

    def images(self, settings: PoseParameters, receive: Callable[[AnyImage], None]) -> ImageInput:
        """To images."""
        return ImageInput(self.node, settings, self.performance, receive, self.clock)

    def locator(self, settings: PoseParameters) -> JointLocator:
        """To calibration and depth images."""
        return JointLocator(self.node, settings, self.clock)

    def boxes(self, settings: PoseParameters, kind: str) -> BoxesInput:
        """To boxes of people, of a type in `person_boxes.READERS`."""
        typed = replace(settings, person_boxes_type=kind)
        return BoxesInput(self.node, typed, self.performance, self.clock)

    def check(self, settings: PoseParameters) -> None:
        """Subscribes and unsubscribes again, so that invalid QoS overrides fail early.

        Raises:
            Exception: rclpy's, for an invalid QoS override.
        """
        self.images(settings, lambda _: None).destroy()
        self.locator(settings).destroy()
        if settings.person_finder == TOPIC:
            kind = boxes_type.choose(self.node, settings.person_boxes_type)
            self.boxes(settings, kind).destroy()


class Processing:
    """Receives images and publishes their poses until it is closed.

    Attributes:
        images: the subscription to images.
        locator: the subscriptions to calibration and depth images.
        views: what is published beyond joints in pixels.
        boxes: the subscription to boxes of people; None if this node detects people itself.
        boxes_type: of these messages, a name in `person_boxes.READERS`.
        pipeline: processes an image.
        inference: the thread that runs it.
    """

    def __init__(
        self,
        subscriptions: Subscriptions,
        settings: Callable[[], PoseParameters],
        estimator: PoseEstimator,
        publishers: PosePublishers,
        previous_boxes_type: str = "",
    ) -> None:
        """Starts the inference thread, then subscribes to images.

        Args:
            subscriptions: creates the subscriptions.
            settings: returns the current parameters.
            estimator: finds and tracks people.
            publishers: publish the poses.
            previous_boxes_type: of the boxes subscribed to before.

        Raises:
            Exception: rclpy's, for an invalid QoS override.
        """
        self._node, performance = subscriptions.node, subscriptions.performance
        self._settings = settings
        log = self._node.get_logger()
        with contextlib.ExitStack() as undo:
            self.views = Views(self._node, publishers)
            undo.callback(self.views.destroy)
            self.locator = subscriptions.locator(settings())
            undo.callback(self.locator.destroy)
            self.boxes: BoxesInput | None = None
            self.boxes_type = previous_boxes_type
            if settings().person_finder == TOPIC:
                self.boxes_type = self._wanted_boxes_type()
                self.boxes = subscriptions.boxes(settings(), self.boxes_type)
                undo.callback(self.boxes.destroy)
            self.pipeline = FramePipeline(
                estimator, publishers, self.views, self.locator, self.boxes, performance, log
            )
            self.inference = InferenceThread(estimator, self.pipeline, performance, settings, log)
            undo.callback(self.inference.close)
            self.images = subscriptions.images(settings(), self._receive)
            undo.callback(self.images.destroy)
            self._undo = undo.pop_all()

    def close(self) -> None:
        """Unsubscribes and ends the thread; no image is processed afterwards."""
        self._undo.close()

    def update_subscriptions(self) -> None:
        """Subscribes to what is needed by now; call it periodically."""
        self.locator.update_subscriptions()
        self.views.update_subscriptions(self._settings())

    @property
    def input_topics(self) -> list[str]:
        """Full names of all subscribed topics."""
        boxes = [] if self.boxes is None else [self.boxes.topic]
        return [self.images.topic, *boxes, *self.locator.topics]

    def describe(self) -> dict[str, Any]:
        """The fields of `diagnostics.Report` about the inputs."""
        return {
            "topic": self.images.topic,
            "reliability": self.images.reliability,
            "loss": self.images.loss(),
            "boxes_topic": "" if self.boxes is None else self.boxes.topic,
            "depth": self.locator.figures(),
        }

    def has_other_boxes_type(self) -> bool:
        """Whether the publishers of boxes have another type than the subscription."""
        return self.boxes is not None and self._wanted_boxes_type() != self.boxes_type

    def _wanted_boxes_type(self) -> str:
        return boxes_type.choose(self._node, self._settings().person_boxes_type, self.boxes_type)

    def _receive(self, image: AnyImage) -> None:
        self.inference.put(image, self._node.get_clock().now().nanoseconds)

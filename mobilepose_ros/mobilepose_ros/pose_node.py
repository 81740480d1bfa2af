"""The node `mobilepose`: images in, joints out. Parameters, subscription, publishers, and wiring.

A lifecycle node that takes itself to active unless `autostart` is false. The images' callback only
leaves them in a slot; a thread fetches the newest, and does all that takes time.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from mobilepose_msgs.msg import Pose2DArray, Skeleton
from rcl_interfaces.msg import SetParametersResult
from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn
from rclpy.parameter import Parameter
from rclpy.qos import DurabilityPolicy, QoSPolicyKind, QoSProfile, ReliabilityPolicy
from rclpy.qos_overriding_options import QoSOverridingOptions
from rclpy.subscription import Subscription
from sensor_msgs.msg import Image
from std_msgs.msg import Header
from visualization_msgs.msg import MarkerArray

from mobilepose_core import Pose, PoseEstimator
from mobilepose_core.inference import drawing
from mobilepose_ros import images, markers, messages, parameters, running, silence
from mobilepose_ros.counters import FrameCounters
from mobilepose_ros.frame_slot import FrameSlot
from mobilepose_ros.parameters import PoseParameters

SUCCESS, FAILURE = TransitionCallbackReturn.SUCCESS, TransitionCallbackReturn.FAILURE

QOS_POLICIES = (
    QoSPolicyKind.HISTORY,
    QoSPolicyKind.DEPTH,
    QoSPolicyKind.RELIABILITY,
    QoSPolicyKind.DURABILITY,
)
"""Those that qos_overrides.TOPIC.publisher (or subscription) parameters can set."""

OUTPUTS: dict[str, tuple[type[Any], Callable[[], QoSProfile]]] = {
    "joints": (Pose2DArray, lambda: QoSProfile(depth=10)),
    "markers": (MarkerArray, lambda: QoSProfile(depth=1)),
    "overlay": (Image, lambda: QoSProfile(depth=1)),
    "skeleton": (
        Skeleton,
        lambda: QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL),
    ),
}

LOG_INTERVAL = 5.0
"""Shortest time between two log lines of the same kind, s."""

SILENCE_INTERVAL = 30.0
"""Shortest time between two log lines on the same silence, s."""

WATCH_INTERVAL = 0.5
"""Time between two looks for silence, s."""


class PoseNode(LifecycleNode):
    """Finds the joints of people in a camera's images.

    Attributes:
        settings: the parameters' values; replaced as a whole when one changes.
        counters: what became of the images.
    """

    def __init__(self, node_name: str = "mobilepose", **options: Any) -> None:
        """Declares the parameters; `options` are those of rclpy's Node."""
        super().__init__(node_name, **options)
        self._wrong = parameters.declare(self, PoseParameters)
        self.settings = parameters.read(self, PoseParameters)
        self.counters = FrameCounters()
        self._estimator: PoseEstimator | None = None
        self._subscription: Subscription | None = None
        self._outputs: dict[str, Any] = {}
        self._slot: FrameSlot[Image] = FrameSlot()
        self._thread: threading.Thread | None = None
        self._shown: frozenset[markers.Key] = frozenset()
        self._last_header = Header()
        self._quiet_since = 0.0
        self._watchdog = self.create_timer(
            WATCH_INTERVAL, self._watch, clock=Clock(clock_type=ClockType.STEADY_TIME)
        )
        self.add_on_set_parameters_callback(self._check_parameters)
        self.add_post_set_parameters_callback(self._apply_parameters)

    def start(self) -> bool:
        """Configures and activates without a lifecycle manager; whether that went well."""
        return bool(self.trigger_configure() == SUCCESS and self.trigger_activate() == SUCCESS)

    # Lifecycle: each step has its mirror.

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Loads the model and creates the publishers."""
        try:
            if self._wrong:
                raise ValueError("; ".join(self._wrong.values()))
            settings = self.settings
            self._estimator = PoseEstimator(
                settings.model, settings.device, settings.threads, settings.person_threshold
            )
            for name, (kind, qos) in OUTPUTS.items():
                self._outputs[name] = self.create_lifecycle_publisher(
                    kind, f"~/{name}", qos(), qos_overriding_options=_overridable()
                )
        except Exception as error:
            self.get_logger().error(f"cannot be configured: {error}")
            self._free()
            return FAILURE
        self.counters = FrameCounters()
        session = self._estimator.session
        self.get_logger().info(f"model {session.model.name} runs on {session.provider}")
        if session.fallback:
            self.get_logger().warning(f"not on the GPU as asked: {session.fallback}")
        return SUCCESS

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Subscribes, and starts the inference thread."""
        super().on_activate(state)
        try:
            self._subscription = self.create_subscription(
                Image,
                "image",
                self._receive,
                QoSProfile(depth=1, reliability=ReliabilityPolicy.BEST_EFFORT),
                qos_overriding_options=_overridable(),
            )
        except Exception as error:
            self.get_logger().error(f"cannot be activated: {error}")
            super().on_deactivate(state)
            return FAILURE
        assert self._estimator is not None
        self._estimator.forget()
        self._outputs["skeleton"].publish(messages.skeleton_message())
        self._quiet_since = time.monotonic()
        self._slot = FrameSlot()
        self._thread = threading.Thread(target=self._infer, args=(self._slot,), name="inference")
        self._thread.start()
        self.get_logger().info(f"waits for images on {self._subscription.topic_name}")
        return SUCCESS

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Unsubscribes, ends the inference thread and clears the markers."""
        self._stop()
        return super().on_deactivate(state)

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Frees the model and the publishers."""
        self._free()
        return SUCCESS

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Deactivates where that is needed, and frees all."""
        self._stop()
        self._free()
        return SUCCESS

    def destroy_node(self) -> None:
        """Ends the inference thread before the node goes."""
        self._stop()
        self._free()
        super().destroy_node()  # type: ignore[no-untyped-call]

    def _stop(self) -> None:
        if self._subscription is not None:
            self.destroy_subscription(self._subscription)
            self._subscription = None
        self._slot.close()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        if self._shown:
            gone = markers.deletions(self._shown, self._last_header)
            self._outputs["markers"].publish(MarkerArray(markers=gone))
            self._shown = frozenset()

    def _free(self) -> None:
        for publisher in self._outputs.values():
            self.destroy_lifecycle_publisher(publisher)
        self._outputs = {}
        self._estimator = None

    # A frame's way.

    def _receive(self, image: Image) -> None:
        self._quiet_since = time.monotonic()
        self.counters.received += 1
        self._slot.put(image)
        self.counters.replaced = self._slot.dropped

    def _infer(self, slot: FrameSlot[Image]) -> None:
        while (image := slot.take()) is not None:
            try:
                self._answer(image)
            except Exception as error:
                self.counters.failed += 1
                self.get_logger().error(
                    f"image dropped (number {self.counters.failed}): {error!r}",
                    throttle_duration_sec=LOG_INTERVAL,
                )

    def _answer(self, image: Image) -> None:
        assert self._estimator is not None
        try:
            frame = images.bgr_from_image(image)
            poses = self._estimator(frame)
        except ValueError as error:
            self.counters.bad += 1
            self.get_logger().error(
                f"bad image dropped (number {self.counters.bad}): {error}",
                throttle_duration_sec=LOG_INTERVAL,
            )
            return
        self._outputs["joints"].publish(
            messages.pose_array(poses, image.header, image.width, image.height)
        )
        self.counters.answered += 1
        if self._outputs["markers"].get_subscription_count():
            self._publish_markers(poses, image)
        if self._outputs["overlay"].get_subscription_count():
            picture = drawing.draw(frame, poses, self.settings.joint_threshold)
            self._outputs["overlay"].publish(images.image_from_bgr(picture, image.header))

    def _publish_markers(self, poses: Sequence[Pose], image: Image) -> None:
        settings = self.settings
        look = markers.Look(
            settings.marker_depth, settings.marker_lifetime, settings.joint_threshold
        )
        camera = markers.Pinhole.of_image(image.width, image.height)
        message, self._shown = markers.marker_array(self._shown, poses, image.header, camera, look)
        self._last_header = image.header
        self._outputs["markers"].publish(message)

    # What goes on beside the frames.

    def _watch(self) -> None:
        timeout, quiet = self.settings.silence_timeout, time.monotonic() - self._quiet_since
        if self._subscription is None or timeout == 0 or quiet < timeout:
            return
        topic = self._subscription.topic_name
        self.get_logger().warning(
            silence.explanation(
                topic,
                quiet,
                self.get_publishers_info_by_topic(topic),
                self._subscription.qos_profile,
            ),
            throttle_duration_sec=SILENCE_INTERVAL,
        )

    def _check_parameters(self, changes: list[Parameter]) -> SetParametersResult:
        reason = parameters.refusal(PoseParameters, changes, self._estimator is not None)
        return SetParametersResult(successful=not reason, reason=reason)

    def _apply_parameters(self, changes: list[Parameter]) -> None:
        for change in changes:
            self._wrong.pop(change.name, None)
        self.settings = parameters.read(self, PoseParameters)


def _overridable() -> QoSOverridingOptions:
    return QoSOverridingOptions(QOS_POLICIES)


def main(args: Sequence[str] | None = None) -> int:
    """Runs the node; the exit status is 1 where it starts itself and cannot."""
    with running.ros(args) as stop:
        node = PoseNode()
        try:
            if node.settings.autostart and not node.start():
                return 1
            with running.spinning(stop, node):
                stop.wait()
        finally:
            node.destroy_node()
        return int(stop.failed)


if __name__ == "__main__":
    sys.exit(main())

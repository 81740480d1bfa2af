"""The node `mobilepose`: images in, joints out. Lifecycle, parameters, services, and wiring.

A lifecycle node that takes itself to active unless `autostart` is false. The images' callback only
leaves them to a thread, which does all that takes time.
"""

from __future__ import annotations

import sys

if __name__ == "__main__":  # before the imports below, which take a second
    from mobilepose_ros import programs

    sys.exit(programs.pose_node())

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray
from rcl_interfaces.msg import SetParametersResult
from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.lifecycle import LifecycleState, TransitionCallbackReturn
from rclpy.parameter import Parameter
from std_srvs.srv import SetBool

from mobilepose_core import PoseEstimator
from mobilepose_ros import (
    boxes_type,
    diagnostics,
    measured_finder,
    parameter_files,
    parameter_table,
    qos,
    running,
)
from mobilepose_ros.awake import AwakeClock
from mobilepose_ros.boxes_input import BoxesInput
from mobilepose_ros.counters import FrameCounters, Performance
from mobilepose_ros.image_input import AnyImage, ImageInput
from mobilepose_ros.inference_thread import InferenceThread
from mobilepose_ros.lifecycle import SUCCESS, SteadyLifecycleNode
from mobilepose_ros.measured_finder import MeasuredFinder
from mobilepose_ros.outputs import Outputs
from mobilepose_ros.parameters import TOPIC, PoseParameters
from mobilepose_ros.publishers import PublisherWatch
from mobilepose_ros.reminders import Reminders
from mobilepose_ros.simulated_time import SimulatedTime
from mobilepose_ros.space import Space

WATCH_INTERVAL = 0.5
"""Time between two looks for silence, s."""

NOTABLE_GAP = 3.0
"""Time without such a look from which it is logged, s."""

DIAGNOSTICS_INTERVAL = 1.0
"""Time between two messages on /diagnostics, s."""

SWITCH_INTERVAL = 1e-4
"""Time after which a Python thread makes way for another, s: an image does not wait until the
executor, which has just handed it over, has prepared for the next."""


class PoseNode(SteadyLifecycleNode):
    """Finds the joints of people in a camera's images.

    Attributes:
        settings: the parameters' values; replaced as a whole when one changes.
        performance: what became of the images since the node was configured.
    """

    def __init__(self, node_name: str = "mobilepose", **options: Any) -> None:
        """Declares the parameters; `options` are those of rclpy's Node."""
        super().__init__(node_name, **options)
        self._wrong = parameter_table.declare(self, PoseParameters)
        self.settings = parameter_table.read(self, PoseParameters)
        self.performance = Performance()
        self._estimator: PoseEstimator | None = None
        self._finder_facts: dict[str, str] = {}
        self._outputs: Outputs | None = None
        self._input: ImageInput | None = None
        self._space: Space | None = None
        self._boxes: BoxesInput | None = None
        self._boxes_type = ""
        self._inference: InferenceThread | None = None
        self._publisher_watch = PublisherWatch(self)
        self._is_active = False
        self._ignored = parameter_files.warn_of_ignored(self, options.get("cli_args"))
        self._reminders = Reminders(self.get_logger())
        self._awake = AwakeClock()
        self._simulated_time = SimulatedTime(self, self._awake.now)
        self.add_on_set_parameters_callback(self._check_parameters)
        self.add_post_set_parameters_callback(self._apply_parameters)
        self.create_service(SetBool, "~/enable", self._enable)
        self._diagnostics = self.create_publisher(DiagnosticArray, "/diagnostics", qos.reliable(10))
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self.create_timer(WATCH_INTERVAL, self._watch, clock=steady)
        self.create_timer(DIAGNOSTICS_INTERVAL, self._diagnose, clock=steady)

    @property
    def counters(self) -> FrameCounters:
        """What became of the images since the node was configured."""
        return self.performance.counters

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
                settings.model,
                settings.device,
                settings.threads,
                settings.finder,
                find_size=settings.find_size,
            )
            if self._estimator.model.uses_cuda_graphs:
                people = settings.max_people
                self.get_logger().info(f"the GPU meets batches for up to {people} people")
                self._estimator.warm_up(people)
            self._outputs = Outputs(self, self._estimator.model.skeleton)
            for subscribe in (self._subscribe, self._subscribe_in_space, self._subscribe_to_boxes):
                if subscription := subscribe():
                    subscription.destroy()  # so that wrong QoS fails here
        except Exception as error:
            self._free()
            return self.fail("cannot be configured", error)
        self.performance = Performance()
        finder = self._estimator.detector
        self._finder_facts = measured_finder.facts(settings.person_finder, finder)
        if finder is not None:
            self._estimator.detector = MeasuredFinder(finder, self.performance)
        session = self._estimator.model
        self.get_logger().info(f"model {session.file.name} runs on {session.provider}")
        told = ", ".join(f"{name} {value}" for name, value in self._finder_facts.items())
        self.get_logger().info(told)
        if session.fallback:
            self.get_logger().warning(f"device {settings.device}: {session.fallback}")
        return SUCCESS

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Subscribes, and starts the inference thread."""
        super().on_activate(state)
        try:
            self._begin_or_rest()
            assert self._outputs is not None
            self._outputs.publish_skeleton()
        except Exception as error:
            self._end()
            super().on_deactivate(state)
            return self.fail("cannot be activated", error)
        self._is_active = True
        self._awake.gap()  # a model took its time to load
        return SUCCESS

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Unsubscribes, ends the inference thread and clears the markers."""
        self._end()
        self._is_active = False
        return super().on_deactivate(state)

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Frees the model and the publishers."""
        self._free()
        return SUCCESS

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Deactivates where that is needed, and frees all."""
        self._end()
        self._free()
        return SUCCESS

    def on_error(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Frees all, so that a node whose transition went wrong is unconfigured."""
        self._end()
        self._free()
        return SUCCESS

    def destroy_node(self) -> None:
        """Ends the inference thread before the node goes."""
        with self.changing:
            self._end()
            self._free()
        super().destroy_node()  # type: ignore[no-untyped-call]

    def _begin_or_rest(self) -> None:
        """Takes images in and answers them, unless that is disabled."""
        if not self.settings.enabled:
            self.get_logger().info("disabled: no images are taken in")
            return
        assert self._estimator is not None
        assert self._outputs is not None
        self._space = self._subscribe_in_space()
        self._boxes = self._subscribe_to_boxes()
        self._inference = InferenceThread(
            self._estimator,
            self._outputs,
            self._space,
            self._boxes,
            self.performance,
            lambda: self.settings,
            self.get_logger(),
        )
        self._input = self._subscribe()
        self.get_logger().info(f"waits for images on {self._input.topic}")

    def _end(self) -> None:
        """Undoes `_begin_or_rest`, however much of it was done; no image is answered after it."""
        image_input, self._input = self._input, None
        if image_input is not None:
            image_input.destroy()
        inference, self._inference = self._inference, None
        if inference is not None:
            inference.close()
        space, self._space = self._space, None
        if space is not None:
            space.destroy()
        boxes, self._boxes = self._boxes, None
        if boxes is not None:
            boxes.destroy()
        if self._outputs is not None:
            self._outputs.clear_markers()

    def _free(self) -> None:
        self._is_active = False
        outputs, self._outputs = self._outputs, None
        if outputs is not None:
            outputs.destroy()
        self._estimator = None
        self._finder_facts = {}

    # What comes in.

    def _subscribe(self) -> ImageInput:
        return ImageInput(self, self.settings, self.performance, self._receive, self._awake.now)

    def _subscribe_in_space(self) -> Space:
        return Space(self, self.settings, self._awake.now)

    def _subscribe_to_boxes(self) -> BoxesInput | None:
        if self.settings.person_finder != TOPIC:
            return None
        self._boxes_type = self._wanted_boxes_type()
        settings = replace(self.settings, person_boxes_type=self._boxes_type)
        return BoxesInput(self, settings, self.performance, self._awake.now)

    def _wanted_boxes_type(self) -> str:
        return boxes_type.chosen(self, self.settings.person_boxes_type, self._boxes_type)

    def _follow_boxes_type(self) -> None:
        """Subscribes to boxes anew where their publishers turn out to have another type."""
        with self.changing:
            if self._boxes is not None and self._wanted_boxes_type() != self._boxes_type:
                self.get_logger().info(f"boxes on {self._boxes.topic} are of another type")
                self._end()
                self._begin_or_rest()

    def _receive(self, image: AnyImage) -> None:
        if self._inference is not None:
            self._inference.put(image, self.get_clock().now().nanoseconds)

    def _enable(self, request: SetBool.Request, response: SetBool.Response) -> SetBool.Response:
        wanted = "enabled" if request.data else "disabled"
        if not self._is_active:
            response.message = f"the node is {self.state}: activate it first"
        elif request.data == self.settings.enabled:
            response.success, response.message = True, f"is {wanted} already"
        else:
            result = self.set_parameters_atomically([Parameter("enabled", value=request.data)])
            response.success, response.message = result.successful, result.reason or wanted
        return response

    def _check_parameters(self, changes: list[Parameter]) -> SetParametersResult:
        reason = parameter_table.refusal(PoseParameters, changes, self._estimator is not None)
        return SetParametersResult(successful=not reason, reason=reason)

    def _apply_parameters(self, changes: list[Parameter]) -> None:
        for change in changes:
            self._wrong.pop(change.name, None)
        with self.changing:
            was_enabled = self.settings.enabled
            self.settings = parameter_table.read(self, PoseParameters)
            if self._is_active and self.settings.enabled != was_enabled:
                self._end()
                self._begin_or_rest()

    # What goes on beside the images.

    def _silence(self) -> str:
        return "" if self._input is None else self._input.silence(self.settings.silence_timeout)

    def _loss(self) -> str:
        return "" if self._input is None else self._input.loss()

    def _missing(self) -> dict[str, str]:
        """What does not come, by its kind; empty texts where nothing is amiss."""
        timeout, silence = self.settings.silence_timeout, self._silence()
        return {
            "images": silence,
            "space": "" if self._space is None else self._space.silence(timeout),
            "boxes": "" if self._boxes is None else self._boxes.trouble(timeout),
            "time": self._simulated_time.trouble(timeout, is_needed=bool(silence)),
        }

    def _troubles(self, missing: dict[str, str]) -> tuple[str, ...]:
        """What is wrong with what comes, what does not come, and what was ignored."""
        images = "" if self._inference is None else self._inference.trouble
        space = "" if self._space is None or missing["space"] else self._space.trouble
        watched = self._publisher_watch.trouble
        return watched, images, space, *missing.values(), *self._ignored

    def _look_at_publishers(self) -> None:
        inputs = [] if self._input is None else [self._input.topic]
        if self._boxes is not None:
            inputs.append(self._boxes.topic)
        if self._space is not None:
            self._space.look()
            inputs += self._space.topics
        self._publisher_watch.look(inputs, [] if self._outputs is None else self._outputs.topics)

    def _watch(self) -> None:
        self._look_at_publishers()
        self._follow_boxes_type()
        if image_input := self._input:
            image_input.count_missing()
        if (gap := self._awake.gap()) >= NOTABLE_GAP:
            self.get_logger().info(
                f"this node stood still for {gap:.0f} s: it was suspended, or had no CPU"
            )
        missing = self._missing()
        for kind, reason in missing.items():
            self._reminders.warn(kind, reason)
        if not missing["images"]:
            self._reminders.warn("loss", self._loss())

    def _diagnose(self) -> None:
        if not self._diagnostics.get_subscription_count():
            return
        missing = self._missing()
        silence = missing.pop("images")
        report = diagnostics.Report(
            state=self.state,
            enabled=self.settings.enabled,
            topic="" if self._input is None else self._input.topic,
            failure=self.failure,
            silence=silence,
            trouble="; ".join(filter(None, self._troubles(missing))),
            device=self.settings.device,
            session=None if self._estimator is None else self._estimator.model,
            finder=self._finder_facts,
            boxes_topic="" if self._boxes is None else self._boxes.topic,
            performance=self.performance,
            loss=self._loss(),
            reliability="" if self._input is None else self._input.reliability,
            depth={} if self._space is None else self._space.figures(),
        )
        name = f"{self.get_fully_qualified_name().lstrip('/')}: pose estimation"
        message = DiagnosticArray(status=[diagnostics.status(name, report)])
        message.header.stamp = self.get_clock().now().to_msg()
        self._diagnostics.publish(message)


def main(args: Sequence[str] | None = None) -> int:
    """Runs the node; the exit status is 1 where it starts itself and cannot."""
    sys.setswitchinterval(SWITCH_INTERVAL)
    with running.ros(args) as stop:
        node = running.made(PoseNode)

        def begin() -> None:
            if node.settings.autostart and not node.start():
                stop.fail()

        with running.spinning(stop, node, begin=begin):
            stop.wait()
        node.destroy_node()
        return int(stop.failed)

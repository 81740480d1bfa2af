"""The node `mobilepose`: lifecycle, parameters, services and diagnostics.

It configures and activates itself unless `autostart` is false. While it is active and enabled,
`processing` receives the images and publishes their poses.
"""

from __future__ import annotations

import sys

if __name__ == "__main__":  # before the imports below, which take a second
    from mobilepose_ros import programs

    sys.exit(programs.pose_node())

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import cv2
from diagnostic_msgs.msg import DiagnosticArray
from rcl_interfaces.msg import SetParametersResult
from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.lifecycle import LifecycleState, TransitionCallbackReturn
from rclpy.parameter import Parameter
from std_srvs.srv import SetBool

from mobilepose_core import PoseEstimator
from mobilepose_ros import (
    diagnostics,
    ignored_parameters,
    memory,
    parameter_table,
    qos,
    running,
    transforms,
)
from mobilepose_ros.counters import FrameCounters, Performance
from mobilepose_ros.lifecycle import SUCCESS, RobustLifecycleNode
from mobilepose_ros.parameters import PoseParameters
from mobilepose_ros.pose_publishers import PosePublishers
from mobilepose_ros.processing import Processing, Subscriptions
from mobilepose_ros.timed_detector import TimedDetector, detector_facts
from mobilepose_ros.watchdog import Watchdog

WATCH_INTERVAL = 0.5
"""Time between two checks by the watchdog, s."""

DIAGNOSTICS_INTERVAL = 1.0
"""Time between two messages on /diagnostics, s."""

SWITCH_INTERVAL = 1e-4
"""Time slice of Python's threads, s. Short, so that an image does not wait for the executor, which
still holds the interpreter after it has handed the image over."""


class PoseNode(RobustLifecycleNode):
    """Finds the joints of people in a camera's images.

    Attributes:
        settings: the parameters' values; replaced as a whole when one changes.
        performance: statistics of the images since the node was configured.
        outputs: the publishers; None while the node is unconfigured.
        processing: None while the node is inactive or disabled.
    """

    def __init__(self, node_name: str = "mobilepose", **options: Any) -> None:
        """Declares the parameters; `options` are those of rclpy's Node."""
        super().__init__(node_name, **options)
        self._invalid = parameter_table.declare(self, PoseParameters)
        self.settings = parameter_table.read(self, PoseParameters)
        self.performance = Performance()
        self.outputs: PosePublishers | None = None
        self.processing: Processing | None = None
        self._estimator: PoseEstimator | None = None
        self._detector_facts: dict[str, str] = {}
        self._boxes_type = ""
        self._is_active = False
        ignored = ignored_parameters.warn_of_ignored(self, options.get("cli_args"))
        self._watchdog = Watchdog(self, ignored)
        self.add_on_set_parameters_callback(self._check_parameters)
        self.add_post_set_parameters_callback(self._apply_parameters)
        self.create_service(SetBool, "~/enable", self._enable)
        self._diagnostics = self.create_publisher(DiagnosticArray, "/diagnostics", qos.reliable(10))
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self.create_timer(WATCH_INTERVAL, self._watch, clock=steady)
        self.create_timer(DIAGNOSTICS_INTERVAL, self._diagnose, clock=steady)

    @property
    def counters(self) -> FrameCounters:
        """Counts of the images since the node was configured."""
        return self.performance.counters

    # Lifecycle: each step has its counterpart.

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Loads the networks and creates the publishers."""
        performance = Performance()
        try:
            if self._invalid:
                raise ValueError("; ".join(self._invalid.values()))
            if refusal := transforms.refusal(self.settings.publish_tf):
                raise ValueError(refusal)
            self._estimator = self._load_estimator()
            self.outputs = PosePublishers(self, self._estimator.model.skeleton)
            Subscriptions(self, performance, self._watchdog.clock.now).check(self.settings)
        except Exception as error:
            self._free()
            return self.fail("cannot be configured", error)
        self.performance = performance
        detector = self._estimator.detector
        self._detector_facts = detector_facts(self.settings.person_finder, detector)
        if detector is not None:
            self._estimator.detector = TimedDetector(detector, performance)
        self._log_networks(self._estimator)
        return SUCCESS

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Starts processing."""
        super().on_activate(state)
        try:
            self._start_processing()
            assert self.outputs is not None
            self.outputs.publish_skeleton()
        except Exception as error:
            self._stop_processing()
            super().on_deactivate(state)
            return self.fail("cannot be activated", error)
        self._is_active = True
        self._watchdog.reset_gap()
        return SUCCESS

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Stops processing."""
        self._stop_processing()
        self._is_active = False
        return super().on_deactivate(state)

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Frees the networks and the publishers."""
        self._free()
        return SUCCESS

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Stops processing and frees everything."""
        self._stop_processing()
        self._free()
        return SUCCESS

    def on_error(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Frees everything: after an error in a transition the node is unconfigured."""
        self._stop_processing()
        self._free()
        return SUCCESS

    def destroy_node(self) -> None:
        """Stops processing before the node is destroyed."""
        with self.changing:
            self._stop_processing()
            self._free()
        super().destroy_node()

    def _load_estimator(self) -> PoseEstimator:
        settings = self.settings
        if settings.threads:
            cv2.setNumThreads(settings.threads)
        estimator = PoseEstimator(
            settings.model,
            settings.device,
            settings.threads,
            settings.finder,
            find_size=settings.find_size,
        )
        if estimator.model.uses_cuda_graphs:
            self.get_logger().info(f"warms up the GPU for up to {settings.max_people} people")
            estimator.warm_up(settings.max_people)
        return estimator

    def _log_networks(self, estimator: PoseEstimator) -> None:
        model, log = estimator.model, self.get_logger()
        log.info(f"model {model.file.name} runs on {model.provider}")
        log.info(", ".join(f"{name} {value}" for name, value in self._detector_facts.items()))
        if model.fallback:
            log.warning(f"device {self.settings.device}: {model.fallback}")

    def _start_processing(self) -> None:
        """Starts processing unless the node is disabled."""
        if not self.settings.enabled:
            self.get_logger().info("disabled: not subscribed to images")
            return
        assert self._estimator is not None
        assert self.outputs is not None
        self.processing = Processing(
            Subscriptions(self, self.performance, self._watchdog.clock.now),
            lambda: self.settings,
            self._estimator,
            self.outputs,
            self._boxes_type,
        )
        self._boxes_type = self.processing.boxes_type
        self.get_logger().info(f"waiting for images on {self.processing.images.topic}")

    def _stop_processing(self) -> None:
        processing, self.processing = self.processing, None
        if processing is not None:
            processing.close()
        if self.outputs is not None:
            self.outputs.clear_markers()

    def _restart_processing(self) -> None:
        self._stop_processing()
        self._start_processing()

    def _free(self) -> None:
        self._is_active = False
        publishers, self.outputs = self.outputs, None
        if publishers is not None:
            publishers.destroy()
        self._estimator = None
        self._detector_facts = {}
        memory.give_back()  # callbacks and their owners hold each other, and one the networks

    # Parameters and services.

    def _enable(self, request: SetBool.Request, response: SetBool.Response) -> SetBool.Response:
        wanted = "enabled" if request.data else "disabled"
        if not self._is_active:
            response.message = f"the node is {self.state}: activate it first"
        elif request.data == self.settings.enabled:
            response.success, response.message = True, f"already {wanted}"
        else:
            result = self.set_parameters_atomically([Parameter("enabled", value=request.data)])
            response.success, response.message = result.successful, result.reason or wanted
        return response

    def _check_parameters(self, changes: list[Parameter]) -> SetParametersResult:
        reason = parameter_table.refusal(PoseParameters, changes, self._estimator is not None)
        sends = any(change.name == "publish_tf" and change.value is True for change in changes)
        reason = reason or transforms.refusal(sends)
        return SetParametersResult(successful=not reason, reason=reason)

    def _apply_parameters(self, changes: list[Parameter]) -> None:
        for change in changes:
            self._invalid.pop(change.name, None)
        with self.changing:
            was_enabled = self.settings.enabled
            self.settings = parameter_table.read(self, PoseParameters)
            if self._is_active and self.settings.enabled != was_enabled:
                self._restart_processing()

    # Periodic work.

    def _watch(self) -> None:
        with self.changing:
            if self.processing is not None and self.processing.has_other_boxes_type():
                self.get_logger().info("boxes of people are now published with another type")
                self._restart_processing()
        self._watchdog.check(self.processing, self._output_topics(), self.settings.silence_timeout)

    def _output_topics(self) -> list[str]:
        return [] if self.outputs is None else self.outputs.topics

    def _diagnose(self) -> None:
        if not self._diagnostics.get_subscription_count():
            return
        message = DiagnosticArray(status=[diagnostics.status(self._task_name(), self._report())])
        message.header.stamp = self.get_clock().now().to_msg()
        self._diagnostics.publish(message)

    def _task_name(self) -> str:
        return diagnostics.task_name(self.get_fully_qualified_name())

    def _report(self) -> diagnostics.Report:
        processing = self.processing
        missing = self._watchdog.missing(processing, self.settings.silence_timeout)
        silence = missing.pop("images")
        report = diagnostics.Report(
            state=self.state,
            enabled=self.settings.enabled,
            failure=self.failure,
            silence=silence,
            trouble=self._watchdog.trouble(processing, missing),
            device=self.settings.device,
            model=None if self._estimator is None else self._estimator.model,
            detector=self._detector_facts,
            performance=self.performance,
        )
        return report if processing is None else replace(report, **processing.describe())


def main(args: Sequence[str] | None = None) -> int:
    """Runs the node; the exit status is 1 if it cannot start."""
    sys.setswitchinterval(SWITCH_INTERVAL)
    return running.run(PoseNode, args, lambda node: not node.settings.autostart or node.start())

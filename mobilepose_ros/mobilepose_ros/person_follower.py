"""The node `person_follower`: keeps one person as the target, and says where it is.

It configures and activates itself unless `autostart` is false.
"""

from __future__ import annotations

import sys

if __name__ == "__main__":  # before the imports below, which take a second
    from mobilepose_ros import programs

    sys.exit(programs.person_follower())

from collections.abc import Sequence
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray
from mobilepose_msgs.msg import PersonArray
from mobilepose_msgs.srv import SelectTarget
from rcl_interfaces.msg import SetParametersResult
from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.lifecycle import LifecycleState, TransitionCallbackReturn
from rclpy.node import Node
from rclpy.parameter import Parameter
from rclpy.subscription import Subscription

from mobilepose_ros import (
    follower_diagnostics,
    follower_frames,
    ignored_parameters,
    parameter_table,
    qos,
    running,
    silence,
    transforms,
)
from mobilepose_ros.awake_clock import AwakeClock
from mobilepose_ros.follower_diagnostics import FollowerReport, described
from mobilepose_ros.follower_parameters import BY_ID, CHOICES, FollowerParameters
from mobilepose_ros.follower_topics import PEOPLE, PEOPLE_TYPE
from mobilepose_ros.input_watch import InputWatch
from mobilepose_ros.lifecycle import SUCCESS, RobustLifecycleNode
from mobilepose_ros.publisher_watch import PublisherWatch
from mobilepose_ros.reminders import Reminders
from mobilepose_ros.simulated_time import SimulatedTime
from mobilepose_ros.target_messages import UNTRACKED
from mobilepose_ros.target_publishers import TargetPublishers
from mobilepose_ros.target_tracking import TargetTracking
from mobilepose_ros.transforms import TransformInput

WATCH_INTERVAL = 0.5
"""Time between two checks of the inputs, s."""

DIAGNOSTICS_INTERVAL = 1.0
"""Time between two messages on /diagnostics, s."""

PEOPLE_HINT = (
    "is the pose node running, and is `people` remapped to its topic "
    "(-r people:=/mobilepose/people)?"
)


def why_silent(node: Node, subscription: silence.AnySubscription, seconds: float) -> str:
    """Why no people arrive."""
    topic = subscription.topic_name
    own = node.get_publishers_info_by_topic(topic)
    return silence.explanation(
        topic, seconds, own, subscription.qos_profile, PEOPLE_TYPE, "people", PEOPLE_HINT
    )


class PersonFollower(RobustLifecycleNode):
    """Keeps a target among the people that the pose node finds.

    Attributes:
        settings: the parameters' values; replaced as a whole when one changes.
        tracking: None while the node is inactive.
    """

    def __init__(self, node_name: str = "person_follower", **options: Any) -> None:
        """Declares the parameters; `options` are those of rclpy's Node."""
        super().__init__(node_name, **options)
        self._invalid = parameter_table.declare(self, FollowerParameters)
        self.settings = parameter_table.read(self, FollowerParameters)
        self.tracking: TargetTracking | None = None
        self._outputs: TargetPublishers | None = None
        self._subscription: Subscription | None = None
        self._transforms = TransformInput(self)
        self._awake = AwakeClock()
        self._input = InputWatch(self, why_silent, self._awake.now)
        self._publisher_watch = PublisherWatch(self)
        self._simulated_time = SimulatedTime(self, self._awake.now)
        self._reminders = Reminders(self.get_logger())
        self._ignored = ignored_parameters.warn_of_ignored(self, options.get("cli_args"))
        self.add_on_set_parameters_callback(self._check_parameters)
        self.add_post_set_parameters_callback(self._apply_parameters)
        self.create_service(SelectTarget, "~/select_target", self._select)
        self._diagnostics = self.create_publisher(DiagnosticArray, "/diagnostics", qos.reliable(10))
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self.create_timer(WATCH_INTERVAL, self._watch, clock=steady)
        self.create_timer(DIAGNOSTICS_INTERVAL, self._diagnose, clock=steady)

    # Lifecycle: each step has its counterpart.

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Creates the publishers."""
        try:
            if self._invalid:
                raise ValueError("; ".join(self._invalid.values()))
            if wrong := follower_frames.problems(self.settings):
                raise ValueError("; ".join(dict.fromkeys(wrong.values())))
            if self.settings.fixed_frame:
                transforms.tf2()
            self._outputs = TargetPublishers(self, self.settings.target_frame)
        except Exception as error:
            self._free()
            return self.fail("cannot be configured", error)
        if self._outputs.no_frame:
            self.get_logger().warning(self._outputs.no_frame)
        return SUCCESS

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Subscribes to the people."""
        super().on_activate(state)
        if self._outputs is not None:
            self._outputs.restart()
        try:
            self._transforms.listen(bool(self.settings.fixed_frame))
            self.tracking = TargetTracking(self.settings, self._transforms, self._reminders.warn)
            self._input = InputWatch(self, why_silent, self._awake.now)
            self._subscription = self.create_subscription(
                PersonArray,
                PEOPLE,
                self._input.watched(self._receive),
                qos.reliable(10),
                qos_overriding_options=qos.overridable(),
            )
        except Exception as error:
            self._stop()
            super().on_deactivate(state)
            return self.fail("cannot be activated", error)
        self._input.subscription = self._subscription
        self.get_logger().info(
            f"waiting for people on {self._subscription.topic_name}; choice {self.settings.choice}"
        )
        return SUCCESS

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Unsubscribes, and forgets the target."""
        self._stop()
        return super().on_deactivate(state)

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Destroys the publishers."""
        self._free()
        return SUCCESS

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Destroys everything."""
        self._stop()
        self._free()
        return SUCCESS

    def on_error(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Destroys everything: after an error in a transition the node is unconfigured."""
        return self.on_shutdown(state)

    def destroy_node(self) -> None:
        """Stops before the node is destroyed."""
        with self.changing:
            self._stop()
            self._free()
        super().destroy_node()

    def _stop(self) -> None:
        self.tracking = None
        if self._subscription is not None:
            self.destroy_subscription(self._subscription)
            self._subscription = self._input.subscription = None
        self._transforms.listen(False)

    def _free(self) -> None:
        outputs, self._outputs = self._outputs, None
        if outputs is not None:
            outputs.destroy()

    # The people, and whom to follow.

    def _receive(self, message: PersonArray) -> None:
        with self.changing:
            tracking, outputs = self.tracking, self._outputs
            if tracking is None or outputs is None:
                return  # deactivated meanwhile
            before, restarts = tracking.target, tracking.counts["restarts"]
            answer = tracking.update(message, lambda: int(self.get_clock().now().nanoseconds))
            if tracking.counts["restarts"] > restarts:
                outputs.restart()
            if answer is not None:
                outputs.publish(*answer, tracking.velocity, not tracking.conflict)
            if (tracking.target.state, tracking.target.track_id) != (before.state, before.track_id):
                self.get_logger().info(described(tracking.target))

    def _select(
        self, request: SelectTarget.Request, response: SelectTarget.Response
    ) -> SelectTarget.Response:
        response.track_id = UNTRACKED
        with self.changing:
            if self.tracking is None:
                response.message = f"the node is {self.state}: activate it first"
            elif request.choice not in CHOICES:
                known = ", ".join(CHOICES)
                response.message = f"choice {request.choice!r} is unknown; expected one of {known}"
            elif request.choice == BY_ID and request.track_id < 0:
                response.message = (
                    f"track_id {request.track_id} is nobody's: choice id needs that of a person "
                    "in ~/people, 0 or more"
                )
            else:
                now = int(self.get_clock().now().nanoseconds)
                target = self.tracking.select(request.choice, request.track_id, now)
                if self._outputs is not None:
                    self._outputs.markers.forget()
                response.success = True
                response.message = described(target)
                if target.track_id is not None:
                    response.track_id = target.track_id
                self.get_logger().info(f"choice {request.choice}: {response.message}")
        return response

    # Parameters.

    def _check_parameters(self, changes: list[Parameter]) -> SetParametersResult:
        is_configured = self._outputs is not None
        reason = parameter_table.refusal(FollowerParameters, changes, is_configured)
        reason = reason or follower_frames.refusal(self.settings, changes)
        return SetParametersResult(successful=not reason, reason=reason)

    def _apply_parameters(self, changes: list[Parameter]) -> None:
        for change in changes:
            self._invalid.pop(change.name, None)
        self.settings = parameter_table.read(self, FollowerParameters)

    # Periodic work.

    def _watch(self) -> None:
        with self.changing:
            inputs = [] if self._subscription is None else [self._subscription.topic_name]
            self._publisher_watch.check(
                inputs, [] if self._outputs is None else self._outputs.topics
            )
            for kind, reason in self._missing().items():
                self._reminders.warn(kind, reason)

    def _missing(self) -> dict[str, str]:
        timeout = self.settings.silence_timeout
        people = self._input.silence(timeout)
        return {
            "people": people,
            "time": self._simulated_time.trouble(timeout, is_needed=bool(people)),
        }

    def _diagnose(self) -> None:
        if not self._diagnostics.get_subscription_count():
            return
        name = f"{self.get_fully_qualified_name().lstrip('/')}: target"
        with self.changing:
            message = DiagnosticArray(status=[follower_diagnostics.status(name, self._report())])
        message.header.stamp = self.get_clock().now().to_msg()
        self._diagnostics.publish(message)

    def _report(self) -> FollowerReport:
        missing = self._missing()
        tracking, outputs = self.tracking, self._outputs
        troubles = [missing["time"], self._publisher_watch.trouble, *self._ignored]
        if outputs is not None:
            troubles.append(outputs.no_frame)
        if tracking is not None:
            troubles.append(tracking.trouble)
        report = FollowerReport(
            state=self.state,
            failure=self.failure,
            conflict="" if tracking is None else tracking.conflict,
            silence=missing["people"],
            trouble="; ".join(filter(None, troubles)),
            topic="" if self._subscription is None else self._subscription.topic_name,
            frame="" if tracking is None else tracking.frame,
            target=None if tracking is None else tracking.target,
        )
        if tracking is not None:
            report.counts.update(tracking.counts)
        return report


def main(args: Sequence[str] | None = None) -> int:
    """Runs the node; the exit status is 1 if it cannot start."""
    return running.run(
        PersonFollower, args, lambda node: not node.settings.autostart or node.start()
    )

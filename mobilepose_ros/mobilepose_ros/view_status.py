"""`PoseNodeStatus`: what the pose node says of itself, for the view."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from rcl_interfaces.srv import GetParameters
from rclpy.node import Node
from rclpy.parameter import parameter_value_to_python
from rclpy.task import Future

from mobilepose_core.io import drawing
from mobilepose_core.view import ERROR, OK, WARN, Rates, ViewStatus
from mobilepose_ros import diagnostics, qos, view_topics
from mobilepose_ros.parameter_table import table_rows
from mobilepose_ros.parameters import PoseParameters

SILENCE = 3.0
"""Time without a status after which the pose node counts as gone, s."""

INTERVAL = 2.0
"""Time between two requests for the parameters, s."""

LEVELS = {DiagnosticStatus.OK: OK, DiagnosticStatus.WARN: WARN}


class PoseNodeStatus:
    """Listens to `/diagnostics`, and asks for the parameters; exists while somebody looks."""

    def __init__(self, node: Node, clock: Callable[[], float] = time.monotonic) -> None:
        """Subscribes.

        Args:
            node: owns the subscription.
            clock: steady, s.
        """
        self._node = node
        self._clock = clock
        self._pose_node = node.resolve_topic_name(view_topics.JOINTS).rpartition("/")[0]
        self._task = diagnostics.task_name(self._pose_node)
        self._status: DiagnosticStatus | None = None
        self._heard = clock()
        self._parameters: Mapping[str, Any] = {}
        self._asked = -math.inf
        self._subscription = node.create_subscription(
            DiagnosticArray, view_topics.DIAGNOSTICS, self._take, qos.reliable(10)
        )
        service = f"{self._pose_node}/{view_topics.GET_PARAMETERS.rpartition('/')[2]}"
        self._client = node.create_client(GetParameters, service)

    def destroy(self) -> None:
        """Unsubscribes."""
        self._node.destroy_subscription(self._subscription)
        self._node.destroy_client(self._client)

    def ask(self) -> None:
        """Asks for the parameters now and then; call it periodically."""
        if self._clock() - self._asked > INTERVAL and self._client.service_is_ready():
            self._asked = self._clock()
            names = list(table_rows(PoseParameters))
            self._client.call_async(GetParameters.Request(names=names)).add_done_callback(
                self._take_parameters
            )

    def now(self, title: str, fault: str) -> ViewStatus:
        """The newest status.

        Args:
            title: of the view.
            fault: why images are not shown; empty if they are.
        """
        level, message, values = self._level()
        if fault:
            level, message = ERROR, fault
        return ViewStatus(
            title,
            level,
            "" if message == diagnostics.WORKS else message,
            Rates(
                _number(values.get(diagnostics.RATE_IN)),
                _number(values.get(diagnostics.RATE_OUT)),
                _number(values.get(diagnostics.LATENCY)) / 1e3,
            ),
            values,
            self._parameters,
            self._parameters.get("joint_threshold", drawing.MIN_SCORE),
        )

    def _level(self) -> tuple[str, str, Mapping[str, str]]:
        silent = self._clock() - self._heard
        if silent > SILENCE:
            text = f"the pose node {self._pose_node} has said nothing for {silent:.0f} s"
            return ERROR, f"{text}: is it running, and is {view_topics.JOINTS} remapped to it?", {}
        if self._status is None:
            return OK, f"waiting for the pose node {self._pose_node}", {}
        values = {pair.key: pair.value for pair in self._status.values}
        return LEVELS.get(self._status.level, ERROR), self._status.message, values

    def _take(self, message: DiagnosticArray) -> None:
        for status in message.status:
            if status.name == self._task:
                self._status, self._heard = status, self._clock()

    def _take_parameters(self, answer: Future) -> None:
        response = None if answer.exception() else answer.result()
        names = table_rows(PoseParameters)
        if response is not None and len(response.values) == len(names):
            values = map(parameter_value_to_python, response.values)
            self._parameters = dict(zip(names, values, strict=True))


def _number(text: str | None) -> float:
    try:
        return float(text or "")
    except ValueError:
        return math.nan

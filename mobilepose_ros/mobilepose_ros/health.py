"""The program `health`: asks a running node how it is, as Docker's HEALTHCHECK does.

The exit status is 0 if the node answers and has no error, otherwise 1; one line says why. It is 2
for a mistake in use.
"""

from __future__ import annotations

import sys

if __name__ == "__main__":  # before the imports below, which take a second
    from mobilepose_ros import programs

    sys.exit(programs.health())

import argparse
import math
import os
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from lifecycle_msgs.srv import GetState
from rclpy.client import Client
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.parameter import Parameter

from mobilepose_ros import running

NODE = "mobilepose"

TIMEOUT = 5.0
"""Longest time to wait for all answers, s."""

DISCOVERY_CHECK = 0.02
"""Time between two looks for the service, s."""

ASK_AGAIN = 1.0
"""Time without an answer after which the node is asked again, s: a service loses its answer to a
client that it does not know yet."""


class Health(NamedTuple):
    """How a node is.

    Attributes:
        is_good: whether it answers and has no error.
        reason: in a line.
    """

    is_good: bool
    reason: str


class Examination:
    """Asks a node for its lifecycle state and its diagnostics."""

    def __init__(self, context: Context, name: str, timeout: float) -> None:
        """Enters the graph.

        Args:
            context: of ROS.
            name: of the node that is asked, relative or absolute.
            timeout: longest time, s.

        Raises:
            ValueError: no node can have that name.
        """
        self._deadline = time.monotonic() + timeout
        self._timeout = timeout
        self._asker = Node(
            f"health_{os.getpid()}",
            context=context,
            enable_rosout=False,
            start_parameter_services=False,
            parameter_overrides=[Parameter("start_type_description_service", value=False)],
        )
        self._executor = SingleThreadedExecutor(context=context)
        self._executor.add_node(self._asker)
        try:
            self._name = self._asker.resolve_topic_name(name)
            self._service = self._asker.resolve_service_name(f"{self._name}/get_state")
        except Exception as error:  # rclpy's exceptions share no public base class
            self.close()
            reason = str(error).partition(", at ")[0]  # a line of rcl's sources follows
            raise ValueError(
                f"expected a node's name, such as {NODE} or /robot1/{NODE}, got {name!r}: {reason}"
            ) from error
        self._status: DiagnosticStatus | None = None

    def close(self) -> None:
        """Leaves the graph."""
        self._executor.shutdown()
        self._asker.destroy_node()

    def health(self, state_only: bool = False) -> Health:
        """How the node is.

        Args:
            state_only: whether its diagnostics are not asked for.
        """
        if not state_only:
            self._asker.create_subscription(DiagnosticArray, "/diagnostics", self._take, 10)
        client = self._asker.create_client(GetState, self._service)
        if not self._wait(client.service_is_ready):
            return Health(False, f"there is no node {self._name}")
        state = self._state(client)
        if state is None:
            return Health(False, f"{self._name} does not answer within {self._timeout:g} s")
        if state_only:
            return Health(True, f"{self._name} is {state}")
        if not self._wait(lambda: self._status is not None):
            return Health(False, f"{self._name} is {state}, but publishes no diagnostics")
        assert self._status is not None
        is_good = self._status.level in (DiagnosticStatus.OK, DiagnosticStatus.WARN)
        return Health(is_good, f"{self._name} is {state}: {self._status.message}")

    def _take(self, message: DiagnosticArray) -> None:
        for status in message.status:
            if status.name.startswith(f"{self._name.lstrip('/')}: "):
                self._status = status

    def _state(self, client: Client) -> str | None:
        """The label of the node's lifecycle state; None if it does not answer in time."""
        while time.monotonic() < self._deadline:
            answer = client.call_async(GetState.Request())
            if self._wait(answer.done, ASK_AGAIN):
                return str(answer.result().current_state.label)
        return None

    def _wait(self, condition: Callable[[], bool], seconds: float = math.inf) -> bool:
        """Whether a condition comes true in time, and within so many seconds."""
        deadline = min(self._deadline, time.monotonic() + seconds)
        while not condition():
            if time.monotonic() > deadline:
                return False
            self._executor.spin_once(timeout_sec=DISCOVERY_CHECK)
        return True


def main(args: Sequence[str] | None = None) -> int:
    """Asks the node; the exit status is 1 if it is not well.

    Raises:
        SystemExit: with status 2, for arguments that it does not understand.
    """
    arguments = sys.argv if args is None else ["health", *args]
    parser = argparse.ArgumentParser(
        prog="health", description="Asks a node how it is; the exit status is 1 if it is not well."
    )
    parser.add_argument(
        "node", nargs="?", default=NODE, help=f"its name, such as /robot1/mobilepose ({NODE})"
    )
    parser.add_argument("--timeout", type=float, default=TIMEOUT, help=f"s ({TIMEOUT:g})")
    parser.add_argument(
        "--state-only",
        action="store_true",
        help="whether it answers; an error in its diagnostics, such as a missing camera, is no "
        "matter",
    )
    options = running.parsed(parser, arguments)
    if not 0 < options.timeout < math.inf:
        parser.error(f"--timeout is a finite number of seconds above 0, got {options.timeout:g}")
    context = Context()
    context.init(args=arguments)
    try:
        try:
            examination = Examination(context, options.node, options.timeout)
        except ValueError as error:
            parser.error(str(error))
        health = examination.health(options.state_only)
        examination.close()
    finally:
        context.try_shutdown()
    print(health.reason)
    return 0 if health.is_good else 1

"""What a robot asks of the node: its services, its results and its time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from lifecycle_msgs.srv import ChangeState, GetState
from mobilepose_msgs.msg import Pose2DArray
from rcl_interfaces.msg import ParameterDescriptor
from rcl_interfaces.srv import (
    DescribeParameters,
    GetParameters,
    ListParameters,
    SetParametersAtomically,
)
from rclpy.parameter import Parameter
from rclpy.qos import QoSProfile
from rosgraph_msgs.msg import Clock
from std_srvs.srv import SetBool

from benchmarks.measure.node_process import NodeListener
from benchmarks.soaking.processes import PATIENCE, SoakError

NODE = "/mobilepose"

ANSWER = 20.0
"""Longest time for the answer of a service, s; loading the networks takes the longest."""

SERVICES: dict[str, type[Any]] = {
    "change_state": ChangeState,
    "get_state": GetState,
    "enable": SetBool,
    "set_parameters_atomically": SetParametersAtomically,
    "get_parameters": GetParameters,
    "list_parameters": ListParameters,
    "describe_parameters": DescribeParameters,
}


class Control(NodeListener):
    """Calls the node's services, and keeps what it says.

    Attributes:
        people: numbers of people in the results since the last `forget`.
        most_people: in a result.
        ids: track IDs ever seen.
        level: of the newest diagnostics.
    """

    def __init__(self) -> None:
        super().__init__(joints_depth=1000)
        self.people: list[int] = []
        self.most_people = 0
        self.ids: set[int] = set()
        self.level = DiagnosticStatus.STALE
        self._clients_of = {
            name: self.create_client(kind, f"{NODE}/{name}") for name, kind in SERVICES.items()
        }
        self._time = self.create_publisher(Clock, "/clock", QoSProfile(depth=1))

    def _count(self, joints: Pose2DArray) -> None:
        super()._count(joints)
        self.people.append(len(joints.poses))
        self.most_people = max(self.most_people, len(joints.poses))
        self.ids |= {pose.track_id for pose in joints.poses}

    def _keep(self, message: DiagnosticArray) -> None:
        super()._keep(message)
        self.level = message.status[0].level

    def forget(self) -> None:
        """Forgets the numbers of people."""
        self.people = []

    def wait(self, condition: Callable[[], bool], what: str, seconds: float = PATIENCE) -> None:
        """Waits for a condition.

        Raises:
            SoakError: it does not come true.
        """
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise SoakError(f"{what}: not within {seconds:g} s")
            time.sleep(0.02)

    def call(self, service: str, **fields: Any) -> Any:
        """The answer of one of `SERVICES` of the node.

        Raises:
            SoakError: none comes.
        """
        client = self._clients_of[service]
        if not client.wait_for_service(ANSWER):
            raise SoakError(f"there is no service {service}")
        future = client.call_async(SERVICES[service].Request(**fields))
        self.wait(future.done, f"an answer of {service}", ANSWER)
        return future.result()

    def change(self, label: str) -> bool:
        """Requests a transition; whether it succeeded."""
        request = ChangeState.Request()
        request.transition.label = label
        return bool(self.call("change_state", transition=request.transition).success)

    @property
    def state(self) -> str:
        """The node's state."""
        return str(self.call("get_state").current_state.label)

    def set(self, **values: Any) -> str:
        """Sets parameters; returns why they were refused, or an empty text."""
        parameters = [Parameter(name, value=v).to_parameter_msg() for name, v in values.items()]
        result = self.call("set_parameters_atomically", parameters=parameters).result
        return "" if result.successful else str(result.reason or "refused without a reason")

    def describe(self, names: list[str]) -> list[ParameterDescriptor]:
        """Descriptors of parameters."""
        return list(self.call("describe_parameters", names=names).descriptors)

    def publish_time(self, seconds: float) -> None:
        """Publishes a simulated time."""
        message = Clock()
        message.clock.sec, message.clock.nanosec = int(seconds), int(seconds % 1 * 1e9)
        self._time.publish(message)

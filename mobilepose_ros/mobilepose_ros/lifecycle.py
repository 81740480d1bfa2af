"""A lifecycle node that rejects invalid transitions, logs exceptions, and ends completely.

rclpy's LifecycleNode ends its executor with an exception if a transition is requested that its
state does not have, hides exceptions raised inside a transition, and is still visible to others
after destroy_node(), until Python collects it. All can only be changed through its internals; only
this module uses them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from lifecycle_msgs.srv import ChangeState
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn

SUCCESS = TransitionCallbackReturn.SUCCESS
FAILURE = TransitionCallbackReturn.FAILURE
ERROR = TransitionCallbackReturn.ERROR

Step = Callable[[LifecycleState], TransitionCallbackReturn]


class RobustLifecycleNode(LifecycleNode):
    """Rejects invalid transitions, and reports why a transition failed.

    Attributes:
        failure: why the last transition failed; empty if it succeeded.
        changing: lock held during a transition, in any thread; take it for work that must not
            overlap with one.
    """

    def __init__(self, node_name: str, **options: Any) -> None:
        """Takes the options of rclpy's Node."""
        super().__init__(node_name, **options)
        self.failure = ""
        self.changing = threading.RLock()
        self._change_state = self._service_change_state.callback
        self._service_change_state.callback = self._change_state_or_reject
        for state, step in self._callbacks.items():
            self._callbacks[state] = self._logged(step)

    @property
    def state(self) -> str:
        """Lifecycle state, such as `active`."""
        return str(self._state_machine.current_state[1])

    def start(self) -> bool:
        """Configures and activates the node without a lifecycle manager; whether it succeeded."""
        return bool(self.trigger_configure() == SUCCESS and self.trigger_activate() == SUCCESS)

    def destroy_node(self) -> None:
        """Ends the node, with its lifecycle services and `transition_event`."""
        self._state_machine.destroy_when_not_in_use()
        super().destroy_node()

    def fail(self, what: str, error: Exception) -> TransitionCallbackReturn:
        """Logs and stores why a transition failed; returns FAILURE for the transition to return."""
        self.failure = f"{what}: {error}"
        self.get_logger().error(self.failure)
        return FAILURE

    def _change_state_or_reject(
        self, request: ChangeState.Request, response: ChangeState.Response
    ) -> ChangeState.Response:
        state = self.state
        try:
            return self._change_state(request, response)
        except Exception as error:  # rclpy's RCLError is not public
            wanted = request.transition.label or request.transition.id
            self.get_logger().error(f"no transition {wanted} from state {state}: {error}")
            response.success = False
            return response

    def _logged(self, step: Step) -> Step:
        """Wraps a transition callback: an exception is logged and leads to `on_error`."""
        name = step.__name__.removeprefix("on_")

        def logged(state: LifecycleState) -> TransitionCallbackReturn:
            with self.changing:
                try:
                    result = step(state)
                except Exception as error:
                    self.fail(f"{name} failed", error)
                    return ERROR
                if result == SUCCESS and name != "error":
                    self.failure = ""
                return result

        return logged

"""A lifecycle node that survives what rclpy's does not.

rclpy's ends its executor with an exception when it is asked for a transition that its state does
not have, and is silent on exceptions raised inside a transition. Neither can be helped from outside
of its internals, which are touched here only.
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


class SteadyLifecycleNode(LifecycleNode):
    """Refuses what it cannot do, and says why a transition failed.

    Attributes:
        failure: why the last transition failed; empty where it did not.
        changing: held while a transition is made, in whatever thread; what must not happen in the
            middle of one takes it too.
    """

    def __init__(self, node_name: str, **options: Any) -> None:
        """Options are those of rclpy's Node."""
        super().__init__(node_name, **options)
        self.failure = ""
        self.changing = threading.RLock()
        self._change_state = self._service_change_state.callback
        self._service_change_state.callback = self._change_state_or_refuse
        for state, step in self._callbacks.items():
            self._callbacks[state] = self._explained(step)

    @property
    def state(self) -> str:
        """The lifecycle's, such as `active`."""
        return str(self._state_machine.current_state[1])

    def fail(self, what: str, error: Exception) -> TransitionCallbackReturn:
        """Logs and keeps why a transition cannot be made; FAILURE, for it to return."""
        self.failure = f"{what}: {error}"
        self.get_logger().error(self.failure)
        return FAILURE

    def _change_state_or_refuse(
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

    def _explained(self, step: Step) -> Step:
        """A transition's step whose exception is logged, and leads to `on_error`."""
        name = step.__name__.removeprefix("on_")

        def explained(state: LifecycleState) -> TransitionCallbackReturn:
            with self.changing:
                try:
                    result = step(state)
                except Exception as error:
                    self.fail(f"{name} went wrong", error)
                    return ERROR
                if result == SUCCESS and name != "error":
                    self.failure = ""
                return result

        return explained

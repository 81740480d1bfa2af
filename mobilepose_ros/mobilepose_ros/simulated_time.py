"""Problems with simulated time: `use_sim_time` needs a /clock, which may be missing."""

from __future__ import annotations

from collections.abc import Callable

from rclpy.node import Node

CLOCK_TOPIC = "/clock"


class SimulatedTime:
    """Watches a node's simulated time."""

    def __init__(self, node: Node, clock: Callable[[], float]) -> None:
        """Starts to watch.

        Args:
            node: to watch.
            clock: steady, s.
        """
        self._node = node
        self._clock = clock
        self._value = 0
        self._since = clock()

    def trouble(self, timeout: float, is_needed: bool = True) -> str:
        """Why simulated time stood still for `timeout` seconds; empty if it did not, or for 0.

        Call it regularly.

        Args:
            timeout: s.
            is_needed: whether time that advanced once and then stopped is a problem too.
        """
        now = self._clock()
        value = self._node.get_clock().now().nanoseconds
        if value != self._value or not self._is_simulated():
            self._value, self._since = value, now
        still = now - self._since
        if not 0 < timeout <= still or (value and not is_needed):
            return ""
        if self._node.count_publishers(CLOCK_TOPIC) == 0:
            return (
                f"use_sim_time is true, but {CLOCK_TOPIC} has no publisher: start the simulation, "
                "play the bag with --clock, or set use_sim_time to false"
            )
        return (
            f"use_sim_time is true, but {CLOCK_TOPIC} stands still for {still:.0f} s: is the "
            "simulation or the bag paused?"
        )

    def _is_simulated(self) -> bool:
        return bool(self._node.get_parameter("use_sim_time").value)

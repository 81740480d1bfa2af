"""How long a subscription has been silent, and why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rclpy.node import Node

from mobilepose_ros.silence import AnySubscription

Explain = Callable[[Node, AnySubscription, float], str]
"""Explains why a subscription has received nothing for this long, s; see `silence`."""


class InputWatch:
    """Records when messages arrive on a subscription.

    Attributes:
        subscription: the one that is watched; None before it exists.
    """

    def __init__(
        self, node: Node, explain: Explain, clock: Callable[[], float], once: bool = False
    ) -> None:
        """Starts watching.

        Args:
            node: owns the subscription.
            explain: finds the reason for a silence.
            clock: steady, s.
            once: whether a single message is enough forever.
        """
        self.subscription: AnySubscription | None = None
        self._node = node
        self._explain = explain
        self._clock = clock
        self._once = once
        self._has_received = False
        self._silent_since = clock()

    def watched(self, take: Callable[..., None]) -> Callable[..., None]:
        """A subscription callback that records when it is called, and calls `take`."""

        def receive(message: Any) -> None:
            self._has_received = True
            self._silent_since = self._clock()
            take(message)

        return receive

    def silence(self, timeout: float) -> str:
        """Why nothing has arrived for `timeout` seconds; empty if something has, or for 0."""
        silent = self._clock() - self._silent_since
        if self.subscription is None or not 0 < timeout <= silent:
            return ""
        if self._once and self._has_received:
            return ""
        return self._explain(self._node, self.subscription, silent)

"""Since when nothing came on a subscription, and why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rclpy.node import Node

from mobilepose_ros.silence import Listening

Explain = Callable[[Node, Listening, float], str]
"""Why nothing came on a subscription for so many seconds; see `silence`."""


class InputWatch:
    """Notes when messages come.

    Attributes:
        subscription: that is watched; None before there is one.
    """

    def __init__(
        self, node: Node, explain: Explain, clock: Callable[[], float], once: bool = False
    ) -> None:
        """Starts to watch.

        Args:
            node: that subscribes.
            explain: looks for the reason of a silence.
            clock: a steady one, s.
            once: whether a single message is enough for good.
        """
        self.subscription: Listening | None = None
        self._node = node
        self._explain = explain
        self._clock = clock
        self._once = once
        self._heard = False
        self._quiet_since = clock()

    def hearing(self, take: Callable[..., None]) -> Callable[..., None]:
        """A subscription's callback that notes when it is called."""

        def heard(message: Any) -> None:
            self._heard = True
            self._quiet_since = self._clock()
            take(message)

        return heard

    def silence(self, timeout: float) -> str:
        """Why nothing came for `timeout` seconds; empty where something did, or for 0."""
        quiet = self._clock() - self._quiet_since
        if self.subscription is None or not 0 < timeout <= quiet or (self._once and self._heard):
            return ""
        return self._explain(self._node, self.subscription, quiet)

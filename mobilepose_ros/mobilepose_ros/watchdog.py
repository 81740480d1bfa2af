"""Periodic checks: missing inputs, losses, time, and other publishers on the node's topics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rclpy.node import Node

from mobilepose_ros.awake_clock import AwakeClock
from mobilepose_ros.processing import Processing
from mobilepose_ros.publisher_watch import PublisherWatch
from mobilepose_ros.reminders import Reminders
from mobilepose_ros.simulated_time import SimulatedTime

NOTABLE_GAP = 3.0
"""Time between two checks above which the node's own standstill is logged, s."""


class Watchdog:
    """Finds what is wrong with the inputs, and logs it.

    Attributes:
        clock: does not advance while this process is suspended.
    """

    def __init__(self, node: Node, ignored: Sequence[str]) -> None:
        """Starts watching.

        Args:
            node: to watch.
            ignored: parameters on the command line that do not apply to it.
        """
        self.clock = AwakeClock()
        self._node = node
        self._ignored = ignored
        self._reminders = Reminders(node.get_logger())
        self._simulated_time = SimulatedTime(node, self.clock.now)
        self._publishers = PublisherWatch(node)

    def check(
        self, processing: Processing | None, output_topics: Sequence[str], timeout: float
    ) -> None:
        """Looks at everything and logs what is wrong; call it a few times per second.

        Args:
            processing: None while the node is inactive or disabled.
            output_topics: full names of the topics that the node publishes.
            timeout: silence above which a missing input is logged, s; 0 never.
        """
        self.check_publishers(processing, output_topics)
        if processing is not None:
            processing.images.count_missing()
        if (gap := self.clock.take_gap()) >= NOTABLE_GAP:
            self._node.get_logger().info(
                f"this node was not running for {gap:.0f} s: it was suspended, or had no CPU"
            )
        missing = self.missing(processing, timeout)
        for kind, reason in missing.items():
            self._reminders.warn(kind, reason)
        if processing is not None and not missing["images"]:
            self._reminders.warn("loss", processing.images.loss())

    def check_publishers(self, processing: Processing | None, output_topics: Sequence[str]) -> None:
        """Checks for other publishers on the node's topics."""
        inputs: list[str] = []
        if processing is not None:
            processing.update_subscriptions()
            inputs = processing.input_topics
        self._publishers.check(inputs, output_topics)

    def missing(self, processing: Processing | None, timeout: float) -> dict[str, str]:
        """Which inputs are missing and why, by kind; empty texts for those that are not."""
        images = locator = boxes = ""
        if processing is not None:
            images = processing.images.check_silence(timeout)
            locator = processing.locator.silence(timeout)
            boxes = "" if processing.boxes is None else processing.boxes.trouble(timeout)
        time = self._simulated_time.trouble(timeout, is_needed=bool(images))
        return {"images": images, "locator": locator, "boxes": boxes, "time": time}

    def trouble(self, processing: Processing | None, missing: Mapping[str, str]) -> str:
        """Everything that is wrong, in one line; empty if nothing is.

        Args:
            processing: see `check`.
            missing: see `missing`; images may be left out.
        """
        troubles = [self._publishers.trouble]
        if processing is not None:
            locator = "" if missing["locator"] else processing.locator.trouble
            troubles += [processing.pipeline.trouble, locator, processing.views.people.trouble]
        return "; ".join(filter(None, [*troubles, *missing.values(), *self._ignored]))

    def reset_gap(self) -> None:
        """Ignores a standstill up to now, such as while a model was loaded."""
        self.clock.take_gap()

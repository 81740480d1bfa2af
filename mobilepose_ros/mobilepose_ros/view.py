"""The node `view`: shows images, joints and the pose node's status in browsers and in Foxglove."""

from __future__ import annotations

import sys

if __name__ == "__main__":  # before the imports below, which take a second
    from mobilepose_ros import programs

    sys.exit(programs.view())

import contextlib
from collections.abc import Sequence
from typing import Any

from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.node import Node

from mobilepose_core.view import PageServer, PageStyle, exposure
from mobilepose_ros import (
    ignored_parameters,
    parameter_table,
    running,
    topics,
    view_foxglove,
    view_inputs,
)
from mobilepose_ros.view_inputs import ViewInputs
from mobilepose_ros.view_parameters import ViewParameters
from mobilepose_ros.view_status import PoseNodeStatus

WATCH_INTERVAL = 0.2
"""Time between two checks of whether somebody looks, s."""


class ViewNode(Node):
    """Shows what the pose node finds, in a process of its own, so that it cannot slow that.

    Without a browser it subscribes to nothing.

    Attributes:
        url: of the page.
    """

    def __init__(self, node_name: str = "view", **options: Any) -> None:
        """Listens for browsers; `options` are those of rclpy's Node.

        Raises:
            ValueError: a parameter or QoS override is invalid, a port is taken, or Foxglove's SDK
                is missing.
        """
        # First, for destroy_node: rclpy calls it for nodes that could not start, too.
        self._servers = contextlib.ExitStack()
        self._inputs: ViewInputs | None = None
        self._status: PoseNodeStatus | None = None
        super().__init__(node_name, **options)
        if invalid := parameter_table.declare(self, ViewParameters):
            raise ValueError("; ".join(invalid.values()))
        self.settings = settings = parameter_table.read(self, ViewParameters)
        view_inputs.check(self, settings)
        style = PageStyle(settings.jpeg_quality, settings.max_side)
        self._sink = view_foxglove.started(settings.host, settings.foxglove_port, style)
        if self._sink is not None:
            self._servers.callback(self._sink.close)
        self._page = PageServer(settings.host, settings.port, style)
        self._servers.callback(self._page.close)
        self.url = self._page.url
        self._title = topics.of_images(self, settings.image_transport)
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self.create_timer(WATCH_INTERVAL, self._watch, clock=steady)
        ignored_parameters.warn_of_ignored(self, options.get("cli_args"))
        self._announce()

    def destroy_node(self) -> None:
        """Ends the servers."""
        self._look_away()
        self._servers.close()
        super().destroy_node()

    def _announce(self) -> None:
        log = self.get_logger()
        log.info(f"{self.url} shows {self._title}")
        if self._sink is not None:
            log.info(f"{self._sink.url} is for Foxglove; layout: {self.url}foxglove-layout.json")
        if warning := exposure(self.settings.host):
            log.warning(warning)

    def _watch(self) -> None:
        if self._page.has_viewers or (self._sink is not None and self._sink.is_watched):
            self._look()
        else:
            self._look_away()

    def _look(self) -> None:
        if self._inputs is None or self._status is None:
            self._status = PoseNodeStatus(self)
            self._inputs = ViewInputs(self, self.settings, self._page, self._sink)
        self._inputs.update()
        self._status.ask()
        status = self._status.now(self._title, self._inputs.fault)
        self._page.tell(status)
        if self._sink is not None:
            self._sink.tell(status, self.get_clock().now().nanoseconds)

    def _look_away(self) -> None:
        if self._inputs is not None:
            self._inputs.destroy()
        if self._status is not None:
            self._status.destroy()
        self._inputs = self._status = None


def main(args: Sequence[str] | None = None) -> int:
    """Runs the node; the exit status is 1 if it cannot start."""
    return running.run(ViewNode, args)

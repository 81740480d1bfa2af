"""Runs launch descriptions, until their processes end or Ctrl-C ends them."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterable

from launch.description import LaunchContext, LaunchDescription, LaunchDescriptionEntity


class LaunchService:
    """Visits all entities, then starts the processes that they ask for."""

    def __init__(self, *, argv: Iterable[str] | None = None) -> None:
        self.context = LaunchContext()
        self.descriptions: list[LaunchDescription] = []

    def include_launch_description(self, launch_description: LaunchDescription) -> None:
        """Adds what is launched."""
        self.descriptions.append(launch_description)

    def visit(self) -> None:
        """Visits all entities; `context.started` has the processes then."""
        for description in self.descriptions:
            _visit(description, self.context)

    def run(self) -> int:
        """Launches; 1 where the launch files are wrong, once all processes have ended."""
        try:
            self.visit()
        except Exception as error:
            print(f"[ERROR] [launch]: Caught exception in launch: {error!r}", flush=True)
            return 1
        signal.signal(signal.SIGINT, lambda *_: None)  # the processes have it from the terminal
        processes = [
            (command, subprocess.Popen(command, env=environment))
            for command, environment in self.context.started
        ]
        for command, process in processes:
            if status := process.wait():
                print(f"[ERROR] process has died [exit code {status}, cmd {command}]", flush=True)
        sys.stdout.flush()
        return 0


def _visit(entity: LaunchDescriptionEntity, context: LaunchContext) -> None:
    for below in entity.visit(context) or []:
        _visit(below, context)

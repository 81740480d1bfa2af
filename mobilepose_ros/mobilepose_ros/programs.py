"""The entry points of the programs: a signal ends them quietly, even while they are importing.

This module imports nothing slow. Once a program's nodes exist, `running` handles the signals.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys

from mobilepose_ros import environment, fastdds

SIGNALS = (signal.SIGINT, signal.SIGTERM)

INTERRUPTED = 130
"""Exit status of a program interrupted by Ctrl-C before its result. Nodes exit with 0."""


def pose_node() -> int:
    """Runs the pose node; returns the exit status."""
    return _run("pose_node", 0)


def person_follower() -> int:
    """Runs the person follower; returns the exit status."""
    return _run("person_follower", 0)


def hri_bridge() -> int:
    """Runs the ROS4HRI bridge; returns the exit status."""
    return _run("hri_bridge", 0)


def view() -> int:
    """Runs the live view; returns the exit status."""
    return _run("view", 0)


def camera_node() -> int:
    """Runs the camera node; returns the exit status."""
    return _run("camera_node", 0)


def health() -> int:
    """Asks a node how it is; returns the exit status."""
    return _run("health", INTERRUPTED)


def demo() -> int:
    """Runs the demo; returns the exit status."""
    return _run("demo", INTERRUPTED)


def _run(name: str, interrupted: int) -> int:
    """Runs the `main` of a module; a signal during startup exits with status `interrupted`."""
    for number in SIGNALS:
        signal.signal(number, lambda *_: os._exit(interrupted))
    for warning in environment.warnings(os.environ):
        print(f"{name}: {warning}", file=sys.stderr)
    if problem := environment.problem(os.environ, sys.argv, sys.prefix):
        sys.exit(f"{name}: {problem}")
    fastdds.set_profile()
    try:
        return int(importlib.import_module(f"mobilepose_ros.{name}").main())
    finally:
        for number in SIGNALS:  # a signal during shutdown would change the exit status
            signal.signal(number, signal.SIG_IGN)

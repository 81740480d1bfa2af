"""The programs' entry points: signals end them quietly before their imports are done, too.

Nothing is imported here that takes time. Once a program's nodes are there, `running` answers the
signals.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys

from mobilepose_ros import environment, fastdds

SIGNALS = (signal.SIGINT, signal.SIGTERM)

INTERRUPTED = 130
"""Exit status of a program that Ctrl-C keeps from its result; nodes end with 0, as is expected."""


def pose_node() -> int:
    """Runs the pose node; returns the exit status."""
    return _run("pose_node", 0)


def camera_node() -> int:
    """Runs the camera node; returns the exit status."""
    return _run("camera_node", 0)


def demo() -> int:
    """Runs the demo; returns the exit status."""
    return _run("demo", INTERRUPTED)


def _run(name: str, interrupted: int) -> int:
    """Runs the `main` of a module; a signal at once ends with the exit status `interrupted`."""
    for number in SIGNALS:
        signal.signal(number, lambda *_: os._exit(interrupted))
    for warning in environment.warnings(os.environ):
        print(f"{name}: {warning}", file=sys.stderr)
    if problem := environment.problem(os.environ, sys.argv, sys.prefix):
        sys.exit(f"{name}: {problem}")
    fastdds.make_room()
    try:
        return int(importlib.import_module(f"mobilepose_ros.{name}").main())
    finally:
        for number in SIGNALS:  # one while the interpreter ends would make a failure of it
            signal.signal(number, signal.SIG_IGN)

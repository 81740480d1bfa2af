"""How the programs run their nodes: until Ctrl-C, SIGTERM or a node's own end, and then quietly.

Nodes start and spin on a thread of their own, so that the main one gets the signals at once, and
ROS is still there while the nodes end.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import rclpy
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.node import Node
from rclpy.signals import SignalHandlerOptions
from rclpy.utilities import try_shutdown

from mobilepose_ros.programs import SIGNALS

Made = TypeVar("Made", bound=Node)

GRACE = 0.5
"""Time that a callback has to end after a signal, s; loading a model cannot be interrupted."""


class Stop(threading.Event):
    """Set once the program has to end.

    Attributes:
        failed: it ends because something broke.
        interrupted: it ends because of a signal.
    """

    failed = False
    interrupted = False

    def interrupt(self, *_: object) -> None:
        """Ends the program, as a signal does."""
        self.interrupted = True
        self.set()

    def fail(self) -> None:
        """Ends the program because something broke."""
        self.failed = True
        self.set()


@contextlib.contextmanager
def ros(args: Sequence[str] | None = None) -> Iterator[Stop]:
    """ROS for a whole program: its `Stop` is set by Ctrl-C and SIGTERM.

    Args:
        args: the command line; `sys.argv` by default.

    Raises:
        SystemExit: with one line for arguments that ROS does not understand.
    """
    stop = Stop()
    before = {number: signal.signal(number, stop.interrupt) for number in SIGNALS}
    try:
        try:
            rclpy.init(
                args=None if args is None else list(args),
                signal_handler_options=SignalHandlerOptions.NO,
            )
        except Exception as error:  # rclpy's own exceptions share no public base class
            sys.exit(f"ROS cannot start: {error}")
        yield stop
    finally:
        try_shutdown()
        for number, handler in before.items():
            signal.signal(number, handler)


def made(make: Callable[[], Made]) -> Made:
    """A program's node.

    Raises:
        SystemExit: with one line where it cannot be made.
    """
    try:
        return make()
    except Exception as error:  # rclpy's own exceptions share no public base class
        sys.exit(f"the node cannot start: {error}")


@contextlib.contextmanager
def spinning(stop: Stop, *nodes: Node, begin: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Spins nodes, for as long as the block runs; an exception in a callback sets `stop`.

    Args:
        stop: the program's. Where a signal set it and a callback does not end within `GRACE`, so
            does the process.
        nodes: to spin.
        begin: what the nodes do before they spin.
    """
    executor = SingleThreadedExecutor()
    for node in nodes:
        executor.add_node(node)
    ending = threading.Event()
    bell = nodes[0].create_guard_condition(lambda: None)  # wake() alone does not end spin_once()

    def spin() -> None:
        try:
            begin()
            while not ending.is_set():
                executor.spin_once()
        except ExternalShutdownException:
            stop.set()
        except Exception as error:
            nodes[0].get_logger().fatal(f"a callback failed: {error!r}")
            stop.fail()

    thread = threading.Thread(target=spin, name="executor")
    thread.start()
    try:
        yield
    finally:
        ending.set()
        bell.trigger()
        thread.join(GRACE if stop.interrupted else None)
        if thread.is_alive():
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(0)
        executor.shutdown()

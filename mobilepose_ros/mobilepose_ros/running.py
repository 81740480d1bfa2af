"""Runs the nodes of a program until Ctrl-C, SIGTERM or the end of a node, and exits quietly.

Nodes start and spin on a separate thread. So the main thread receives signals immediately, and ROS
is still available while the nodes are destroyed.
"""

from __future__ import annotations

import argparse
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
from rclpy.utilities import remove_ros_args, try_shutdown

from mobilepose_ros.programs import SIGNALS

Made = TypeVar("Made", bound=Node)

GRACE = 0.5
"""Time for a callback to return after a signal, s; loading a model cannot be interrupted."""


class Stop(threading.Event):
    """Set when the program has to end.

    Attributes:
        failed: whether an error is the reason.
        interrupted: whether a signal is the reason.
    """

    failed = False
    interrupted = False

    def interrupt(self, *_: object) -> None:
        """Ends the program; the signal handler, for the first signal alone.

        Those that follow at once would call it in the middle of itself, deeper and deeper.
        """
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        self.interrupted = True
        self.set()

    def fail(self) -> None:
        """Ends the program because of an error."""
        self.failed = True
        self.set()


def parsed(parser: argparse.ArgumentParser, command: Sequence[str]) -> argparse.Namespace:
    """A program's own options.

    Args:
        parser: of them.
        command: the command line, with the program's name and ROS's arguments.

    Raises:
        SystemExit: with status 2, for options or ROS arguments that are not understood.
    """
    try:
        own = remove_ros_args(list(command))[1:]
    except Exception as error:  # rclpy's exceptions share no public base class
        parser.error(f"ROS cannot start: {error}")
    return parser.parse_args(own)


@contextlib.contextmanager
def ros(args: Sequence[str] | None = None) -> Iterator[Stop]:
    """Initialises ROS for a program; Ctrl-C and SIGTERM set the returned `Stop`.

    Args:
        args: the command line; `sys.argv` by default.

    Raises:
        SystemExit: invalid ROS arguments; with one line of explanation.
    """
    stop = Stop()
    before = {number: signal.signal(number, stop.interrupt) for number in SIGNALS}
    try:
        try:
            rclpy.init(
                args=None if args is None else list(args),
                signal_handler_options=SignalHandlerOptions.NO,
            )
        except Exception as error:  # rclpy's exceptions share no public base class
            sys.exit(f"ROS cannot start: {error}")
        yield stop
    finally:
        try_shutdown()
        for number, handler in before.items():
            signal.signal(number, handler)


def made(make: Callable[[], Made]) -> Made:
    """Creates a program's node.

    Raises:
        SystemExit: it cannot be created; with one line of explanation.
    """
    try:
        return make()
    except Exception as error:  # rclpy's exceptions share no public base class
        sys.exit(f"the node cannot start: {error}")


@contextlib.contextmanager
def spinning(stop: Stop, *nodes: Node, begin: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Spins nodes while the block runs; an exception in a callback sets `stop`.

    Args:
        stop: of the program. If a signal set it and a callback does not return within `GRACE`, the
            process exits.
        nodes: to spin.
        begin: called on the executor's thread before the nodes spin.
    """
    executor = SingleThreadedExecutor()
    for node in nodes:
        executor.add_node(node)
    ending = threading.Event()
    wake = nodes[0].create_guard_condition(lambda: None)  # wake() alone does not end spin_once()

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
        wake.trigger()
        thread.join(GRACE if stop.interrupted else None)
        if thread.is_alive():
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(0)
        executor.shutdown()


def run(
    make: Callable[[], Made],
    args: Sequence[str] | None = None,
    begin: Callable[[Made], bool] = lambda node: True,
) -> int:
    """Runs a program's node until it is told to end.

    Args:
        make: creates the node.
        args: of the command line.
        begin: called with the node on the executor's thread before it spins; false if it cannot
            start.

    Returns:
        The exit status: 1 if the node could not start.
    """
    with ros(args) as stop:
        node = made(make)

        def start() -> None:
            if not begin(node):
                stop.fail()

        with spinning(stop, node, begin=start):
            stop.wait()
        node.destroy_node()
        return int(stop.failed)

"""Fast DDS's discovery servers: what ROS_DISCOVERY_SERVER names, and whether anything is there.

This module imports nothing slow.
"""

from __future__ import annotations

import contextlib
import re
import socket
import threading
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

from mobilepose_ros import fastdds

VARIABLE = "ROS_DISCOVERY_SERVER"
"""Environment variable with the servers of a process."""

RANGE = "ROS_AUTOMATIC_DISCOVERY_RANGE"

PORT, TCP_PORT = 11811, 42100
"""Ports that Fast DDS takes where none is given."""

EXAMPLE = "10.0.0.5:11811, or 10.0.0.5:11811;10.0.0.6:11811 for two"

_LOCATION = re.compile(
    r"(?:(?P<kind>UDPv[46]|TCPv[46]):)?"
    r"(?:\[(?P<bracketed>[\w.:-]+)\]|(?P<host>[A-Za-z0-9][\w.-]*))"
    r"(?::(?P<port>\d+))?"
)

LOOK_UP_WAIT = 0.5
"""Longest time that a call waits for the addresses of hosts, s; a look-up may take much longer."""

LOOK_UP_INTERVAL = 10.0
"""Time after which a failed look-up is repeated, s."""

_EMPTY_MESSAGE = b"RTPS\x02\x03\x01\x0f" + bytes(12)
"""Header of an RTPS message without content, which participants ignore."""


class Server(NamedTuple):
    """A discovery server.

    Attributes:
        number: its position in the list, which is the ID that it must have.
        host: name or address.
        port: of UDP, or of TCP.
        is_tcp: which of them.
    """

    number: int
    host: str
    port: int
    is_tcp: bool

    @property
    def command(self) -> str:
        """What starts it on its host."""
        option = "-q" if self.is_tcp else "-p"
        return f"fastdds discovery -i {self.number} {option} {self.port}"


def servers(text: str) -> list[Server]:
    """The servers that a value of the variable names.

    Args:
        text: locations separated by semicolons; one that is empty leaves its ID out.

    Raises:
        ValueError: Fast DDS could not read it, and would use no server.
    """
    found = []
    for number, location in enumerate(text.split(";")):
        if not location:
            continue
        match = _LOCATION.fullmatch(location)
        is_tcp = match is not None and (match["kind"] or "").startswith("TCP")
        port = int((match and match["port"]) or (TCP_PORT if is_tcp else PORT))
        if match is None or not 0 < port < 2**16:
            raise ValueError(f"{location!r} is no discovery server; expected {EXAMPLE}")
        found.append(Server(number, match["bracketed"] or match["host"], port, is_tcp))
    if not found:
        raise ValueError(f"{text!r} names no discovery server; expected {EXAMPLE}")
    return found


def is_used(environment: Mapping[str, str]) -> bool:
    """Whether a process finds others by a discovery server."""
    return bool(environment.get(VARIABLE)) and not warnings(environment)


def warnings(environment: Mapping[str, str]) -> list[str]:
    """Why no discovery server is used though the variable names one, and what to do."""
    if not (text := environment.get(VARIABLE)):
        return []
    if not fastdds.is_in_use(environment):
        return [
            f"{VARIABLE} is of Fast DDS, but RMW_IMPLEMENTATION is "
            f"{environment['RMW_IMPLEMENTATION']}, which ignores it: unset one of them"
        ]
    try:
        servers(text)
    except ValueError as error:
        return [f"{VARIABLE}: {error}"]
    if environment.get(RANGE) == "OFF":
        return [f"{RANGE} is OFF, with which no node is found at {VARIABLE} either: unset it"]
    return []


def list_command(environment: Mapping[str, str]) -> str:
    """What lists all topics: with a discovery server, nodes know only topics of their own."""
    if not is_used(environment):
        return "ros2 topic list -t"
    return "ROS_SUPER_CLIENT=TRUE ros2 topic list -t --no-daemon --spin-time 3"


class LookUp(threading.Thread):
    """Looks up a server's address and connects to it, in the background.

    Attributes:
        began: s of a steady clock.
        connection: a UDP socket; None until the end, and after a failure.
        problem: why it failed, until the end why the one before did; empty after a success.
    """

    def __init__(self, server: Server, began: float, problem: str) -> None:
        """Starts at a time, s, after another one that may have failed."""
        super().__init__(name="look-up", daemon=True)  # a process that ends does not wait for it
        self.began = began
        self.connection: socket.socket | None = None
        self.problem = problem
        self._server = server
        self.start()

    def can_be_repeated(self, now: float) -> bool:
        """Whether it failed, and long enough ago."""
        has_failed = bool(self.problem) and not self.is_alive()
        return has_failed and now - self.began >= LOOK_UP_INTERVAL

    def run(self) -> None:
        """Sets the attributes."""
        try:
            kind, _, _, _, address = socket.getaddrinfo(
                self._server.host, self._server.port, type=socket.SOCK_DGRAM
            )[0]
            with contextlib.ExitStack() as undo:
                made = undo.enter_context(socket.socket(kind, socket.SOCK_DGRAM))
                made.setblocking(False)
                made.connect(address)
                undo.pop_all()
            self.connection, self.problem = made, ""
        except OSError as error:
            self.problem = error.strerror or str(error)
        except UnicodeError as error:  # an empty part between two points, or a very long one
            self.problem = f"invalid name of a host: {error}"


class Probe:
    """Whether anything listens at a process's discovery servers; never waits for an answer.

    A host that is there refuses what is sent to a port that nobody has, and the next call knows. A
    firewall may hide that.
    """

    def __init__(self, text: str, clock: Callable[[], float] = time.monotonic) -> None:
        """Sends nothing yet.

        Args:
            text: value of the variable.
            clock: steady, s.

        Raises:
            ValueError: see `servers`.
        """
        self._clock = clock
        self._servers = [server for server in servers(text) if not server.is_tcp]
        self._look_ups: dict[Server, LookUp] = {}

    def missing(self) -> dict[Server, str]:
        """Servers at which nothing listens, and why, as far as earlier calls have shown.

        A host whose address is still looked up is left out.
        """
        self._look_up()
        problems = {server: self._problem(look_up) for server, look_up in self._look_ups.items()}
        return {server: problem for server, problem in problems.items() if problem}

    def _look_up(self) -> None:
        """Looks up what is not known, again after a failure, and waits for it for a moment."""
        now, begun = self._clock(), []
        for server in self._servers:
            last = self._look_ups.get(server)
            if last is None or last.can_be_repeated(now):
                problem = "" if last is None else last.problem
                self._look_ups[server] = LookUp(server, now, problem)
                begun.append(self._look_ups[server])
        deadline = time.monotonic() + LOOK_UP_WAIT
        for look_up in begun:
            look_up.join(max(0.0, deadline - time.monotonic()))

    def _problem(self, look_up: LookUp) -> str:
        """Why nothing listens at a server; empty if that is unknown, or not so."""
        if look_up.connection is None:
            return look_up.problem
        try:
            look_up.connection.send(_EMPTY_MESSAGE)
        except OSError as error:  # of the last message: this one was not sent
            with contextlib.suppress(OSError):
                look_up.connection.send(_EMPTY_MESSAGE)
            return error.strerror or str(error)
        return ""

    def close(self) -> None:
        """Closes the sockets."""
        for look_up in self._look_ups.values():
            if look_up.connection is not None:
                look_up.connection.close()


def hint(text: str, missing: Mapping[Server, str]) -> str:
    """What to check where no other node is visible.

    Args:
        text: value of the variable.
        missing: see `Probe.missing`.
    """
    shown = f"no other node is visible: {VARIABLE} is {text} here"
    if not missing:
        return (
            f"{shown}; does the server run there, can this host reach it, and does the camera use "
            "the same?"
        )
    reasons = [
        f"nothing answers at {server.host}:{server.port} ({why}): start `{server.command}` there"
        for server, why in missing.items()
    ]
    return f"{shown}, and {', and '.join(reasons)}"

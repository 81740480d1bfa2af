"""Fast DDS's discovery servers: what ROS_DISCOVERY_SERVER names, and whether anything is there.

This module imports nothing slow.
"""

from __future__ import annotations

import contextlib
import re
import socket
from collections.abc import Mapping
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


class Probe:
    """Whether anything listens at a process's discovery servers; never waits for an answer.

    A host that is there refuses what is sent to a port that nobody has, and the next call knows. A
    firewall may hide that.
    """

    def __init__(self, text: str) -> None:
        """Sends nothing yet.

        Args:
            text: value of the variable.
        """
        self._sockets: dict[Server, socket.socket] = {}
        self._problems: dict[Server, str] = {}
        for server in servers(text):
            if not server.is_tcp:
                self._connect(server)

    def _connect(self, server: Server) -> None:
        try:
            kind, _, _, _, address = socket.getaddrinfo(
                server.host, server.port, type=socket.SOCK_DGRAM
            )[0]
            made = socket.socket(kind, socket.SOCK_DGRAM)
            made.setblocking(False)
            made.connect(address)
            self._sockets[server] = made
        except OSError as error:
            self._problems[server] = error.strerror or str(error)

    def missing(self) -> dict[Server, str]:
        """Servers at which nothing listens, and why, as far as earlier calls have shown."""
        for server, connection in self._sockets.items():
            self._problems.pop(server, None)
            try:
                connection.send(_EMPTY_MESSAGE)
            except OSError as error:  # of the last message: this one was not sent
                self._problems[server] = error.strerror or str(error)
                with contextlib.suppress(OSError):
                    connection.send(_EMPTY_MESSAGE)
        return dict(self._problems)

    def close(self) -> None:
        """Closes the sockets."""
        for connection in self._sockets.values():
            connection.close()


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

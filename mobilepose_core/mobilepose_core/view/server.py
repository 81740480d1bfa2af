"""`PageServer`: the live page over HTTP.

Python's own server is enough: a few browsers that ask again and again (long polling), which is
ordinary HTTP, so that a slow one holds up nobody but itself and a lost one ends with its
connection. aiohttp or websockets would be dependencies of the node for the same.
"""

from __future__ import annotations

import contextlib
import errno
import socket
import sys
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import resources
from socketserver import TCPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from mobilepose_core.view import address
from mobilepose_core.view.feed import ViewFeed
from mobilepose_core.view.frames import ViewedFrame, ViewStatus
from mobilepose_core.view.page_data import PageStyle

CONTENT = {
    "/": ("index.html", "text/html; charset=utf-8"),
    "/view.js": ("view.js", "text/javascript; charset=utf-8"),
    "/view.css": ("view.css", "text/css; charset=utf-8"),
    "/icon.svg": ("icon.svg", "image/svg+xml"),
    "/foxglove-layout.json": ("foxglove-layout.json", "application/json"),
}
"""Files of the page and their types, by path."""

NEXT = "/next"

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Content-Security-Policy: the page loads its own files, and no other site embeds it."""

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}

TIMEOUT = 10.0
"""Longest time that a connection may be idle, or take to accept an answer, s."""

END_INTERVAL = 0.1
"""Time between two checks of whether the server has to end, s."""

MAX_CONNECTIONS = 64
"""More at the same time are closed at once: each has a thread."""


class PageServer:
    """Shows the newest frame to every browser that opens the page.

    Attributes:
        url: of the page.
    """

    def __init__(
        self,
        host: str = address.DEFAULT_HOST,
        port: int = address.DEFAULT_PORT,
        style: PageStyle | None = None,
    ) -> None:
        """Listens.

        Args:
            host: address to listen on.
            port: to listen on; 0 takes a free one.
            style: of the images.

        Raises:
            ValueError: the port is taken, or the address is not this machine's.
        """
        self._feed = ViewFeed(style)
        self._server = _Server(host, port, self._feed)
        self.url = f"http://{address.shown(host)}:{self._server.server_port}/"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(END_INTERVAL,), name="view", daemon=True
        )
        self._thread.start()

    @property
    def has_viewers(self) -> bool:
        """Whether a browser shows the page."""
        return self._feed.has_viewers

    @property
    def wants_frame(self) -> bool:
        """Whether a browser waits for the next frame now."""
        return self._feed.wants_frame

    def show(self, frame: ViewedFrame) -> None:
        """Replaces the frame that is shown; never waits, and encodes nothing."""
        self._feed.show(frame)

    def tell(self, status: ViewStatus) -> None:
        """Replaces the status that is shown."""
        self._feed.tell(status)

    def close(self) -> None:
        """Ends all connections and threads."""
        self._feed.close()
        self._server.shutdown()
        self._server.end_connections()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    """Keeps track of its connections, so that they can be ended."""

    daemon_threads = False  # server_close() waits for them

    def __init__(self, host: str, port: int, feed: ViewFeed) -> None:
        self.feed = feed
        self.is_local = address.is_loopback(host)
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()
        if ":" in host:
            self.address_family = socket.AF_INET6
        try:
            super().__init__((host, port), _Request)
        except OSError as error:
            raise ValueError(_complaint(host, port, error)) from error

    def server_bind(self) -> None:
        """Without the look-up of the machine's name that HTTPServer does, which may take long."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        """Begins a thread for a connection."""
        with self._lock:
            is_full = len(self._connections) >= MAX_CONNECTIONS
            if not is_full:
                self._connections.add(request)
        if is_full:
            super().shutdown_request(request)
        else:
            super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Ends a connection."""
        with self._lock:
            self._connections.discard(request)
        super().shutdown_request(request)

    def end_connections(self) -> None:
        """Wakes the threads of all connections, which end then."""
        with self._lock:
            for connection in self._connections:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Is silent about browsers that leave in the middle of an answer."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class _Request(BaseHTTPRequestHandler):
    """Answers the requests of one connection."""

    server: _Server
    protocol_version = "HTTP/1.1"
    server_version = "mobilepose"
    sys_version = ""
    timeout = TIMEOUT
    disable_nagle_algorithm = True  # which would hold back an answer for 40 ms

    def do_GET(self) -> None:
        """Answers with the page's files, and with the next frame."""
        host = address.host_of(self.headers.get("Host", ""))
        if self.server.is_local and not address.is_loopback(host):
            self._refuse(HTTPStatus.FORBIDDEN, "this page is for browsers of this machine")
            return
        url = urlsplit(self.path)
        if url.path == NEXT and self.command == "HEAD":  # which is no viewer, and does not wait
            self._answer(None, "application/octet-stream")
        elif url.path == NEXT:
            known = parse_qs(url.query)
            numbers = [_whole(known.get(name, ["0"])[0]) for name in ("frame", "status")]
            self._answer(self.server.feed.next(*numbers), "application/octet-stream")
        elif url.path in CONTENT:
            name, kind = CONTENT[url.path]
            file = resources.files("mobilepose_core.view") / "page" / name
            self._answer(file.read_bytes(), kind)
        else:
            self._refuse(HTTPStatus.NOT_FOUND, "no such page")

    def do_HEAD(self) -> None:
        """Answers as to GET, without the body."""
        self.do_GET()

    def _answer(
        self,
        body: bytes | None,
        kind: str,
        status: HTTPStatus = HTTPStatus.OK,
        is_last: bool = False,
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        if body is not None:
            self.send_header("Content-Length", str(len(body)))
        for name, value in HEADERS.items():
            self.send_header(name, value)
        if is_last:
            self.send_header("Connection", "close")
        self.end_headers()
        if body is not None and self.command != "HEAD":
            self.wfile.write(body)

    def _refuse(self, status: HTTPStatus, reason: str) -> None:
        self._answer(f"{reason}\n".encode(), "text/plain; charset=utf-8", status, is_last=True)

    def log_message(self, format: str, *args: Any) -> None:
        """Logs no requests."""


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else 0


def _complaint(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"port {port} on {host} is taken, by another view perhaps; give another, or 0 for any"
        )
    if error.errno == errno.EACCES:
        return f"port {port} needs root; give one of 1024 or more"
    return f"cannot listen on {host!r}, port {port}: {error.strerror or error}"

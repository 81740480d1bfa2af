"""Headless Chromium: opens a page, asks it things and photographs it.

It is told what to do by the DevTools protocol over a pipe, which needs no port and no package.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np

from mobilepose_core.typing import ImageArray

NAMES = ("chromium", "chromium-browser", "google-chrome")

FLAGS = (
    "--headless",
    "--remote-debugging-pipe",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--hide-scrollbars",
)

TIMEOUT = 30.0
"""Longest time for an answer or a condition, s."""


def program() -> str | None:
    """The path of Chromium; None where it is not installed."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Page:
    """A page in a running browser.

    Attributes:
        complaints: what the page has written to its console as errors.
    """

    def __init__(self, out: int, into: int) -> None:
        """Takes the ends of the pipes: written to, and read from."""
        self._out, self._in = out, into
        self._received = b""
        self._number = 0
        self._session = ""
        self.complaints: list[str] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def open(self, url: str, size: tuple[int, int] = (1280, 800), is_dark: bool = False) -> None:
        """Opens an address in a window of width and height, pixels."""
        width, height = size
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if is_dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])
        self._navigate("about:blank")  # the former page may still complain
        self.complaints.clear()
        self._navigate(url)

    def _navigate(self, url: str) -> None:
        failure = self.call("Page.navigate", url=url).get("errorText")
        if failure:
            raise RuntimeError(f"{url}: {failure}")
        self.wait(f"location.href == {json.dumps(url)} && document.readyState == 'complete'")

    def ask(self, expression: str) -> Any:
        """The value of an expression in JavaScript."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def wait(self, expression: str) -> Any:
        """The value of an expression once it is true.

        Raises:
            TimeoutError: it does not become true.
        """
        deadline = time.monotonic() + TIMEOUT
        while not (value := self.ask(expression)):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{expression} did not become true; {self.complaints}")
            time.sleep(0.05)
        return value

    def photograph(self) -> ImageArray:
        """(H, W, 3) BGR of what the window shows."""
        data = base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"])
        picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
        return np.asarray(picture, np.uint8)

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """The result of a method of the DevTools protocol."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        deadline = time.monotonic() + TIMEOUT
        while True:
            answer = self._next(deadline)
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                result: dict[str, Any] = answer["result"]
                return result
            self._note(answer)

    def _note(self, event: dict[str, Any]) -> None:
        entry = event.get("params", {}).get("entry", {})
        if event.get("method") == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(event["params"]["exceptionDetails"]))
        elif entry.get("level") == "error":
            self.complaints.append(f"{entry['text']} {entry.get('url', '')}")

    def _next(self, deadline: float) -> dict[str, Any]:
        while b"\0" not in self._received:
            ready, _, _ = select.select([self._in], [], [], max(0, deadline - time.monotonic()))
            data = os.read(self._in, 1 << 20) if ready else b""
            if not data:
                raise TimeoutError("the browser does not answer")
            self._received += data
        text, _, self._received = self._received.partition(b"\0")
        message: dict[str, Any] = json.loads(text)
        return message


@contextlib.contextmanager
def browser() -> Iterator[Page]:
    """Runs Chromium while the block runs.

    Raises:
        FileNotFoundError: it is not installed.
    """
    path = program()
    if path is None:
        raise FileNotFoundError(f"no browser: install one of {', '.join(NAMES)}")
    flags = [*FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        (their_in, our_out), (our_in, their_out) = os.pipe(), os.pipe()
        # Chromium reads from descriptor 3, and writes to 4.
        shell = f'exec "$0" "$@" 3<&{their_in} 4>&{their_out}'
        process = subprocess.Popen(
            ["bash", "-c", shell, path, *flags, f"--user-data-dir={profile}", "about:blank"],
            pass_fds=(their_in, their_out),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(their_in)
        os.close(their_out)
        try:
            page = Page(our_out, our_in)
            yield page
            with contextlib.suppress(OSError, TimeoutError):
                page.call("Browser.close")
        finally:
            os.close(our_out)
            os.close(our_in)
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

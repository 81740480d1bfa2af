"""`ViewFeed`: the newest frame, for as many browsers as ask for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from mobilepose_core.view import page_data
from mobilepose_core.view.frames import ViewedFrame, ViewStatus
from mobilepose_core.view.page_data import PageFrame, PageStyle

WAIT = 1.0
"""Longest time until a browser that waits is answered without a new frame, s."""

LINGER = 2.0
"""Time after a browser's last request for which it still counts as a viewer, s."""


class ViewFeed:
    """Hands each browser the newest frame that it does not have yet; no queue grows.

    A browser asks for the next frame when it has shown the last one, so that a slow one misses
    frames and delays nobody. Nothing is encoded unless a browser asks.
    """

    def __init__(
        self, style: PageStyle | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Starts without a frame.

        Args:
            style: of the images.
            clock: steady, s.
        """
        self._style = style or PageStyle()
        self._clock = clock
        self._changed = threading.Condition()
        self._frame: PageFrame | None = None
        self._frames = 0
        self._status = ViewStatus()
        self._statuses = 1
        self._waiting = 0
        self._last_request = -LINGER
        self._is_closed = False

    @property
    def has_viewers(self) -> bool:
        """Whether a browser shows the page."""
        with self._changed:
            return self._waiting > 0 or self._clock() - self._last_request < LINGER

    @property
    def wants_frame(self) -> bool:
        """Whether a browser waits for the next frame now."""
        with self._changed:
            return self._waiting > 0

    def show(self, frame: ViewedFrame) -> None:
        """Replaces the frame; never waits."""
        with self._changed:
            self._frames += 1
            self._frame = PageFrame(self._frames, frame, self._style)
            self._changed.notify_all()

    def tell(self, status: ViewStatus) -> None:
        """Replaces the status; never waits."""
        with self._changed:
            if status != self._status:
                self._status = status
                self._statuses += 1

    def next(self, frame: int, status: int) -> bytes:
        """An answer to a browser; see `page_data.message`.

        It waits up to `WAIT` for a frame, and is without one where none came.

        Args:
            frame: number of the frame that the browser has; 0 for none.
            status: likewise of the status.
        """
        newest, told, number = self._wait(frame)
        head: dict[str, object] = {"frame": frame, "status": number}
        if status != number:
            head["about"] = page_data.status(told)
        if newest is None:
            return page_data.message(head)
        people, picture = newest.encoded()
        return page_data.message({**head, **people, "frame": newest.number}, picture)

    def _wait(self, known: int) -> tuple[PageFrame | None, ViewStatus, int]:
        """The newest frame other than the known one, None if there is none in time; the status."""
        with self._changed:
            self._waiting += 1
            try:
                self._changed.wait_for(lambda: self._is_closed or self._is_new(known), WAIT)
            finally:
                self._waiting -= 1
                self._last_request = self._clock()
            newest = self._frame if self._is_new(known) else None
            return newest, self._status, self._statuses

    def _is_new(self, known: int) -> bool:
        return self._frame is not None and self._frame.number != known

    def close(self) -> None:
        """Ends all waiting."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()

"""Hand-off of frames from the subscription to the inference thread: the newest frame wins."""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

Item = TypeVar("Item")


class FrameSlot(Generic[Item]):
    """Room for one frame: a newer one takes the place of one that nobody has fetched yet.

    Attributes:
        dropped: frames that were replaced by a newer one.
    """

    def __init__(self) -> None:
        self.dropped = 0
        self._item: Item | None = None
        self._closed = False
        self._changed = threading.Condition()

    def put(self, item: Item) -> None:
        """Leaves a frame for `take`; never waits. Does nothing once the slot is closed."""
        with self._changed:
            if self._closed:
                return
            self.dropped += self._item is not None
            self._item = item
            self._changed.notify()

    def take(self) -> Item | None:
        """Waits for a frame and fetches it; None once the slot is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._item is not None)
            item, self._item = self._item, None
            return None if self._closed else item

    def close(self) -> None:
        """Ends all waiting, and drops the frame that is still there."""
        with self._changed:
            self._closed = True
            self._item = None
            self._changed.notify_all()

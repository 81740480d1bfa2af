"""Hand-off of frames from the subscription to the inference thread: the newest frame wins."""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

Item = TypeVar("Item")


class FrameSlot(Generic[Item]):
    """Room for one frame: a newer one takes the place of one that nobody has fetched yet.

    Attributes:
        closed: whether it takes and gives nothing any more.
    """

    def __init__(self) -> None:
        self.closed = False
        self._item: Item | None = None
        self._changed = threading.Condition()

    def put(self, item: Item) -> bool:
        """Leaves a frame for `take`; never waits. Does nothing once the slot is closed.

        Returns:
            Whether one that nobody had fetched yet was dropped for it.
        """
        with self._changed:
            if self.closed:
                return False
            is_dropped = self._item is not None
            self._item = item
            self._changed.notify()
            return is_dropped

    def take(self) -> Item | None:
        """Waits for a frame and fetches it; None once the slot is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self.closed or self._item is not None)
            item, self._item = self._item, None
            return None if self.closed else item

    @property
    def ends_waiting(self) -> bool:
        """Whether there is a newer frame than the one that was fetched last, or none will come."""
        return self.closed or self._item is not None

    def close(self) -> bool:
        """Ends all waiting, and drops the frame that is still there; whether there was one."""
        with self._changed:
            self.closed = True
            is_dropped, self._item = self._item is not None, None
            self._changed.notify_all()
            return is_dropped

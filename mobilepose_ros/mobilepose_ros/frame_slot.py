"""Hand-over of frames from the subscription to the inference thread: the newest frame wins."""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

Item = TypeVar("Item")


class FrameSlot(Generic[Item]):
    """Holds one frame; a newer one replaces it until it is taken.

    Attributes:
        closed: whether the slot is closed.
    """

    def __init__(self) -> None:
        self.closed = False
        self._item: Item | None = None
        self._changed = threading.Condition()

    def put(self, item: Item) -> bool:
        """Stores a frame; never blocks. Does nothing once the slot is closed.

        Returns:
            Whether it replaced a frame that was not taken.
        """
        with self._changed:
            if self.closed:
                return False
            is_replaced = self._item is not None
            self._item = item
            self._changed.notify()
            return is_replaced

    def take(self) -> Item | None:
        """Waits for a frame and removes it; None once the slot is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self.closed or self._item is not None)
            item, self._item = self._item, None
            return None if self.closed else item

    @property
    def ends_waiting(self) -> bool:
        """Whether there is a newer frame than the one taken last, or the slot is closed."""
        return self.closed or self._item is not None

    def close(self) -> bool:
        """Ends all waiting and drops the stored frame; returns whether there was one."""
        with self._changed:
            self.closed = True
            is_dropped, self._item = self._item is not None, None
            self._changed.notify_all()
            return is_dropped

"""The newest messages of a topic, found by their stamps: what belongs to an image."""

from __future__ import annotations

import time
from collections import deque
from typing import Any, Generic, NamedTuple, TypeVar

from builtin_interfaces.msg import Time

from mobilepose_ros.stamps import SECOND, nanoseconds

Message = TypeVar("Message", bound=Any)

SAME = SECOND // 1000
"""Stamps so near are of one moment, ns: drivers round them."""

AHEAD = 2 * SECOND
"""A message farther ahead of an image is of a clock before it was set back, ns."""


class Kept(NamedTuple, Generic[Message]):
    """A message, its stamp in ns, and when it came in, s of a steady clock."""

    message: Message
    stamp: int
    arrival: float


class RecentMessages(Generic[Message]):
    """Keeps the last messages. `put` may be called in another thread than the rest."""

    def __init__(self, size: int = 8, memory: int = 0) -> None:
        """Starts empty.

        Args:
            size: how many it keeps in any case.
            memory: bytes of their data in which it keeps more of them.
        """
        self._size = size
        self._memory = memory
        self._messages: deque[Kept[Message]] = deque(maxlen=None if memory else size)

    def __len__(self) -> int:
        return len(self._messages)

    def put(self, message: Message) -> None:
        """The topic's latest; it has a header."""
        stamp = nanoseconds(message.header.stamp)
        self._messages.append(Kept(message, stamp, time.monotonic()))
        while len(self._messages) > max(self._size, self._room(message)):
            self._messages.popleft()

    def nearest(
        self, stamp: Time, tolerance: float, arrival: float | None = None
    ) -> Message | None:
        """The message whose stamp is nearest, None where none is within `tolerance` s.

        Args:
            stamp: the image's.
            tolerance: s.
            arrival: of the image, s of `time.monotonic`: of messages with equal stamps the one that
                came in nearest to it counts, the latest by default.
        """
        found = self.nearest_kept(stamp, arrival)
        if found is None or abs(found.stamp - nanoseconds(stamp)) > tolerance * SECOND:
            return None
        return found.message

    def nearest_kept(self, stamp: Time, arrival: float | None = None) -> Kept[Message] | None:
        """The message whose stamp is nearest, however far; None where there is none."""
        wanted = nanoseconds(stamp)
        when = time.monotonic() if arrival is None else arrival
        return min(
            reversed(tuple(self._messages)),
            default=None,
            key=lambda kept: (abs(kept.stamp - wanted), abs(kept.arrival - when)),
        )

    def may_come(self, stamp: Time) -> bool:
        """Whether a message nearer to a stamp than all that came may still come.

        A topic's stamps advance: what has one of this moment, or a later one, ends the waiting.
        """
        wanted = nanoseconds(stamp)
        return not any(-SAME <= kept.stamp - wanted <= AHEAD for kept in tuple(self._messages))

    def forget_before(self, stamp: Time, tolerance: float) -> None:
        """Drops what is too old for images of this stamp and later ones, but the latest."""
        oldest = nanoseconds(stamp) - tolerance * SECOND
        while len(self._messages) > 1 and self._messages[0].stamp < oldest:
            self._messages.popleft()

    def _room(self, message: Message) -> int:
        """How many messages of this size fit in the memory."""
        return self._memory // max(1, len(message.data)) if self._memory else 0

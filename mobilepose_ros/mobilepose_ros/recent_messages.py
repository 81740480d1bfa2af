"""The newest messages of a topic, matched to images by stamp."""

from __future__ import annotations

import time
from collections import deque
from typing import Any, Generic, NamedTuple, TypeVar

from builtin_interfaces.msg import Time

from mobilepose_ros.stamps import SECOND, nanoseconds

Message = TypeVar("Message", bound=Any)

SAME = SECOND // 1000
"""Stamps that differ by no more than this are the same, ns: drivers round them."""

AHEAD = 2 * SECOND
"""A message farther ahead of an image was stamped before the clock was set back, ns."""


MOST = 512
"""Most messages that are kept, however small they are."""

OVERHEAD = 2048
"""Bytes of a message beside its data."""


class KeptMessage(NamedTuple, Generic[Message]):
    """A message, its stamp, ns, its arrival, s of a steady clock, and its size, bytes.

    The size is 0 where memory does not count.
    """

    message: Message
    stamp: int
    arrival: float
    size: int


class RecentMessages(Generic[Message]):
    """Keeps the last messages. `put` may be called from another thread than the rest."""

    def __init__(self, size: int = 8, memory: int = 0) -> None:
        """Starts empty.

        Args:
            size: number of messages kept in any case.
            memory: bytes up to which more messages are kept, `MOST` at most.
        """
        self._size = size
        self._memory = memory
        self._messages: deque[KeptMessage[Message]] = deque(maxlen=None if memory else size)

    def __len__(self) -> int:
        return len(self._messages)

    def put(self, message: Message) -> None:
        """Adds the newest message, which must have a header."""
        stamp = nanoseconds(message.header.stamp)
        size = len(message.data) + OVERHEAD if self._memory else 0
        self._messages.append(KeptMessage(message, stamp, time.monotonic(), size))
        while len(self._messages) > self._size and self._is_too_much():
            self._messages.popleft()

    def nearest(
        self, stamp: Time, tolerance: float, arrival: float | None = None
    ) -> Message | None:
        """The message with the nearest stamp; None if none is within `tolerance`.

        Args:
            stamp: of the image.
            tolerance: s.
            arrival: of the image, s of `time.monotonic`. Among messages with equal stamps selects
                the one that arrived closest to it; by default the newest.
        """
        found = self.nearest_kept(stamp, arrival)
        if found is None or abs(found.stamp - nanoseconds(stamp)) > tolerance * SECOND:
            return None
        return found.message

    def nearest_kept(
        self, stamp: Time, arrival: float | None = None
    ) -> KeptMessage[Message] | None:
        """The message with the nearest stamp, at any distance; None without messages."""
        wanted = nanoseconds(stamp)
        when = time.monotonic() if arrival is None else arrival
        return min(
            reversed(tuple(self._messages)),
            default=None,
            key=lambda kept: (abs(kept.stamp - wanted), abs(kept.arrival - when)),
        )

    def may_come(self, stamp: Time) -> bool:
        """Whether a message with a nearer stamp may still arrive.

        Stamps on a topic advance, so a message with the same or a later stamp rules it out.
        """
        wanted = nanoseconds(stamp)
        return not any(-SAME <= kept.stamp - wanted <= AHEAD for kept in tuple(self._messages))

    def forget_before(self, stamp: Time, tolerance: float) -> None:
        """Drops messages too old for images with this or later stamps, except the newest."""
        oldest = nanoseconds(stamp) - tolerance * SECOND
        while len(self._messages) > 1 and self._messages[0].stamp < oldest:
            self._messages.popleft()

    def _is_too_much(self) -> bool:
        kept = tuple(self._messages)
        return len(kept) > MOST or sum(message.size for message in kept) > self._memory

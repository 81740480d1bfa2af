"""The newest messages of a topic, found by their stamps: what belongs to an image."""

from __future__ import annotations

from collections import deque
from typing import Any, Generic, TypeVar

from builtin_interfaces.msg import Time

from mobilepose_ros.stamps import SECOND, nanoseconds

Message = TypeVar("Message", bound=Any)


class RecentMessages(Generic[Message]):
    """Keeps the last few messages. `put` may be called in another thread than `nearest`."""

    def __init__(self, size: int = 8) -> None:
        """Starts empty.

        Args:
            size: how many it keeps.
        """
        self._messages: deque[Message] = deque(maxlen=size)

    def put(self, message: Message) -> None:
        """The topic's latest; it has a header."""
        self._messages.append(message)

    def nearest(self, stamp: Time, tolerance: float) -> Message | None:
        """The message whose stamp is nearest, None where none is within `tolerance` s."""
        wanted = nanoseconds(stamp)
        distances = [
            (abs(nanoseconds(message.header.stamp) - wanted), -age, message)
            for age, message in enumerate(tuple(self._messages))
        ]
        distance, _, message = min(distances, default=(0, 0, None), key=lambda found: found[:2])
        return message if distance <= tolerance * SECOND else None

"""Where a camera's images went: every one is answered, dropped or lost, and counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from mobilepose_ros.counters import Drop

_DROPPED = "dropped: "


@dataclass(frozen=True)
class ImageAccount:
    """Counts of images.

    Attributes:
        published: by the cameras.
        received: by the node.
        answered: by the node, as it counts.
        dropped: by the node, for any reason but losses.
        lost: in transport, as the node counts.
        heard: messages with joints that came.
    """

    published: int = 0
    received: int = 0
    answered: int = 0
    dropped: int = 0
    lost: int = 0
    heard: int = 0

    @classmethod
    def of(cls, published: int, figures: Mapping[str, str], heard: int) -> ImageAccount:
        """The counts in the node's diagnostics, with those outside the node."""
        drops = {
            name.removeprefix(_DROPPED): int(value)
            for name, value in figures.items()
            if name.startswith(_DROPPED)
        }
        lost = drops.pop(Drop.LOST.value)
        received, answered = int(figures["received"]), int(figures["answered"])
        return cls(published, received, answered, sum(drops.values()), lost, heard)

    def since(self, other: ImageAccount) -> ImageAccount:
        """What was added to another account."""
        return ImageAccount(*(getattr(self, f.name) - getattr(other, f.name) for f in fields(self)))

    def plus(self, other: ImageAccount) -> ImageAccount:
        """Both together."""
        return ImageAccount(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    @property
    def missing(self) -> int:
        """Published images that the node did not count; negative if it counts too many."""
        return self.published - self.received - self.lost

    @property
    def unexplained(self) -> int:
        """Received images that were neither answered nor dropped."""
        return self.received - self.answered - self.dropped

    @property
    def unheard(self) -> int:
        """Answers whose joints did not come; negative if some came twice."""
        return self.answered - self.heard

"""What became of the images that a node received."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class FrameCounters:
    """Counts of images since the node was configured; each is written by one thread only.

    Attributes:
        received: images that came in.
        replaced: dropped because a newer one came in before inference was free.
        bad: dropped because they are no images that the node can read.
        failed: dropped because something else went wrong with them.
        answered: images whose joints were published.
    """

    received: int = 0
    replaced: int = 0
    bad: int = 0
    failed: int = 0
    answered: int = 0

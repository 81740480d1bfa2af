"""What became of the images that a node received: counts, rates and times."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from mobilepose_ros.window import Window


class Drop(Enum):
    """Why an image was not answered."""

    LIMITED = "over max_rate"
    REPLACED = "newer image came"
    BAD = "bad image"
    FAILED = "failed"
    STOPPED = "stopped in its midst"
    LOST = "lost in transport"


class FrameTimes(NamedTuple):
    """What an answered image took, s; NaN where the image has no stamp.

    Attributes:
        age: from the image's stamp to its arrival: the camera's work and the transport.
        waiting: for inference to be free.
        conversion: to a BGR array.
        inference: the whole pipe from the array to poses.
        messages: building the message with the joints.
        publication: of it.
    """

    age: float
    waiting: float
    conversion: float
    inference: float
    messages: float
    publication: float

    @property
    def latency(self) -> float:
        """From the image's stamp to the publication of its joints, s.

        The age is taken from the node's clock at one moment and the rest from a steady one, so
        that a clock that jumps or stands still in between does not show.
        """
        return sum(self)


@dataclass
class FrameCounters:
    """Counts of images since the node was configured.

    Attributes:
        received: images that came in.
        answered: images whose joints were published.
        dropped: all others, by reason; those that were lost were not received.
        rejected_boxes: boxes of people on their topic that could not be used.
    """

    received: int = 0
    answered: int = 0
    dropped: Counter[Drop] = field(default_factory=Counter)
    rejected_boxes: int = 0


class Performance:
    """Counts since the node was configured, and figures of the last seconds.

    Arrivals are told by one thread, and so is each reason of a drop.

    Attributes:
        counters: the counts.
        arrivals: images that came in lately.
        drops: why images were dropped lately.
        answers: times of the images that were answered lately.
        finds: how long people were looked for anew lately, each time, s.
        people: how many are in the newest answer.
        reasons: what was wrong with the newest image that was dropped, by why it was.
        rejections: what was wrong with boxes that came lately.
    """

    def __init__(self) -> None:
        self.counters = FrameCounters()
        self.restart()

    def restart(self) -> None:
        """Forgets the last seconds, not the counts."""
        self.arrivals: Window[None] = Window()
        self.drops: Window[Drop] = Window()
        self.answers: Window[FrameTimes] = Window()
        self.finds: Window[float] = Window()
        self.people = 0
        self.reasons: dict[Drop, str] = {}
        self.rejections: Window[str] = Window()

    def arrived(self) -> None:
        """An image came in."""
        self.counters.received += 1
        self.arrivals.add(None)

    def dropped(self, reason: Drop, what: str = "") -> None:
        """An image will not be answered; what is wrong with it, where that is known."""
        if what:
            self.reasons[reason] = what
        self.counters.dropped[reason] += 1
        self.drops.add(reason)

    def lost(self, count: int) -> None:
        """The transport lost images, which never came in."""
        for _ in range(count):
            self.dropped(Drop.LOST)

    def replaced(self, count: int) -> None:
        """Images came in, and newer ones took their place before the node saw them."""
        for _ in range(count):
            self.arrived()
            self.dropped(Drop.REPLACED)

    def found(self, seconds: float) -> None:
        """People were looked for anew."""
        self.finds.add(seconds)

    def rejected_boxes(self, count: int, what: str = "") -> None:
        """Boxes of people could not be used; what is wrong with them, where that is known."""
        self.rejections.add(what)
        self.counters.rejected_boxes += count

    def answered(self, times: FrameTimes, people: int = 0) -> None:
        """An image's joints were published, those of so many people."""
        self.counters.answered += 1
        self.people = people
        self.answers.add(times)

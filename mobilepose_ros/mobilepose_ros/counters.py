"""Counts, rates and times of the images that a node received."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from mobilepose_core.time_window import TimeWindow


class Drop(Enum):
    """Why no joints were published for an image."""

    LIMITED = "over max_rate"
    REPLACED = "newer image came"
    BAD = "bad image"
    FAILED = "failed"
    STOPPED = "cancelled"
    LOST = "lost in transport"


class FrameTimes(NamedTuple):
    """Processing times of an image, s; NaN where they need a stamp and the image has none.

    Attributes:
        age: from the image's stamp to its arrival: the camera and the transport.
        waiting: for the inference thread.
        conversion: to a BGR array.
        inference: the whole pipeline from the array to poses.
        messages: building the message with the joints.
        publication: publishing it.
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

        Only the age is measured with the node's clock, the rest with a steady one. So the latency
        is right even if the node's clock jumps or stops while an image is processed.
        """
        return sum(self)


@dataclass
class FrameCounters:
    """Counts of images since the node was configured.

    Attributes:
        received: images received.
        answered: images whose joints were published.
        dropped: all others, by reason. Lost images were never received.
        rejected_boxes: invalid boxes of people on their topic.
    """

    received: int = 0
    answered: int = 0
    dropped: Counter[Drop] = field(default_factory=Counter)
    rejected_boxes: int = 0


class Performance:
    """Counts since the node was configured, and statistics of the last seconds.

    Arrivals must be recorded by a single thread, and so must each reason of a drop.

    Attributes:
        counters: the counts.
        arrivals: images received recently.
        drops: why images were dropped recently.
        answers: times of recently processed images.
        detections: run times of the person detector recently, s.
        people: number of people in the newest result.
        reasons: what was wrong with the newest dropped image, by reason.
        rejections: what was wrong with boxes received recently.
    """

    def __init__(self) -> None:
        self.counters = FrameCounters()
        self.restart()

    def restart(self) -> None:
        """Clears the recent statistics, but not the counts."""
        self.arrivals: TimeWindow[None] = TimeWindow()
        self.drops: TimeWindow[Drop] = TimeWindow()
        self.answers: TimeWindow[FrameTimes] = TimeWindow()
        self.detections: TimeWindow[float] = TimeWindow()
        self.people = 0
        self.reasons: dict[Drop, str] = {}
        self.rejections: TimeWindow[str] = TimeWindow()

    def arrived(self) -> None:
        """Records an image received."""
        self.counters.received += 1
        self.arrivals.add(None)

    def dropped(self, reason: Drop, details: str = "") -> None:
        """Records an image dropped, with details if they are known."""
        if details:
            self.reasons[reason] = details
        self.counters.dropped[reason] += 1
        self.drops.add(reason)

    def lost(self, count: int) -> None:
        """Records images lost in transport, which were never received."""
        for _ in range(count):
            self.dropped(Drop.LOST)

    def replaced(self, count: int) -> None:
        """Records images that newer ones replaced in the subscription's queue."""
        for _ in range(count):
            self.arrived()
            self.dropped(Drop.REPLACED)

    def detected(self, seconds: float) -> None:
        """Records a run of the person detector."""
        self.detections.add(seconds)

    def rejected_boxes(self, count: int, details: str = "") -> None:
        """Records invalid boxes of people, with details if they are known."""
        self.rejections.add(details)
        self.counters.rejected_boxes += count

    def answered(self, times: FrameTimes, people: int = 0) -> None:
        """Records that an image's joints were published, and of how many people."""
        self.counters.answered += 1
        self.people = people
        self.answers.add(times)

"""How many images had a matching depth image, and why others had none."""

from __future__ import annotations

from collections import Counter, deque
from enum import Enum

from mobilepose_core.time_window import SECONDS, TimeWindow
from mobilepose_ros.recent_messages import SAME

MEMORY = 64
"""Number of images without depth that are remembered, to recognise depth images that are late."""

SYNCHRONISED_MEMORY = 30
"""Depth is synchronised if one of this many recent images had a depth image of the same stamp."""

EARLY_TEXT = (
    "too many images wait for their depth images on {topic}, so they wait less than depth_wait, "
    "{wait:g} s: decrease it, or max_rate"
)

NEGLIGIBLE = 0.05
"""Share of recent images without depth up to which there is no warning."""


class DepthMatch(Enum):
    """How an image's depth image was matched."""

    SAME = "of the same stamp"
    NEAREST = "of the nearest stamp"
    NONE = "none"


class DepthReport:
    """Statistics of images that request depth, and of depth images.

    Attributes:
        counts: images by the depth that they had.
        late: depth images that arrived when their image no longer waited.
        unpublished: images of which nothing was published that needs depth or a camera model.
    """

    def __init__(self, topic: str, tolerance: float, wait: float) -> None:
        """Starts counting.

        Args:
            topic: of the depth images.
            tolerance: between the stamps of image and depth image, s.
            wait: longest time that an image waits, s.
        """
        self.counts: Counter[DepthMatch] = Counter()
        self.late = self.unpublished = 0
        self._topic, self._tolerance, self._wait = topic, tolerance, wait
        self._recent: TimeWindow[bool] = TimeWindow()
        self._recent_unpublished: TimeWindow[str] = TimeWindow()
        self._missed: deque[tuple[int, float]] = deque(maxlen=MEMORY)
        self._lateness = 0.0
        self._since_same: int | None = None
        self._newest: float | None = None
        self._why = ""

    @property
    def is_synchronised(self) -> bool:
        """Whether depth images have the stamps of their images, so that no other one fits."""
        return self._since_same is not None and self._since_same < SYNCHRONISED_MEMORY

    @property
    def trouble(self) -> str:
        """Why recent images had no depth, or were not published; empty if only a few had none."""
        return "; ".join(filter(None, [self._missing_trouble(), self.unpublished_trouble]))

    def _missing_trouble(self) -> str:
        known = self._recent.items()
        missing = known.count(False)
        if not known or missing <= NEGLIGIBLE * len(known):
            return ""
        return f"{self._why} ({missing} of {len(known)} images of the last {SECONDS:.0f} s)"

    @property
    def unpublished_trouble(self) -> str:
        """Why recent images were not published; empty if all were."""
        reasons = self._recent_unpublished.items()
        if not reasons:
            return ""
        return f"{reasons[-1]} ({len(reasons)} images of the last {SECONDS:.0f} s)"

    def figures(self) -> dict[str, str]:
        """The counts, for diagnostics."""
        known = {f"depth: {kind.value}": str(self.counts[kind]) for kind in DepthMatch}
        return known | {
            "depth: came too late": str(self.late),
            "depth: not published": str(self.unpublished),
        }

    def matched(self, is_same: bool) -> None:
        """Records an image with depth, of the same stamp or of a near one."""
        self.counts[DepthMatch.SAME if is_same else DepthMatch.NEAREST] += 1
        self._recent.add(True)
        if is_same:
            self._since_same = 0
        elif self._since_same is not None:
            self._since_same += 1

    def not_published(self, reason: str) -> None:
        """Records an image of which nothing was published though it requested depth, and why."""
        self.unpublished += 1
        self._recent_unpublished.add(reason)

    def missing(
        self, stamp: int, apart: float | None, arrival: float, is_early: bool = False
    ) -> str:
        """Records an image without depth, and returns the reason.

        Args:
            stamp: of the image, ns.
            apart: difference to the stamp of the nearest depth image, s; None without any.
            arrival: of the image, s of a steady clock.
            is_early: whether it could not wait as long as it should.
        """
        self.counts[DepthMatch.NONE] += 1
        self._recent.add(False)
        self._missed.append((stamp, arrival))
        self._why = self._reason(stamp, apart, arrival, is_early)
        return self._why

    def received(self, stamp: int, now: float) -> None:
        """Records a depth image: its stamp, ns, and its arrival, s of a steady clock."""
        self._newest = now
        for missed, arrival in self._missed:
            if abs(missed - stamp) <= SAME:
                self.late += 1
                self._lateness = now - arrival
                self._since_same = 0
                self._missed.remove((missed, arrival))
                return

    def _reason(self, stamp: int, apart: float | None, arrival: float, is_early: bool) -> str:
        if apart is None or self._newest is None:
            return (
                f"no depth image was received on {self._topic}: is `depth` remapped to its topic "
                "(depth:=TOPIC)?"
            )
        if not stamp:
            return "the image has no stamp, so no depth image can be matched"
        if self._newest < arrival - self._wait - 1:
            return f"no depth image on {self._topic} for {arrival - self._newest:.0f} s"
        if is_early:
            return EARLY_TEXT.format(topic=self._topic, wait=self._wait)
        if self._lateness > self._wait:
            return (
                f"depth images on {self._topic} arrive {self._lateness:.2f} s after their images, "
                f"but depth_wait is {self._wait:g} s: increase it"
            )
        if apart <= self._tolerance:
            return (
                f"the image's own depth image did not arrive on {self._topic} within depth_wait, "
                f"{self._wait:g} s"
            )
        return (
            f"no depth image within {self._tolerance:g} s of the image's stamp; the nearest on "
            f"{self._topic} is {apart:.3f} s away: does depth_tolerance fit its rate, and do both "
            "use the same clock?"
        )

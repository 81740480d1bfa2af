"""How many images had a depth image of their own, and why the others had none."""

from __future__ import annotations

from collections import Counter, deque
from enum import Enum

from mobilepose_ros.recent import SAME
from mobilepose_ros.window import SECONDS, Window

MEMORY = 64
"""So many images without depth are remembered, to know their depth when it comes too late."""

STEP_MEMORY = 30
"""Depth is in step with the images while one of the last so many had the same stamp."""

FEW = 0.05
"""Share of images without depth up to which nothing is the matter once depth is there again."""


class Depth(Enum):
    """What depth an image had."""

    SAME = "of the same stamp"
    NEAREST = "of the nearest stamp"
    NONE = "none"


class DepthReport:
    """Told of every image that asks for depth, and of every depth image.

    Attributes:
        counts: images by the depth that they had.
        late: depth images that came when nobody waited for them any more.
    """

    def __init__(self, topic: str, tolerance: float, wait: float) -> None:
        """Starts counting.

        Args:
            topic: of the depth images.
            tolerance: between the stamps of image and depth, s.
            wait: longest after an image, s.
        """
        self.counts: Counter[Depth] = Counter()
        self.late = 0
        self._topic, self._tolerance, self._wait = topic, tolerance, wait
        self._recent: Window[bool] = Window()
        self._missed: deque[tuple[int, float]] = deque(maxlen=MEMORY)
        self._lateness = 0.0
        self._since_same: int | None = None
        self._newest: float | None = None
        self._why = ""

    @property
    def are_in_step(self) -> bool:
        """Whether depth images have the stamps of their images: another is that of another one."""
        return self._since_same is not None and self._since_same < STEP_MEMORY

    @property
    def trouble(self) -> str:
        """Why images lately had no depth; empty where few had none."""
        known = self._recent.items()
        missing = known.count(False)
        if not known or missing <= FEW * len(known):
            return ""
        return f"{self._why} ({missing} of {len(known)} images of the last {SECONDS:.0f} s)"

    def figures(self) -> dict[str, str]:
        """The counts, as texts by their names."""
        known = {f"depth: {kind.value}": str(self.counts[kind]) for kind in Depth}
        return known | {"depth: came too late": str(self.late)}

    def matched(self, is_same: bool) -> None:
        """An image had depth, of the same stamp or of one nearby."""
        self.counts[Depth.SAME if is_same else Depth.NEAREST] += 1
        self._recent.add(True)
        if is_same:
            self._since_same = 0
        elif self._since_same is not None:
            self._since_same += 1

    def missing(self, stamp: int, apart: float | None, arrival: float) -> str:
        """An image had no depth; why.

        Args:
            stamp: the image's, ns.
            apart: how far that of the nearest depth image is from it, s; None where there is none.
            arrival: of the image, s of a steady clock.
        """
        self.counts[Depth.NONE] += 1
        self._recent.add(False)
        self._missed.append((stamp, arrival))
        self._why = self._reason(stamp, apart, arrival)
        return self._why

    def came(self, stamp: int, now: float) -> None:
        """A depth image came in, s of a steady clock; its stamp is in ns."""
        self._newest = now
        for missed, arrival in self._missed:
            if abs(missed - stamp) <= SAME:
                self.late += 1
                self._lateness = now - arrival
                self._since_same = 0
                self._missed.remove((missed, arrival))
                return

    def _reason(self, stamp: int, apart: float | None, arrival: float) -> str:
        if apart is None or self._newest is None:
            return (
                f"no depth image came on {self._topic}: is `depth` remapped to its topic "
                "(depth:=TOPIC)?"
            )
        if not stamp:
            return "the image has no stamp, so that no depth image can be found for it"
        if self._newest < arrival - self._wait - 1:
            return f"no depth image on {self._topic} for {arrival - self._newest:.0f} s"
        if self._lateness > self._wait:
            return (
                f"depth images on {self._topic} come {self._lateness:.2f} s after their images, "
                f"and depth_wait is {self._wait:g} s: make it longer"
            )
        if apart <= self._tolerance:
            return (
                f"the image's own depth image did not come on {self._topic} within depth_wait, "
                f"{self._wait:g} s"
            )
        return (
            f"no depth image within {self._tolerance:g} s of the image's stamp; the nearest on "
            f"{self._topic} is {apart:.3f} s from it: does depth_tolerance fit its rate, and are "
            "its stamps of the same clock?"
        )

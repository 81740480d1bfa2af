"""`Viewing`: plays a source, finds people while somebody looks, and shows them."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import TYPE_CHECKING

from mobilepose_core.io import drawing
from mobilepose_core.pose import Pose
from mobilepose_core.skeleton import Skeleton
from mobilepose_core.time_window import TimeWindow
from mobilepose_core.view.frames import ERROR, OK, RATE_WINDOW, Rates, ViewedFrame, ViewStatus
from mobilepose_core.view.playback import Playback, PlayedImage
from mobilepose_core.view.server import PageServer

if TYPE_CHECKING:
    from mobilepose_core.view.foxglove_sink import FoxgloveSink

STATUS_INTERVAL = 0.5
"""Time between two statuses, s."""

WAIT = 0.1
"""Longest time until it is looked whether somebody has come, s."""


@dataclass(frozen=True)
class Subject:
    """What is viewed, and how people are found in it.

    Attributes:
        title: of the source.
        find: the people in an image, joints in its pixels.
        skeleton: of the poses.
        details: facts about the networks.
        parameters: that the user has set.
        min_score: joints with a lower score are not drawn.
    """

    title: str
    find: Callable[[PlayedImage], Sequence[Pose]]
    skeleton: Skeleton
    details: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, object] = field(default_factory=dict)
    min_score: float = drawing.MIN_SCORE


class Viewing:
    """Shows a source on the page and in Foxglove."""

    def __init__(
        self,
        subject: Subject,
        playback: Playback,
        page: PageServer,
        sink: FoxgloveSink | None = None,
        is_recorded: bool = False,
    ) -> None:
        """Takes what it shows, and where.

        Args:
            subject: what is viewed.
            playback: of its images.
            page: for browsers.
            sink: for Foxglove; None without.
            is_recorded: whether the sink writes a file: then people are looked for although nobody
                looks, and it ends with the source.
        """
        self._subject = subject
        self._playback = playback
        self._page = page
        self._sink = sink
        self._is_recorded = is_recorded
        self._ending = threading.Event()
        self._latencies: TimeWindow[float] = TimeWindow(RATE_WINDOW)
        self._told = 0.0
        self._stamp = 0

    def run(self) -> None:
        """Goes on until `end`, or, where a file is written, to the end of the source."""
        waiting: PlayedImage | None = None
        while not self._ending.is_set() and not (self._is_recorded and self._playback.is_over):
            if is_watched := self._is_watched():
                self._playback.begin()
            begin = time.monotonic()
            image = self._playback.take(0.0 if waiting and is_watched else WAIT)
            if image is not None:
                waiting, begin = image, self._playback.arrival
            if waiting is not None and is_watched:
                self._show(waiting, begin)
                waiting = None
            self._tell_sometimes()
            if self._playback.is_over:  # take() does not wait any more
                time.sleep(WAIT)
        self._tell()

    def end(self) -> None:
        """Ends `run`, from another thread."""
        self._ending.set()

    def _is_watched(self) -> bool:
        is_seen = self._page.has_viewers or self._is_recorded
        return is_seen or (self._sink is not None and self._sink.wants_frame)

    def _show(self, played: PlayedImage, arrival: float) -> None:
        poses = self._subject.find(played)
        self._latencies.add(time.monotonic() - arrival)
        self._stamp = played.stamp
        needs_places = self._sink is not None and self._sink.wants_positions
        frame = ViewedFrame(
            played.image,
            poses,
            played.stamp,
            self._subject.skeleton,
            played.frame_id,
            played.locate(poses) if needs_places else None,
        )
        self._page.show(frame)
        if self._sink is not None:
            self._sink.show(frame)

    def _tell_sometimes(self) -> None:
        if time.monotonic() - self._told >= STATUS_INTERVAL:
            self._told = time.monotonic()
            self._tell()

    def _tell(self) -> None:
        status = self._status()
        self._page.tell(status)
        if self._sink is not None and (self._stamp or not self._is_recorded):
            self._sink.tell(status, self._stamp or time.time_ns())

    def _status(self) -> ViewStatus:
        fault, subject = self._playback.fault, self._subject
        end = f"end of {subject.title}" if self._playback.is_over else ""
        return ViewStatus(
            subject.title,
            ERROR if fault else OK,
            fault or end,
            self._rates(),
            subject.details,
            subject.parameters,
            subject.min_score,
        )

    def _rates(self) -> Rates:
        latencies = self._latencies.items()
        latency = fmean(latencies) if latencies else math.nan
        return Rates(self._playback.received.rate(), self._latencies.rate(), latency)

"""`Playback`: reads a source on a thread of its own, as fast as it is to be seen."""

from __future__ import annotations

import logging
import threading
import time as clock
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from mobilepose_core.errors import DataError
from mobilepose_core.io.sources import Photograph, Source
from mobilepose_core.pose import Pose
from mobilepose_core.time_window import TimeWindow
from mobilepose_core.typing import FloatArray, ImageArray
from mobilepose_core.view.frames import RATE_WINDOW

log = logging.getLogger(__name__)

Locate = Callable[[Sequence[Pose]], "Sequence[FloatArray] | None"]
"""Joints in metres, (K, 3) for each pose; None without depth."""

CLOSE_TIMEOUT = 1.0
"""How long a source that gives nothing may delay the end, s."""

SHORTEST_PASS = 0.1
"""Least time from one beginning of a source that loops to the next, s: a photograph has no length.
"""

PHOTOGRAPH_TIME = 3.0
"""How long each photograph of a folder is shown, s."""


@dataclass(frozen=True, eq=False)
class PlayedImage:
    """An image of a source.

    Attributes:
        image: (H, W, 3) uint8 BGR.
        time: since the first image, s; None of a single photograph.
        stamp: when it was taken, ns since 1970.
        is_first: whether a video begins with it.
        frame_id: of the camera's optical frame.
        locate: finds joints in metres.
    """

    image: ImageArray
    time: float | None
    stamp: int
    is_first: bool = False
    frame_id: str = "camera"
    locate: Locate = lambda poses: None


def images_of(source: Source) -> Iterator[PlayedImage]:
    """The images of a photograph, video, webcam or stream, stamped from now on.

    Raises:
        DataError: it cannot be read.
    """
    start = clock.time_ns()
    for frame in source:
        stamp = start + round((frame.time or 0.0) * 1e9)
        yield PlayedImage(frame.image, frame.time, stamp, frame.index == 0)


def images_of_folder(photographs: Sequence[Photograph]) -> Iterator[PlayedImage]:
    """Photographs one after another, `PHOTOGRAPH_TIME` apart and stamped from now on.

    Those that cannot be read are logged and left out.
    """
    start, shown = clock.time_ns(), 0
    for photograph in photographs:
        try:
            (frame,) = photograph
        except DataError as error:
            log.error("%s", error)
            continue
        time = shown * PHOTOGRAPH_TIME
        yield PlayedImage(frame.image, time, start + round(time * 1e9), is_first=True)
        shown += 1


class Playback:
    """Gives the newest image of a source, or every one.

    Attributes:
        received: stamps of the last images that were read.
        is_over: whether the source has ended, and its last image was taken.
        fault: why it ended too early; empty otherwise.
        arrival: when the image that was taken last was read, s of `time.monotonic`.
    """

    def __init__(
        self,
        images: Callable[[], Iterable[PlayedImage]],
        is_paced: bool = True,
        takes_all: bool = False,
        loops: bool = False,
        shortest_pass: float = SHORTEST_PASS,
    ) -> None:
        """Reads nothing before `begin`.

        Args:
            images: opens the source.
            is_paced: whether images are read when their time has come; otherwise as they come.
            takes_all: whether each image waits until the one before it was taken; otherwise newer
                ones replace those that were not taken.
            loops: whether the source begins anew at its end, unless it gave no image.
            shortest_pass: least time from one beginning to the next, s, if it is paced.
        """
        self.received: TimeWindow[int] = TimeWindow(RATE_WINDOW)
        self.fault = ""
        self.arrival = self._arrival = clock.monotonic()
        self._images = images
        self._is_paced = is_paced and not takes_all
        self._takes_all = takes_all
        self._loops = loops
        self._shortest_pass = shortest_pass
        self._changed = threading.Condition()
        self._image: PlayedImage | None = None
        self._has_ended = False
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="playback", daemon=True)

    @property
    def is_over(self) -> bool:
        """See the class."""
        with self._changed:
            return self._has_ended and self._image is None

    def begin(self) -> None:
        """Begins to read; does nothing if it has begun."""
        if self._thread.ident is None:
            self._thread.start()

    def take(self, timeout: float) -> PlayedImage | None:
        """The newest image that was not taken yet; None if there is none in time, s."""
        with self._changed:
            self._changed.wait_for(lambda: self._image is not None or self._has_ended, timeout)
            image, self._image = self._image, None
            self.arrival = self._arrival
            self._changed.notify_all()
            return image

    def close(self) -> None:
        """Ends reading."""
        self._closing.set()
        with self._changed:
            self._changed.notify_all()
        if self._thread.ident is not None:
            self._thread.join(CLOSE_TIMEOUT)

    def _run(self) -> None:
        try:
            self._play()
            while self._loops and not self._closing.is_set():
                self._play()
        except ValueError as error:
            self.fault = str(error)
        except Exception as error:  # of a file system, OpenCV or rosbags: the view tells it
            log.debug("where it happened:", exc_info=True)
            self.fault = f"{type(error).__name__}: {' '.join(str(error).split())}"
        finally:
            with self._changed:
                self._has_ended = True
                self._changed.notify_all()

    def _play(self) -> None:
        """Plays the source once.

        Raises:
            DataError: it gave no image.
        """
        start, is_empty = clock.monotonic(), True
        for image in self._images():
            is_empty = False
            if self._is_paced and image.time:
                self._closing.wait(start + image.time - clock.monotonic())
            if self._closing.is_set():
                return
            self.received.add(image.stamp)
            self._put(image)
        if is_empty and not self._closing.is_set():
            raise DataError("the source ended without an image; is it empty, or damaged?")
        if self._loops and self._is_paced:
            self._closing.wait(start + self._shortest_pass - clock.monotonic())

    def _put(self, image: PlayedImage) -> None:
        with self._changed:
            if self._takes_all:
                self._changed.wait_for(lambda: self._image is None or self._closing.is_set())
            self._image, self._arrival = image, clock.monotonic()
            self._changed.notify_all()

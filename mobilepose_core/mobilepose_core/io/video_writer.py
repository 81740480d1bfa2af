"""Videos to files: frames at their times, checked before the file gets its name."""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import cv2
import numpy as np

from mobilepose_core.io import atomic, file_names, video_codecs
from mobilepose_core.typing import ImageArray

HIGHEST_RATE = 120.0
"""Largest frame rate that is written."""

LONGEST_PAUSE = 60.0
"""Longest duration of a frame, s: a clock that jumps must not fill the disk."""

_LOOK_INTERVAL = 50
"""How often the room on the disk is looked at, frames."""


def check_name(path: Path) -> None:
    """Looks at the name of a video that is to be written.

    Raises:
        TargetError: its ending is not one of `video_codecs.CODECS`.
        WriteError: it is a folder, or its folder is missing.
    """
    if path.suffix.lower() not in video_codecs.CODECS:
        endings = " or ".join(video_codecs.CODECS)
        raise atomic.TargetError(f"{path} is not the name of a video; it ends in {endings}")
    atomic.Replacement(path)


def rate_for(stamps: Sequence[float], announced: float) -> float:
    """Frames per second at which frames keep their times, and none is left out.

    Args:
        stamps: times of the first frames, s, in their order; may be empty.
        announced: what the source says.
    """
    gaps = np.diff(np.asarray(stamps, np.float64))
    gaps = gaps[gaps > 0]
    if not len(gaps):
        return min(announced, HIGHEST_RATE)
    middle = float(np.median(gaps))
    near = gaps[np.abs(gaps - middle) <= _JITTER * middle]
    is_regular = len(near) >= _REGULAR * len(gaps)
    gap = float(near.mean() if is_regular else np.percentile(gaps, _SHORT))
    if abs(announced * gap - 1) < _SAME_RATE:
        return min(announced, HIGHEST_RATE)
    return min(1 / gap, HIGHEST_RATE)


class VideoWriter:
    """A video file of a constant rate, in which every frame stands at its time.

    OpenCV's encoders want an even number of rows and columns: an odd one loses its last.

    Attributes:
        path: of the file, which is there once it is closed.
        rate: frames per second.
        codec: of the file; None before the first frame.
        written: frames so far, repeated ones included.
    """

    def __init__(self, path: Path, rate: float) -> None:
        """Checks the name; the file is opened with the first frame, which tells its size.

        Raises:
            ValueError: the ending is not one of `video_codecs.CODECS`, or the folder is missing.
        """
        check_name(path)
        self.path = path
        self.rate = rate
        self.codec: video_codecs.Codec | None = None
        self.written = 0
        self._replacement = atomic.Replacement(path)
        self._writer: cv2.VideoWriter | None = None
        self._last: ImageArray | None = None
        self._pause = 0.0

    def write(self, picture: ImageArray, time: float | None = None) -> None:
        """Adds a frame; one that comes sooner than the rate has room for is left out.

        Args:
            picture: (H, W, 3) uint8 BGR, brought to the size of the first.
            time: when it is shown, s, from the first; None for right after the one before.

        Raises:
            ValueError: the file cannot be written.
        """
        if self._writer is None or self._last is None:
            height, width = picture.shape[:2]
            self._writer, self._last = self._opened(width, height), picture
        height, width = self._last.shape[:2]
        if picture.shape[:2] != (height, width):
            picture = np.asarray(cv2.resize(picture, (width, height)), np.uint8)
        if time is not None:
            place = round((time - self._pause) * self.rate)
            longest = round(LONGEST_PAUSE * self.rate)
            if place - self.written > longest:
                self._pause += (place - self.written - longest) / self.rate
                place = self.written + longest
            if place < self.written:
                return
            while self.written < place:
                self._add(self._writer, self._last)
        self._add(self._writer, picture)
        self._last = picture

    def close(self) -> bool:
        """Ends the file, reads it back, and gives it its name.

        Returns:
            Whether there is a new file: not where no frame came, or it was discarded.

        Raises:
            ValueError: it is not whole; it is removed, and what was there before stays.
        """
        if self._writer is None:
            return False
        self._writer.release()
        self._writer = None
        self._replacement.commit(self._fault)
        return True

    def discard(self) -> None:
        """Removes what was written; what was there before stays."""
        if self._writer is not None:
            self._writer.release()
            self._writer = None
            self._replacement.discard()

    def _opened(self, width: int, height: int) -> cv2.VideoWriter:
        self.codec = video_codecs.best(self.path.suffix.lower(), width, height)
        with file_names.native(self._replacement.temporary) as name:
            writer = video_codecs.open_writer(name, self.codec, self.rate, width, height)
        if writer is None:
            with suppress(OSError):
                self._replacement.temporary.touch()  # which says why, where it is the folder
                self._replacement.discard()
                raise ValueError(
                    f"{self.path} cannot be written in {self.codec.name}, {width} x {height}; is "
                    "the picture too small or too large, or the folder's disk full?"
                )
            raise ValueError(f"{self.path} cannot be written; is its folder writable?")
        return writer

    def _add(self, writer: cv2.VideoWriter, picture: ImageArray) -> None:
        writer.write(picture)
        self.written += 1
        if self.written % _LOOK_INTERVAL == 0 and _is_full(self.path.parent):
            fault = self._replacement.error(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
            self.discard()
            raise fault

    def _fault(self, temporary: Path) -> str | None:
        """What is wrong with the file that was written."""
        with file_names.native(temporary) as name:
            readable = _readable(name, self.written)
        if readable < self.written:
            return f"{readable} of {self.written} frames can be read back"
        return None


_JITTER = 0.3
_REGULAR = 0.9
"""Number of equal gaps between frames, up to the jitter, from which a source is regular."""

_SHORT = 5
"""Percentile of the gaps of one that is not: few frames follow sooner."""

_SAME_RATE = 0.02
"""Largest error of time stamps in whole milliseconds."""


def _readable(name: str, expected: int) -> int:
    """How many frames of a video can be read: by its index and its last frame, or by all."""
    capture = cv2.VideoCapture(name)
    try:
        if not capture.isOpened():
            return 0
        if round(capture.get(cv2.CAP_PROP_FRAME_COUNT)) == expected:
            capture.set(cv2.CAP_PROP_POS_FRAMES, expected - 1)
            if capture.read()[0]:
                return expected
            capture.set(cv2.CAP_PROP_POS_FRAMES, 0)
        count = 0
        while capture.grab():
            count += 1
        return count
    finally:
        capture.release()


def _is_full(folder: Path) -> bool:
    """Whether a disk has no room left for this user."""
    try:
        status = os.statvfs(folder)
    except OSError:
        return False
    free = status.f_bfree if os.geteuid() == 0 else status.f_bavail
    return bool(status.f_blocks) and free == 0

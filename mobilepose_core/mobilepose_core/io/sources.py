"""Where frames come from: photographs, folders of them, videos, webcams and network streams."""

from __future__ import annotations

import os
import time as clock
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, TypeAlias

import cv2
import numpy as np

from mobilepose_core.errors import DataError
from mobilepose_core.io import captures, file_names, photo, photo_faults
from mobilepose_core.io.pixel_limit import DEFAULT_LIMIT, PixelLimit
from mobilepose_core.typing import ImageArray


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture of a source.

    Attributes:
        image: (H, W, 3) uint8, BGR.
        source: the name given by the user.
        index: its place in the source, from 0.
        time: since the first frame of the source, s; None of a photograph.
    """

    image: ImageArray
    source: str
    index: int = 0
    time: float | None = None


@dataclass(frozen=True)
class Photograph:
    """A picture in a file, one frame that has nothing to do with others.

    Attributes:
        path: of the file, which need not be readable.
        limit: on its pixels.
    """

    path: Path
    limit: PixelLimit = DEFAULT_LIMIT
    length: ClassVar[int] = 1

    def __iter__(self) -> Iterator[Frame]:
        """The frame.

        Raises:
            DataError: see `photo.load`.
        """
        yield Frame(photo.load(self.path, self.limit), str(self.path))


class Video:
    """A video file: frames in their order, from the start each time, turned as they were filmed.

    Attributes:
        path: of the file.
        rate: frames per second.
        length: how many frames the file says it has; None where it does not say.
        shortfall: once read to its end, how it ended earlier than it says; empty where it did not.
    """

    def __init__(self, path: Path) -> None:
        """Looks into the file.

        Raises:
            DataError: it is not a readable video.
        """
        self.path = path
        capture = captures.open_file(path)
        rate, self.length = captures.rate_of(capture), captures.length_of(capture)
        capture.release()
        self.rate = rate or self._measured_rate()
        self.shortfall = ""

    def __iter__(self) -> Iterator[Frame]:
        """The frames, at the times of the file's own time stamps where it has them.

        Raises:
            DataError: the file cannot be opened any more, or no frame can be read.
        """
        capture = captures.open_file(self.path)
        self.shortfall = ""
        index, time = 0, 0.0
        turn = captures.turn_of(capture)
        for index, time, image in _timed(capture, self.path, self.rate, turn):
            yield Frame(image, str(self.path), index, time)
        self.shortfall = self._shortfall(index + 1, time)

    def stamps(self, most: int = 10_000) -> list[float]:
        """When frames are shown, s from the first; empty where that is not known beforehand."""
        return captures.time_stamps(self.path, most)

    def _measured_rate(self) -> float:
        gaps = np.diff(self.stamps(most=200))
        gaps = gaps[gaps > 0]
        return float(1 / np.median(gaps)) if len(gaps) else captures.USUAL_RATE

    def _shortfall(self, frames: int, last: float) -> str:
        """How many frames are missing; an announced length may be off by a few."""
        if self.length is None:
            return ""
        expected = self.length / self.rate
        missing = expected - (last + 1 / self.rate)
        if frames >= self.length or missing <= max(2.5 / self.rate, 0.01 * expected):
            return ""
        return (
            f"{self.path}: ends after {frames} of {self.length} frames, at {last:.1f} of "
            f"{expected:.1f} s; it is cut off or damaged there"
        )


class Webcam:
    """A camera that is plugged in: frames as it gives them, once.

    Attributes:
        name: its number or device.
        rate: frames per second, as the camera reports.
    """

    length: ClassVar[None] = None

    def __init__(self, name: str) -> None:
        """Switches it on.

        Raises:
            DataError: there is none, or it cannot be used.
        """
        self.name = name
        self._capture = captures.open_camera(name)
        self.rate = captures.rate_of(self._capture) or captures.USUAL_RATE

    def __iter__(self) -> Iterator[Frame]:
        """The frames, at the times at which they came; ends when the camera gives no more.

        Raises:
            DataError: it gives none at all.
        """
        start: float | None = None
        for index, image in enumerate(captures.frames_of(self._capture, self.name)):
            now = clock.monotonic()
            start = now if start is None else start
            yield Frame(image, self.name, index, now - start)


class Stream:
    """A video on the network: frames as they come, once.

    Attributes:
        name: its address, without a password.
        rate: frames per second, as announced.
        length: how many frames it says it has; None of one that is live.
    """

    def __init__(self, address: str) -> None:
        """Connects.

        Raises:
            DataError: no video comes from there; says what may be wrong.
        """
        self.name = captures.without_password(address)
        self._capture = captures.open_address(address)
        self.rate = captures.rate_of(self._capture) or captures.USUAL_RATE
        self.length = captures.length_of(self._capture)

    def __iter__(self) -> Iterator[Frame]:
        """The frames, at the times of their time stamps; ends with the stream or its connection.

        A live stream of pictures by HTTP has no stamps: those frames have the times they came at.

        Raises:
            DataError: it gives none at all.
        """
        start = clock.monotonic()
        has_stamps = self.length is not None or not self.name.lower().startswith("http")
        for index, time, image in _timed(self._capture, self.name, self.rate):
            if index == 0:
                start = clock.monotonic()
            yield Frame(image, self.name, index, time if has_stamps else clock.monotonic() - start)


Source: TypeAlias = Photograph | Video | Webcam | Stream


def is_live(source: Source) -> bool:
    """Whether a source goes on until it is closed."""
    return not isinstance(source, Photograph) and source.length is None


def open_source(name: str, limit: PixelLimit = DEFAULT_LIMIT) -> list[Source]:
    """The sources of a name: one, or the photographs of a folder in the order of their names.

    Args:
        name: path of a photograph, a folder or a video, number or /dev/videoN of a webcam, or an
            address such as rtsp://... A file or folder comes before a webcam of that number.
        limit: on the pixels of photographs.

    Raises:
        DataError: it is empty, does not exist, is not a video, or is a folder without photographs.
    """
    if not name:
        raise DataError(f"an empty name is given; {_EXPECTED}")
    if captures.is_address(name):
        return [Stream(name)]
    path = file_names.expanded(name)
    if name.startswith("/dev/") and os.path.exists(path):
        return [Webcam(name)]
    if os.path.isdir(path):
        return list(photographs_in(path, limit))
    if name.isascii() and name.isdecimal() and not os.path.lexists(path):
        return [Webcam(name)]
    if not os.path.lexists(path):
        if _is_forbidden(path):
            raise DataError(f"{name}: this user may not look into its folder; ask its owner")
        raise DataError(f"{name}: no such file; {_EXPECTED}")
    return [Photograph(path, limit) if _is_photograph(path) else Video(path)]


_EXPECTED = (
    "expected a photograph, a folder of photographs, a video file, the number or /dev/videoN of a "
    "webcam, or an address such as rtsp://camera/stream"
)


def photographs_in(folder: Path, limit: PixelLimit = DEFAULT_LIMIT) -> list[Photograph]:
    """The photographs in a folder, not in those below it, by their names.

    Raises:
        DataError: there is none.
    """
    paths = [path for path in _visible(folder) if path.suffix.lower() in photo.SUFFIXES]
    if not paths:
        known = ", ".join(sorted(photo.SUFFIXES))
        raise DataError(
            f"{folder}: a folder without photographs ({known}); name the one that they are in, or "
            "a video itself"
        )
    return [Photograph(path, limit) for path in paths]


def skipped_in(folder: Path) -> list[Path]:
    """The files in a folder that `photographs_in` leaves out, by their names; hidden ones aside."""
    return [path for path in _visible(folder) if path.suffix.lower() not in photo.SUFFIXES]


def _is_forbidden(path: Path) -> bool:
    """Whether this user may not even see if there is a file."""
    try:
        path.lstat()
    except PermissionError:
        return True
    except OSError:
        return False
    return False


def _visible(folder: Path) -> list[Path]:
    """What is in a folder, by names, without folders and hidden files, `._photo.jpg` among them."""
    try:
        paths = [path for path in folder.iterdir() if not path.name.startswith(".")]
        return sorted(path for path in paths if not path.is_dir())
    except OSError as error:
        raise DataError(
            f"{folder}: the folder cannot be read ({error.strerror}); may this user list it?"
        ) from error


def _is_photograph(path: Path) -> bool:
    """Whether a file is one, by what is in it, or else by its name."""
    has_its_name = path.suffix.lower() in photo.SUFFIXES
    try:
        kind = photo_faults.format_of(photo_faults.read_head(path))
    except DataError:  # reported when the file is read
        return has_its_name
    return kind != "GIF" and (kind is not None or has_its_name)


def _timed(
    capture: cv2.VideoCapture, source: object, rate: float, turn: int | None = None
) -> Iterator[tuple[int, float, ImageArray]]:
    """Index, time since the first frame, s, and image of each; the time always advances."""
    first = time = 0.0
    for index, image in enumerate(captures.frames_of(capture, source, turn)):
        stamp = capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
        if index == 0:
            first = stamp
        elif stamp - first > time:
            time = stamp - first
        else:
            time += 1 / rate
        yield index, time, image

"""Where frames come from: photographs, folders of them, video files and webcams."""

from __future__ import annotations

import math
import os
import time as clock
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from mobilepose_core import photo

Image = npt.NDArray[np.uint8]

USUAL_RATE = 30.0
"""Frames per second of a video or webcam that does not tell its own."""


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture of a source.

    Attributes:
        image: (H, W, 3) uint8, BGR.
        source: what it is of, as it was named.
        index: its place in the source, from 0.
        time: since the first frame of the source, s; None of a photograph.
    """

    image: Image
    source: str
    index: int = 0
    time: float | None = None


@dataclass(frozen=True)
class Photograph:
    """A picture in a file, one frame that has nothing to do with others.

    Attributes:
        path: of the file, which need not be readable.
    """

    path: Path
    length: ClassVar[int] = 1

    def __iter__(self) -> Iterator[Frame]:
        """The frame.

        Raises:
            ValueError: the file cannot be read, is no picture, or is cut off.
        """
        image = photo.read(self.path)
        if image is None:
            raise ValueError(
                f"{self.path}: no picture, or cut off; expected a photograph, such as JPEG or PNG"
            )
        yield Frame(image, str(self.path))


class Video:
    """A video file: frames in their order, from the start each time.

    Attributes:
        path: of the file.
        rate: frames per second.
        length: how many frames the file says it has; None where it does not say.
    """

    def __init__(self, path: Path) -> None:
        """Looks into the file.

        Raises:
            ValueError: it is no video that can be read.
        """
        self.path = path
        capture = _captured(str(path))
        self.rate = _rate(capture)
        length = capture.get(cv2.CAP_PROP_FRAME_COUNT)
        self.length = int(length) if 0 < length < math.inf else None
        capture.release()

    def __iter__(self) -> Iterator[Frame]:
        """The frames, at the times of the file's own time stamps where it has them.

        Raises:
            ValueError: the file cannot be opened any more, or no frame can be read.
        """
        capture = _captured(str(self.path))
        first = time = 0.0
        for index, image in enumerate(_images(capture, self.path)):
            stamp = capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
            if index == 0:
                first = stamp
            elif stamp - first > time:
                time = stamp - first
            else:
                time += 1 / self.rate
            yield Frame(image, str(self.path), index, time)


class Webcam:
    """A camera that is plugged in: frames as it gives them, once.

    Attributes:
        name: its number or device.
        rate: frames per second, as it promises.
    """

    length: ClassVar[None] = None

    def __init__(self, name: str) -> None:
        """Switches it on.

        Raises:
            ValueError: there is none, or it cannot be used.
        """
        self.name = name
        self._capture = _captured(int(name) if name.isdigit() else name)
        self.rate = _rate(self._capture)

    def __iter__(self) -> Iterator[Frame]:
        """The frames, at the times at which they came; ends when the camera gives no more.

        Raises:
            ValueError: it gives none at all.
        """
        start: float | None = None
        for index, image in enumerate(_images(self._capture, self.name)):
            now = clock.monotonic()
            start = now if start is None else start
            yield Frame(image, self.name, index, now - start)


Source: TypeAlias = Photograph | Video | Webcam


def open_source(name: str) -> list[Source]:
    """What a name stands for: one source, or the photographs of a folder by their names.

    Args:
        name: path of a photograph, a folder or a video, or number or /dev/videoN of a webcam.

    Raises:
        ValueError: there is no such thing, it is no video, or a folder without photographs.
    """
    path = Path(os.path.expanduser(name))
    if name.isdigit() or (name.startswith("/dev/") and path.exists()):
        return [Webcam(name)]
    if path.is_dir():
        return list(photographs_in(path))
    if not path.is_file():
        raise ValueError(
            f"{name}: no such file; expected a photograph, a folder of photographs, a video file, "
            "or the number or /dev/videoN of a webcam"
        )
    is_photograph = path.suffix.lower() in photo.SUFFIXES or cv2.haveImageReader(str(path))
    return [Photograph(path) if is_photograph else Video(path)]


def photographs_in(folder: Path) -> list[Photograph]:
    """The photographs in a folder, not in those below it, by their names.

    Raises:
        ValueError: there is none.
    """
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in photo.SUFFIXES)
    if not paths:
        known = ", ".join(sorted(photo.SUFFIXES))
        raise ValueError(
            f"{folder}: a folder without photographs ({known}); name the one that they are in, or "
            "a video itself"
        )
    return [Photograph(path) for path in paths]


def _captured(source: str | int) -> cv2.VideoCapture:
    capture = cv2.VideoCapture(source)
    if not capture.isOpened():
        raise ValueError(
            f"{source}: cannot be opened as a photograph, video or webcam: is it one, is it free, "
            "and may this user read it?"
        )
    return capture


def _rate(capture: cv2.VideoCapture) -> float:
    rate = float(capture.get(cv2.CAP_PROP_FPS))
    return rate if 0 < rate < math.inf else USUAL_RATE


def _images(capture: cv2.VideoCapture, source: Path | str) -> Iterator[Image]:
    """Reads to the end, and lets the capture go then, or when nobody asks for more."""
    try:
        is_read, image = capture.read()
        if not is_read:
            raise ValueError(f"{source}: not a single frame can be read; is it damaged or in use?")
        while is_read:
            yield np.asarray(image, np.uint8)
            is_read, image = capture.read()
    finally:
        capture.release()

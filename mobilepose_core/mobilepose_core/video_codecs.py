"""Which codec a video is written in: one that browsers play, where this OpenCV has its encoder."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np


@dataclass(frozen=True)
class Codec:
    """A way of coding a video.

    Attributes:
        tag: its FourCC.
        name: as people know it.
        in_browsers: whether browsers play it.
    """

    tag: str
    name: str
    in_browsers: bool


H264 = Codec("avc1", "H.264", True)
VP9 = Codec("vp09", "VP9", True)
MPEG4 = Codec("mp4v", "MPEG-4 Part 2", False)
MOTION_JPEG = Codec("MJPG", "Motion JPEG", False)

CODECS = {".avi": (MOTION_JPEG,), ".mp4": (H264, VP9, MPEG4)}
"""By the file's ending, the best first; OpenCV from PyPI has no H.264, every build has the last."""


@lru_cache
def best(suffix: str, width: int, height: int) -> Codec:
    """The first codec of a file's ending that writes frames of a size which can be read back.

    Args:
        suffix: a key of `CODECS`.
        width: pixels.
        height: pixels.
    """
    *better, last = CODECS[suffix]
    return next((codec for codec in better if _works(codec, suffix, width, height)), last)


def open_writer(
    name: str, codec: Codec, rate: float, width: int, height: int
) -> cv2.VideoWriter | None:
    """A writer of frames of one size; None where it cannot be opened.

    Args:
        name: of the file, one that OpenCV can take.
        codec: one of those of the file's ending.
        rate: frames per second.
        width: pixels.
        height: pixels.
    """
    has_ffmpeg = cv2.CAP_FFMPEG in cv2.videoio_registry.getWriterBackends()
    backend = cv2.CAP_FFMPEG if has_ffmpeg else cv2.CAP_ANY
    fourcc = cv2.VideoWriter.fourcc(*codec.tag)
    with _quiet():
        writer = cv2.VideoWriter(name, backend, fourcc, rate, (width, height))
    return writer if writer.isOpened() else None


def _works(codec: Codec, suffix: str, width: int, height: int) -> bool:
    """Whether a short video comes out whole: some encoders open and write nothing."""
    with tempfile.TemporaryDirectory(prefix="mobilepose-") as folder:
        name = str(Path(folder, f"probe{suffix}"))
        writer = open_writer(name, codec, 25.0, width, height)
        if writer is None:
            return False
        for value in (0, 255):
            writer.write(np.full((height, width, 3), value, np.uint8))
        writer.release()
        with _quiet():
            capture = cv2.VideoCapture(name)
            return capture.isOpened() and capture.read()[0]


@contextmanager
def _quiet() -> Iterator[None]:
    """OpenCV says nothing of encoders that it does not have: they are only tried."""
    # Newer versions of OpenCV have moved the two.
    logging: Any = cv2 if hasattr(cv2, "setLogLevel") else getattr(cv2.utils, "logging", None)
    if logging is None:
        yield
        return
    level = logging.getLogLevel()
    logging.setLogLevel(_SILENT)
    try:
        yield
    finally:
        logging.setLogLevel(level)


_SILENT = 0

"""Videos, cameras and network streams as OpenCV opens and reads them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from mobilepose_core.errors import DataError
from mobilepose_core.io import file_names, photo_faults
from mobilepose_core.typing import ImageArray

USUAL_RATE = 30.0
"""Frames per second of a source that does not tell its own."""

MOST_RATE = 240.0
"""Frames per second that are believed; some files announce the tick of their clock instead."""

TIMEOUT = 10.0
"""How long an address on the network may take to answer, and then for each frame, s."""

SCHEMES = ("http", "https", "rtmp", "rtmps", "rtp", "rtsp", "rtsps", "srt", "tcp", "udp")
"""What an address begins with, before `://`."""


def is_address(name: str) -> bool:
    """Whether a name is the address of a stream on the network."""
    scheme, separator, _ = name.partition("://")
    return bool(separator) and scheme.lower() in SCHEMES


def without_password(address: str) -> str:
    """An address as it may be printed."""
    return re.sub(r"(://[^/@:]*):[^/@]*@", r"\1:***@", address)


def open_file(path: Path) -> cv2.VideoCapture:
    """A video file; `frames_of` gives its frames turned as it says that it was filmed.

    Raises:
        DataError: it is missing, forbidden, cut off or no video; says which.
    """
    has_ffmpeg = cv2.CAP_FFMPEG in cv2.videoio_registry.getStreamBackends()
    backend = cv2.CAP_FFMPEG if has_ffmpeg else cv2.CAP_ANY
    head = photo_faults.read_head(path)
    with file_names.native(path) as name:
        capture = cv2.VideoCapture(name, backend)
    if not capture.isOpened():
        raise DataError(
            f"{path}: cannot be opened as a photograph, video or webcam: {_fault(path, head)}"
        )
    # Versions of OpenCV differ in whether they turn frames by themselves, and in which way.
    capture.set(cv2.CAP_PROP_ORIENTATION_AUTO, 0)
    return capture


def open_camera(name: str) -> cv2.VideoCapture:
    """A camera that is plugged in.

    Raises:
        DataError: there is none, or it cannot be used.
    """
    capture = cv2.VideoCapture(int(name) if name.isdecimal() else name)
    if not capture.isOpened():
        raise DataError(
            f"{name}: cannot be opened as a photograph, video or webcam: is it one, is it free, "
            "and may this user read it?"
        )
    return capture


def open_address(address: str) -> cv2.VideoCapture:
    """A stream on the network.

    Raises:
        DataError: this OpenCV reads none, or nothing that it can read answers in time.
    """
    if cv2.CAP_FFMPEG not in cv2.videoio_registry.getStreamBackends():
        raise DataError(
            f"{without_password(address)}: this OpenCV is built without FFmpeg, which reads "
            "addresses; save the stream to a file, or pip install opencv-python-headless"
        )
    patience = round(TIMEOUT * 1000)
    limits = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, patience, cv2.CAP_PROP_READ_TIMEOUT_MSEC, patience]
    if not file_names.is_plain(address):
        raise DataError(f"{file_names.shown(address)}: an address is written in ASCII")
    capture = cv2.VideoCapture(address, cv2.CAP_FFMPEG, limits)
    if not capture.isOpened():
        raise DataError(
            f"{without_password(address)}: no video came from this address within {TIMEOUT:g} s; "
            "is it right, is the camera on, can this machine reach it, and do user and password "
            "fit?"
        )
    return capture


def rate_of(capture: cv2.VideoCapture) -> float | None:
    """Frames per second as announced; None where nothing or nonsense is."""
    rate = float(capture.get(cv2.CAP_PROP_FPS))
    return rate if 0 < rate <= MOST_RATE else None


def length_of(capture: cv2.VideoCapture) -> int | None:
    """How many frames the file says it has; None where it does not say."""
    length = capture.get(cv2.CAP_PROP_FRAME_COUNT)
    return int(length) if 0 < length < 2**40 else None


def turn_of(capture: cv2.VideoCapture) -> int | None:
    """What `cv2.rotate` does to a file's frames so that they are upright; None for nothing."""
    angle = round(capture.get(cv2.CAP_PROP_ORIENTATION_META))
    if _COUNTS_BACKWARDS:
        angle = -angle
    return _TURNS.get(angle % 360)


def frames_of(
    capture: cv2.VideoCapture, source: object, turn: int | None = None
) -> Iterator[ImageArray]:
    """Reads to the end, and releases the capture then, or when the iterator is closed.

    Args:
        capture: of a file, a camera or an address.
        source: its name, for errors.
        turn: as of `turn_of`.

    Raises:
        DataError: not a single frame can be read.
    """
    try:
        is_read, image = capture.read()
        if not is_read:
            raise DataError(f"{source}: not a single frame can be read; is it damaged or in use?")
        while is_read:
            yield np.asarray(image if turn is None else cv2.rotate(image, turn), np.uint8)
            is_read, image = capture.read()
    finally:
        capture.release()


def time_stamps(path: Path, most: int) -> list[float]:
    """When the frames of a file are shown, from the first, s.

    Nothing is decoded where OpenCV tells those of packets, which old versions do not.

    Args:
        path: of a video file.
        most: frames that are looked at.

    Returns:
        In their order; empty where this OpenCV or the file does not tell.
    """
    return _stamps(path, most, decodes=False) or _stamps(path, min(most, _DECODED), decodes=True)


def _stamps(path: Path, most: int, decodes: bool) -> list[float]:
    capture = open_file(path)
    stamps: list[float] = []
    try:
        if not (decodes or capture.set(cv2.CAP_PROP_FORMAT, -1)):  # packets as they are in the file
            return []
        while len(stamps) < most and capture.grab():
            stamps.append(capture.get(cv2.CAP_PROP_POS_MSEC) / 1000)
    finally:
        capture.release()
    stamps = sorted(filter(math.isfinite, stamps))
    if len(stamps) < 2 or stamps[-1] <= stamps[0]:
        return []
    return [stamp - stamps[0] for stamp in stamps]


_DECODED = 300
"""Frames that are decoded for their time stamps, where this OpenCV tells none of packets."""

_TURNS = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}

_COUNTS_BACKWARDS = tuple(map(int, cv2.__version__.split(".")[:2])) < (4, 7)
"""With today's FFmpeg, older versions of OpenCV tell the angle of a video counter-clockwise."""


def _fault(path: Path, head: bytes) -> str:
    """Why a file is not a video."""
    if head[4:8] == b"ftyp" and not _has_index(path):
        return (
            "it is cut off, its index (`moov`) is missing; was the recording ended, and the file "
            "copied whole?"
        )
    kind = photo_faults.format_of(head)
    if kind:
        return f"it is {photo_faults.article(kind)}"
    if head[4:8] == b"ftyp":
        return (
            "it is an MP4 or MOV without a frame that can be read; has it a video track, in a "
            "format that FFmpeg decodes?"
        )
    return f"is it one? It begins with {head[:12]!r}"


def _has_index(path: Path) -> bool:
    """Whether a file of MP4's family has its table of frames."""
    size = path.stat().st_size
    with path.open("rb") as file:
        place = 0
        while place + 8 <= size:
            file.seek(place)
            header = file.read(16)
            length, name = int.from_bytes(header[:4], "big"), header[4:8]
            if name in (b"moov", b"moof"):
                return place + length <= size
            if length == 1:
                length = int.from_bytes(header[8:16], "big")
            if length < 8:
                return False
            place += length
    return False

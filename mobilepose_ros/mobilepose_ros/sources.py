"""Where pictures come from: webcam, video file, folder of images, or a photograph that moves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from mobilepose_core import photo
from mobilepose_ros import motion

Frame = npt.NDArray[np.uint8]

IMAGE_SUFFIXES = frozenset({".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"})


def open_source(source: str, loop: bool = True, amplitude: float = 0.0) -> Iterator[Frame]:
    """The pictures of a source, (H, W, 3) uint8 BGR.

    Args:
        source: number or /dev/videoN of a webcam, video file, folder of images, or image; empty
            takes scikit-image's photograph of an astronaut.
        loop: whether a video or folder starts again at its end. A photograph never ends.
        amplitude: of a photograph's motion, see `motion.matrix`.

    Raises:
        ValueError: there is no such source, or nothing in it can be read.
    """
    path = Path(source).expanduser()
    if not source:
        return _moving(demo_photo(), amplitude)
    if source.isdigit() or (source.startswith("/dev/") and path.exists()):
        return _webcam(source)
    if path.is_dir():
        files = sorted(file for file in path.iterdir() if file.suffix.lower() in IMAGE_SUFFIXES)
        if not files:
            known = ", ".join(sorted(IMAGE_SUFFIXES))
            raise ValueError(f"source {source!r} is a folder without images ({known})")
        return _repeated(lambda: map(read_photo, files), loop)
    if not path.is_file():
        raise ValueError(
            f"source {source!r} not found; expected the number or /dev/videoN of a webcam, a video "
            "file, a folder of images or an image"
        )
    if path.suffix.lower() in IMAGE_SUFFIXES:
        return _moving(read_photo(path), amplitude)
    _captured(path).release()
    return _repeated(lambda: _video(path), loop)


def demo_photo() -> Frame:
    """The photograph of Eileen Collins that comes with scikit-image (NASA, public domain).

    Returns:
        (512, 512, 3) uint8 BGR.

    Raises:
        ValueError: scikit-image is not installed.
    """
    try:
        from skimage.data import astronaut
    except ImportError:
        raise ValueError(
            "no source is given, and scikit-image, which has the demonstration photograph, is not "
            "installed: give a source, or pip install scikit-image"
        ) from None
    return np.ascontiguousarray(astronaut()[..., ::-1], dtype=np.uint8)


def read_photo(path: Path) -> Frame:
    """A picture from a file, (H, W, 3) uint8 BGR.

    Raises:
        ValueError: it cannot be read.
    """
    picture = photo.read(path)
    if picture is None:
        raise ValueError(f"{path} cannot be read as an image: is it damaged?")
    return picture


def _moving(still: Frame, amplitude: float) -> Iterator[Frame]:
    if amplitude == 0:
        return (still for _ in count())
    return (motion.move(still, index, amplitude) for index in count())


def _repeated(once: Callable[[], Iterator[Frame]], loop: bool) -> Iterator[Frame]:
    yield from once()
    while loop:
        yield from once()


def _captured(source: Path | int | str) -> cv2.VideoCapture:
    capture = cv2.VideoCapture(source if isinstance(source, int) else str(source))
    if not capture.isOpened():
        raise ValueError(
            f"source {str(source)!r} cannot be opened as a video or webcam: is it there, is it "
            "free, and may this user read it?"
        )
    return capture


def _frames(capture: cv2.VideoCapture) -> Iterator[Frame]:
    try:
        while True:
            is_read, frame = capture.read()
            if not is_read:
                return
            yield np.asarray(frame, dtype=np.uint8)
    finally:
        capture.release()


def _video(path: Path) -> Iterator[Frame]:
    return _frames(_captured(path))


def _webcam(source: str) -> Iterator[Frame]:
    return _frames(_captured(int(source) if source.isdigit() else source))

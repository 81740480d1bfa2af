"""Images for the camera node: of a source, optionally repeated, or of a moving photograph."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import numpy as np

from mobilepose_core.io import Photograph, PixelLimit, Stream, Webcam, is_live, open_source
from mobilepose_core.typing import ImageArray
from mobilepose_ros import motion


class SourceImages:
    """The images of a source, (H, W, 3) uint8 BGR, one after the other.

    Attributes:
        is_live: whether they come from a camera or stream that should not end.
    """

    def __init__(self, images: Iterator[ImageArray], is_live: bool = False) -> None:
        """Takes the images, and whether they should not end."""
        self._images = images
        self.is_live = is_live

    def __iter__(self) -> Iterator[ImageArray]:
        return self

    def __next__(self) -> ImageArray:
        return next(self._images)


def open_images(
    source: str,
    loop: bool = True,
    amplitude: float = 0.0,
    limit: PixelLimit | None = None,
) -> SourceImages:
    """Opens a source.

    Args:
        source: see `open_source`; empty uses scikit-image's photograph of an astronaut.
        loop: whether a video or folder restarts at its end. A photograph never ends.
        amplitude: of a photograph's motion; see `motion.matrix`.
        limit: on the pixels of photographs; None is the default.

    Raises:
        ValueError: there is no such source, or it cannot be read.
    """
    if not source:
        return SourceImages(_moving(demo_photo(), amplitude))
    found = open_source(source, limit or PixelLimit())
    is_folder = Path(source).expanduser().is_dir()
    if isinstance(found[0], Photograph) and not is_folder:
        return SourceImages(_moving(next(iter(found[0])).image, amplitude))
    can_repeat = not isinstance(found[0], (Webcam, Stream))
    images = _repeated(
        lambda: (frame.image for part in found for frame in part), loop and can_repeat
    )
    return SourceImages(images, is_live(found[0]))


def demo_photo() -> ImageArray:
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
            "no source is given, and scikit-image with the demonstration photograph is not "
            "installed: set source, or pip install scikit-image"
        ) from None
    return np.ascontiguousarray(astronaut()[..., ::-1], dtype=np.uint8)


def _moving(still: ImageArray, amplitude: float) -> Iterator[ImageArray]:
    if amplitude == 0:
        return (still for _ in count())
    return (motion.move(still, index, amplitude) for index in count())


def _repeated(once: Callable[[], Iterator[ImageArray]], loop: bool) -> Iterator[ImageArray]:
    yield from once()
    while loop:
        yield from once()

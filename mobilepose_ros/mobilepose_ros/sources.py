"""Pictures for a camera: those of a source, over and over, or a photograph that moves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import numpy as np

from mobilepose_core import frames
from mobilepose_ros import motion

Image = frames.Image


def open_source(source: str, loop: bool = True, amplitude: float = 0.0) -> Iterator[Image]:
    """The pictures of a source, (H, W, 3) uint8 BGR.

    Args:
        source: what `frames.open_source` takes; empty takes scikit-image's photograph of an
            astronaut.
        loop: whether a video or folder starts again at its end. A photograph never ends.
        amplitude: of a photograph's motion, see `motion.matrix`.

    Raises:
        ValueError: there is no such source, or nothing in it can be read.
    """
    if not source:
        return _moving(demo_photo(), amplitude)
    found = frames.open_source(source)
    is_folder = Path(source).expanduser().is_dir()
    if isinstance(found[0], frames.Photograph) and not is_folder:
        return _moving(next(iter(found[0])).image, amplitude)
    can_repeat = not isinstance(found[0], (frames.Webcam, frames.Stream))
    return _repeated(lambda: (frame.image for part in found for frame in part), loop and can_repeat)


def demo_photo() -> Image:
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


def _moving(still: Image, amplitude: float) -> Iterator[Image]:
    if amplitude == 0:
        return (still for _ in count())
    return (motion.move(still, index, amplitude) for index in count())


def _repeated(once: Callable[[], Iterator[Image]], loop: bool) -> Iterator[Image]:
    yield from once()
    while loop:
        yield from once()

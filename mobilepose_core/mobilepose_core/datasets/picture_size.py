"""Size and EXIF orientation of a picture, read without decoding it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mobilepose_core.io import exif, photo
from mobilepose_core.typing import Float32Array

_HEAD = 65_536
"""Bytes that contain the size in most files; otherwise the whole file is read."""

TURNED = "picture that its EXIF turns, while the annotation does not say so (person left out)"
"""A fault in data sets without annotated picture sizes, or whose pictures are never rotated."""

QUARTER_TURNS = frozenset({6, 8})
"""EXIF orientations that rotate a picture by 90 degrees, without mirroring it."""

_SIDEWAYS = frozenset({5, 6, 7, 8})


@dataclass(frozen=True)
class PictureSize:
    """A picture's size.

    Attributes:
        stored: width and height of the stored pixels, before rotation.
        orientation: EXIF's; 1 is upright.
    """

    stored: tuple[int, int]
    orientation: int = 1

    @property
    def upright(self) -> tuple[int, int]:
        """Width and height of the picture as `photo.read` returns it."""
        width, height = self.stored
        return (height, width) if self.orientation in _SIDEWAYS else (width, height)

    def turned(self, points: Float32Array) -> Float32Array:
        """Points from stored pixels to the upright picture.

        Args:
            points: (..., 2) x, y; the orientation is one of 1, 3, 6 and 8.
        """
        width, height = self.stored
        x, y = points[..., 0], points[..., 1]
        if self.orientation == 3:
            x, y = width - 1 - x, height - 1 - y
        elif self.orientation == 6:
            x, y = height - 1 - y, x
        elif self.orientation == 8:
            x, y = y, width - 1 - x
        return np.stack([x, y], axis=-1).astype(np.float32)


def read_size(path: Path) -> PictureSize | None:
    """The size of a picture, or None if it cannot be read.

    Only JPEG headers are parsed; other formats are decoded.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_HEAD)
            if not content.startswith(b"\xff\xd8"):
                return _decoded(path)
            size = photo.claimed_size(np.frombuffer(content, np.uint8))
            if size is None:
                content += file.read()
                size = photo.claimed_size(np.frombuffer(content, np.uint8))
    except OSError:
        return None
    return None if size is None else PictureSize(size, exif.orientation_of_jpeg(content))


def _decoded(path: Path) -> PictureSize | None:
    picture = photo.read(path)
    return None if picture is None else PictureSize((picture.shape[1], picture.shape[0]))

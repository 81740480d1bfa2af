"""Depth images as arrays of metres."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mobilepose_core.messages.fields import Image
from mobilepose_core.messages.images import rows_of
from mobilepose_core.typing import Float64Array, IndexArray

ENCODINGS: Mapping[str, tuple[str, float]] = {
    "16UC1": ("u2", 0.001),
    "mono16": ("u2", 0.001),
    "32FC1": ("f4", 1.0),
}
"""NumPy type and unit in metres, by encoding (REP-118)."""

_LARGEST_VALUE = {"u": 65535.0, "f": float(np.finfo(np.float32).max)}
"""Values that drivers write for unknown depth, by kind of type: the largest of 16 and 32 bits."""

FARTHEST = 100.0
"""Largest plausible distance of a person, m. Beyond it lies the sky of a simulation, or the unit is
wrong: 100 m read as millimetres would be 10 cm, closer than any person."""


@dataclass(frozen=True, eq=False)
class DepthMap:
    """A depth image: distances along the optical axis.

    Attributes:
        values: (H, W) view of the message's memory, in its type and byte order. Holes are 0,
            negative, NaN, infinite, or the type's largest value.
        unit: of the values, m.
        encoding: of the message.
    """

    values: npt.NDArray[np.generic]
    unit: float
    encoding: str

    @classmethod
    def from_image(cls, image: Image) -> DepthMap:
        """The depth in a message, without copying it.

        Args:
            image: in one of the `ENCODINGS`, any row padding and byte order.

        Raises:
            ValueError: unsupported encoding, no pixels, or less data than size and step require.
        """
        if image.encoding not in ENCODINGS:
            raise ValueError(
                f"depth encoding {image.encoding!r} is not supported; supported: "
                f"{', '.join(ENCODINGS)}"
            )
        kind, unit = ENCODINGS[image.encoding]
        pixel = np.dtype(kind).newbyteorder(">" if image.is_bigendian else "<")
        rows = rows_of(image, image.width * pixel.itemsize, image.height)
        return cls(rows.view(pixel), unit, image.encoding)

    def metres(self, columns: IndexArray, rows: IndexArray) -> Float64Array:
        """Depth of pixels, m; NaN in holes and outside the image, infinite beyond `FARTHEST`."""
        height, width = self.values.shape
        inside = (columns >= 0) & (columns < width) & (rows >= 0) & (rows < height)
        found = self.values[np.where(inside, rows, 0), np.where(inside, columns, 0)]
        metres = found.astype(np.float64) * self.unit
        known = inside & (metres > 0) & (metres < _LARGEST_VALUE[found.dtype.kind] * self.unit)
        return np.where(known, np.where(metres <= FARTHEST, metres, np.inf), np.nan)

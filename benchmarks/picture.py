"""The picture that benchmarks show."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import skimage.data


def astronaut(width: int, height: int) -> npt.NDArray[np.uint8]:
    """A photograph of a person, undistorted, its edges drawn out to (height, width, 3) BGR."""
    photo = cv2.cvtColor(skimage.data.astronaut(), cv2.COLOR_RGB2BGR)
    side = min(width, height)
    across, down = (width - side) // 2, (height - side) // 2
    padded = cv2.copyMakeBorder(
        cv2.resize(photo, (side, side)),
        down,
        height - side - down,
        across,
        width - side - across,
        cv2.BORDER_REPLICATE,
    )
    return np.asarray(padded, np.uint8)

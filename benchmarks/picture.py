"""Test pictures for benchmarks."""

from __future__ import annotations

import cv2
import numpy as np
import skimage.data

from mobilepose_core.typing import Float32Array, ImageArray


def astronaut(width: int, height: int) -> ImageArray:
    """A photograph of a person, undistorted, extended at its edges to (height, width, 3) BGR."""
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


def people(width: int, height: int, count: int) -> tuple[ImageArray, Float32Array]:
    """A picture of several people side by side, and their boxes.

    Args:
        width: of the picture, pixels.
        height: of the picture, pixels.
        count: number of people; from four on they are in two rows.

    Returns:
        (height, width, 3) BGR, and (count, 4) boxes x0, y0, x1, y1 around their joints, pixels.
    """
    rows = 1 if count < 4 else 2
    columns = -(-count // rows)
    across, down = width // columns, height // rows
    one, side = astronaut(across, down), min(across, down)
    picture = np.full((height, width, 3), 128, np.uint8)
    boxes = []
    for index in range(count):
        row, column = divmod(index, columns)
        left, top = column * across, row * down
        picture[top : top + down, left : left + across] = one
        corner = np.array([left + (across - side) / 2, top + (down - side) / 2])
        boxes.append(np.concatenate([corner + JOINTS_FROM * side, corner + JOINTS_TO * side]))
    return picture, np.array(boxes, np.float32)


JOINTS_FROM, JOINTS_TO = np.array([0.05, 0.2]), np.array([0.75, 1.0])
"""Corners of the box around the joints of the person in that photograph, in its sides."""

"""Frames with a given number of people: copies of one photograph's person."""

from __future__ import annotations

import numpy as np

from benchmarks.picture import people
from mobilepose_core import PoseEstimator
from mobilepose_core.inference.detection.person_detector import BOXES
from mobilepose_core.inference.tracking.settings import Tracking
from mobilepose_core.pose import PersonBoxes
from mobilepose_core.typing import ImageArray, ImageSize

CELL: ImageSize = (320, 240)

GREY = 128
RATE = 30.0
"""Frame rate of the videos, Hz."""


def crowd(count: int, size: ImageSize, cell: ImageSize = CELL) -> tuple[ImageArray, PersonBoxes]:
    """People in the cells of a grid, row by row, on grey.

    Args:
        count: number of people.
        size: of the frame.
        cell: size of a cell, which is as high as a person.

    Returns:
        (H, W, 3) uint8 BGR, and the boxes of the people.

    Raises:
        ValueError: the frame has fewer cells.
    """
    across, down = size[0] // cell[0], size[1] // cell[1]
    if count > across * down:
        raise ValueError(f"a frame of {size} has {across * down} cells of {cell}, not {count}")
    frame = np.full((size[1], size[0], 3), GREY, np.uint8)
    person, box = people(*cell, 1)
    boxes = np.repeat(box, count, axis=0)
    for index in range(count):
        x, y = cell[0] * (index % across), cell[1] * (index // across)
        frame[y : y + cell[1], x : x + cell[0]] = person
        boxes[index] += (x, y, x, y)
    return frame, PersonBoxes(boxes, np.ones(count, np.float32))


class TrackedCrowd:
    """An estimator that tracks the same people in a repeated frame, after one detection."""

    def __init__(
        self, model: str, threads: int, count: int, size: ImageSize, cell: ImageSize = CELL
    ) -> None:
        """Loads the model; see `crowd` for `count`, `size` and `cell`."""
        self._estimator = PoseEstimator(
            model, "cpu", threads, finder=BOXES, tracking=Tracking(max_people=count)
        )
        self._frame, self._boxes = crowd(count, size, cell)
        self._number = 0

    def __call__(self) -> None:
        """Processes the next frame.

        Raises:
            RuntimeError: the number of poses is not the number of people.
        """
        boxes = None if self._number else self._boxes
        poses = self._estimator(self._frame, self._number / RATE, boxes)
        self._number += 1
        if len(poses) != len(self._boxes):
            raise RuntimeError(
                f"frame {self._number} shows {len(self._boxes)} people, {len(poses)} were found: "
                "the measurement would be invalid"
            )

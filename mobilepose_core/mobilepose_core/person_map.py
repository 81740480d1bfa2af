"""The codec of our person detector: boxes <-> person maps, and its input, the canvas.

Coordinate frames: `image` is pixels of the source picture, `canvas` is pixels of the detector's
input, and a cell of the map is `STRIDE` canvas pixels wide. In all, x points right, y down, and the
centre of the top-left pixel or cell is (0, 0). A person's box is the box around their joints.

Tian et al., "FCOS: Fully Convolutional One-Stage Object Detection", ICCV 2019, for scores and
distances to a box's edges in every cell.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from mobilepose_core import crop, heatmap
from mobilepose_core.typing import BoolArray, Float32Array, Float64Array, ImageArray

STRIDE = 8
SCORE = 0
CHANNELS = 5
"""The score of a person, and the distances from the cell's centre to the left, upper, right and
lower edge of their box, canvas pixels."""

MULTIPLE = 32
"""Sides of a canvas are multiples of this."""

SLIMMEST = 8.0
"""Largest ratio of a canvas's longer side to that of a square one; slimmer frames are padded."""


@dataclass(frozen=True)
class Canvas:
    """The detector's input: a whole frame, scaled, and padded with grey.

    Attributes:
        width, height: canvas pixels.
        matrix: (2, 3) affine from image to canvas points.
    """

    width: int
    height: int
    matrix: Float64Array

    def show(self, image: ImageArray) -> ImageArray:
        """(height, width, 3) uint8: the image warped to the canvas."""
        return crop.warp(image, self.matrix, self.width, self.height)

    def from_image(self, boxes: Float32Array) -> Float32Array:
        """Boxes (N, 4) from image to canvas pixels."""
        return crop.transform_boxes(self.matrix, boxes)


def canvas_of(width: int, height: int, size: float) -> Canvas:
    """The canvas for a frame: about `size` x `size` pixels, with the frame's aspect ratio.

    Args:
        width: of the frame, pixels.
        height: of the frame, pixels.
        size: side of the square with as many pixels.
    """
    stretch = min(max(math.sqrt(width / height), 1 / SLIMMEST), SLIMMEST)
    across, down = (
        max(MULTIPLE, round(side / MULTIPLE) * MULTIPLE)
        for side in (size * stretch, size / stretch)
    )
    scale = min(across / width, down / height)
    middle_x, middle_y = (width - 1) / 2, (height - 1) / 2
    matrix = np.array(
        [
            [scale, 0, (across - 1) / 2 - scale * middle_x],
            [0, scale, (down - 1) / 2 - scale * middle_y],
        ]
    )
    return Canvas(across, down, matrix)


def canvases_of(width: int, height: int, sizes: Sequence[float]) -> list[Canvas]:
    """`canvas_of` for each size."""
    return [canvas_of(width, height, size) for size in sizes]


def outside(boxes: Float32Array, width: int, height: int) -> BoolArray:
    """(h, w) whether the centre of each cell of a canvas's map is outside all boxes (N, 4)."""
    x = heatmap.crop_from_cells(np.arange(width // STRIDE, dtype=np.float32), STRIDE)
    y = heatmap.crop_from_cells(np.arange(height // STRIDE, dtype=np.float32), STRIDE)[:, None]
    is_outside = np.ones((height // STRIDE, width // STRIDE), dtype=bool)
    for x0, y0, x1, y1 in boxes:
        is_outside[((y >= y0) & (y <= y1)) & ((x >= x0) & (x <= x1))] = False
    return is_outside


def decode(found: Float32Array, threshold: float) -> tuple[Float32Array, Float32Array]:
    """The detections in a map.

    Args:
        found: (5, h, w), scores in [0, 1] and distances in canvas pixels.
        threshold: score from which a peak is a detection.

    Returns:
        (N, 4) boxes in canvas pixels and (N,) their scores, in descending order.
    """
    ((boxes, scores),) = _peaks([found], threshold)
    return crop.box_nms(boxes, scores)


def shown(image: ImageArray, canvases: Sequence[Canvas]) -> list[ImageArray]:
    """The image warped to each canvas."""
    return [crop.warp(image, each.matrix, each.width, each.height) for each in canvases]


def in_image(
    maps: Sequence[Float32Array], canvases: Sequence[Canvas], threshold: float
) -> list[tuple[Float32Array, Float32Array]]:
    """For each canvas, what `decode` finds in its map, with boxes in image pixels."""
    peaks = _peaks(maps, threshold)
    return [
        crop.box_nms(crop.transform_boxes(crop.invert(canvas.matrix), boxes), scores)
        for canvas, (boxes, scores) in zip(canvases, peaks, strict=True)
    ]


def _peaks(
    maps: Sequence[Float32Array], threshold: float
) -> list[tuple[Float32Array, Float32Array]]:
    """For each map, boxes (N, 4) in canvas pixels and scores (N,) of its peaks."""
    cells: list[Float32Array] = []
    values: list[Float32Array] = []
    for found in maps:
        scores = found[SCORE]
        is_peak = (scores >= cv2.dilate(scores, np.ones((3, 3), np.uint8))) & (scores >= threshold)
        rows, columns = np.nonzero(is_peak)
        cells.append(np.stack([columns, rows]).astype(np.float32))
        values.append(found[:, rows, columns])
    points = heatmap.crop_from_cells(np.concatenate(cells, axis=1), STRIDE)
    ends = np.cumsum([each.shape[1] for each in cells])
    peaks = []
    for (x, y), (score, left, top, right, bottom) in zip(
        np.split(points, ends[:-1], axis=1), values, strict=True
    ):
        peaks.append((np.stack([x - left, y - top, x + right, y + bottom], axis=-1), score))
    return peaks

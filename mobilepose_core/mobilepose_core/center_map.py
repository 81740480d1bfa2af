"""The codec of our person detector: boxes <-> center maps, and its input, the canvas.

Coordinate frames: `image` is pixels of the source picture, `canvas` is pixels of the detector's
input, and a cell of the map is `STRIDE` canvas pixels wide. In all, x points right, y down, and the
centre of the top-left pixel or cell is (0, 0). A person's box is the box around their joints.

Zhou et al., "Objects as Points", 2019, for the map of centres; Tian et al., "FCOS", ICCV 2019, for
the distances to a box's edges.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from mobilepose_core import crop, heatmap
from mobilepose_core.typing import BoolArray, Float32Array, Float64Array, ImageArray

STRIDE = 8
SCORE = 0
CHANNELS = 5
"""The score of a centre, and the distances from the cell's centre to the left, upper, right and
lower edge of the box, canvas pixels."""

MULTIPLE = 32
"""Sides of a canvas are multiples of this."""

SLIMMEST = 8.0
"""Largest ratio of a canvas's longer side to that of a square one; slimmer frames are padded."""

SPREAD = 0.09
"""Standard deviation of a centre's Gaussian, in sides of the box."""

NARROWEST = 0.6
"""Smallest standard deviation, cells."""

NEAR = 0.3
"""Height of the Gaussian from which a cell is trained to predict the edges of the box."""


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

    def to_image(self, boxes: Float32Array) -> Float32Array:
        """Boxes (N, 4) from canvas to image pixels; the inverse of `from_image`."""
        return crop.transform_boxes(crop.invert(self.matrix), boxes)


def canvas_of(width: int, height: int, size: int) -> Canvas:
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


@dataclass(frozen=True)
class Target:
    """The training target of a canvas.

    Attributes:
        scores: (h, w) a Gaussian around each centre, 1 in the cell of the centre.
        counted: (h, w) whether the score loss counts: not in ignored regions.
        distances: (4, h, w) canvas pixels from the cell's centre to the edges of the box.
        near: (h, w) weight of the distance loss: the Gaussian near a centre, else 0.
    """

    scores: Float32Array
    counted: BoolArray
    distances: Float32Array
    near: Float32Array


def encode(boxes: Float32Array, doubtful: Float32Array, width: int, height: int) -> Target:
    """The training target of a canvas.

    Args:
        boxes: (N, 4) canvas pixels; where they overlap, cells belong to the smaller person.
        doubtful: (M, 4) regions to ignore, canvas pixels: they may show people or not.
        width: of the canvas, pixels.
        height: of the canvas, pixels.
    """
    rows, columns = height // STRIDE, width // STRIDE
    scores = np.zeros((rows, columns), dtype=np.float32)
    near = np.zeros_like(scores)
    distances = np.ones((CHANNELS - 1, rows, columns), dtype=np.float32)
    counted = np.ones((rows, columns), dtype=bool)
    x = heatmap.crop_from_cells(np.arange(columns, dtype=np.float32), STRIDE)
    y = heatmap.crop_from_cells(np.arange(rows, dtype=np.float32), STRIDE)[:, None]
    for x0, y0, x1, y1 in doubtful:
        counted[((y >= y0) & (y <= y1)) & ((x >= x0) & (x <= x1))] = False
    sizes = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    for x0, y0, x1, y1 in boxes[np.argsort(-sizes)]:
        column, row = _cell((x0 + x1) / 2, columns), _cell((y0 + y1) / 2, rows)
        spread_x, spread_y = (max(NARROWEST, SPREAD * side / STRIDE) for side in (x1 - x0, y1 - y0))
        along_x = np.exp(-(((np.arange(columns) - column) / spread_x) ** 2) / 2)
        along_y = np.exp(-(((np.arange(rows) - row) / spread_y) ** 2) / 2)
        gaussian = (along_y[:, None] * along_x).astype(np.float32)
        np.maximum(scores, gaussian, out=scores)
        mine = gaussian >= NEAR
        near[mine] = gaussian[mine]
        counted |= mine
        edges = np.broadcast_arrays(x - x0, y - y0, x1 - x, y1 - y)
        distances[:, mine] = np.stack(edges)[:, mine]
    return Target(scores, counted, distances, near)


def decode(found: Float32Array, threshold: float) -> tuple[Float32Array, Float32Array]:
    """The detections in a map.

    Args:
        found: (5, h, w), scores in [0, 1] and distances in canvas pixels.
        threshold: score from which a peak is a detection.

    Returns:
        (N, 4) boxes in canvas pixels and (N,) their scores, in descending order.
    """
    scores = found[SCORE]
    peaks = (scores >= cv2.dilate(scores, np.ones((3, 3), np.uint8))) & (scores >= threshold)
    rows, columns = np.nonzero(peaks)
    left, top, right, bottom = found[1:, rows, columns]
    x = heatmap.crop_from_cells(columns.astype(np.float32), STRIDE)
    y = heatmap.crop_from_cells(rows.astype(np.float32), STRIDE)
    boxes = np.stack([x - left, y - top, x + right, y + bottom], axis=-1)
    return crop.box_nms(boxes, scores[rows, columns])


def _cell(position: float, count: int) -> int:
    """The cell at a canvas position, clamped to the map."""
    return int(np.clip(round((position + 0.5) / STRIDE - 0.5), 0, count - 1))

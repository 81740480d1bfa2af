"""`PoseModel`: the pose network, stateless: a frame and regions in, poses out.

A region is cut out of the frame, the network runs, its heatmaps are decoded to joints, and their
peaks become calibrated scores.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from mobilepose_core import crop, heatmap
from mobilepose_core.errors import ModelError
from mobilepose_core.inference.crop_windows import Windows
from mobilepose_core.inference.runtime import cuda_graphs, pose_interface
from mobilepose_core.inference.runtime.session import OnnxSession
from mobilepose_core.pose import Pose
from mobilepose_core.typing import Float32Array, ImageArray

NEAR_BORDER = 0.05
"""Distance from the image's border at which a joint is near it, in sides of the crop."""

_FLOOR = 1e-3


class NetworkOutput(NamedTuple):
    """What the network says of N crops.

    Attributes:
        joints: (N, K, 2) float32 x, y in crop pixels.
        scores: (N, K) float32 in [0, 1]: the probability that the joint is right if the model is
            calibrated, else the peaks.
        peaks: (N, K) float32 heights of the heatmaps' peaks in [0, 1]; 1 without heatmaps.
        features: (N, C) float32 features averaged over each crop; None if the network gives none.
    """

    joints: Float32Array
    scores: Float32Array
    peaks: Float32Array
    features: Float32Array | None


class PoseModel(OnnxSession):
    """A pose network, loaded and checked. Holds no state: threads may share it.

    Attributes:
        size: side of the crops it takes, pixels.
        framing: what of a person they are fitted to; the network sees their middle.
        output: `heatmaps` or `coordinates`.
        skeleton: the joints that it finds, K of them.
        calibration: turns peaks into scores; None if the file has none, and peaks are the scores.
        presence: says whether a crop shows a person; None if the file has none.

    Example:
        >>> model = PoseModel("final")
        >>> poses = model(frame, [crop.Region(x=320, y=240, side=400)])
    """

    def __init__(self, model: str | Path, device: str = "auto", threads: int = 0) -> None:
        """Loads a model.

        Args:
            model: a released model's name, or a path to an .onnx file that `mobilepose export`
                wrote.
            device: one of `devices.DEVICES`; `auto` takes the GPU where ONNX Runtime can use one.
            threads: of the CPU; 0 takes one for each core.

        Raises:
            ModelError: no such model, not one of ours, its calibration cannot be read, or an
                unknown device.
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

    def __call__(self, frame: ImageArray, regions: Sequence[crop.Region]) -> list[Pose]:
        """The pose in each region, all of them as one batch.

        Args:
            frame: (H, W, 3) uint8, BGR.
            regions: upright, image pixels.
        """
        if not regions:
            return []
        height, width = frame.shape[:2]
        windows = Windows(regions, self.size)
        borders = windows.borders(width, height)
        crops = windows.cut(frame)
        output = self._decode(self.run(crops if self._margin == 0 else self._seen(crops)), borders)
        joints = windows.to_image(output.joints)
        return [
            Pose(*person, features=None if output.features is None else output.features[index])
            for index, person in enumerate(zip(joints, output.scores, strict=True))
        ]

    def infer(self, crops: ImageArray, borders: Float32Array | None = None) -> NetworkOutput:
        """Joints of the person in each crop.

        Args:
            crops: (N, size, size, 3) uint8, BGR.
            borders: (N, 4) x0, y0, x1, y1 of the image that each is cut from, crop pixels
                (`crop.picture_in_crop`); None if the image has no borders.
        """
        return self._decode(self.run(self._seen(crops)), borders)

    def warm_up(self, people: int) -> None:
        """Runs every size of batch up to so many people: the first of each is slow on a GPU."""
        for size in cuda_graphs.batch_sizes(people):
            self.run(self._seen(np.zeros((size, self.size, self.size, 3), np.uint8)))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), self._made_of

    def _seen(self, crops: ImageArray) -> ImageArray:
        """The middle of crops that the network sees."""
        margin = self._margin
        return np.ascontiguousarray(crops[:, :, margin:-margin]) if margin else crops

    def _decode(
        self, outputs: Sequence[Float32Array], borders: Float32Array | None
    ) -> NetworkOutput:
        values, *features = outputs
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
        return NetworkOutput(joints, scores, peaks, features[0] if features else None)


CALIBRATION_KEY = "mobilepose.calibration"
PRESENCE_KEY = "mobilepose.presence"
"""Where a model's file keeps both in its metadata."""


@dataclass(frozen=True)
class ScoreCalibration:
    """The probability that a joint is right.

    Right is a joint that lies in the image, within 0.2 torso lengths (left hip to right shoulder)
    of where it was found.

    score = logistic(joint * logit(peak) + person * mean(peaks) + border * exp(-margin /
    NEAR_BORDER) + offset), Platt's scaling ("Probabilistic Outputs for Support Vector Machines",
    1999): the higher a peak, the higher the score. The mean is that of the person's peaks; the
    margin is the joint's distance from the image's border. A joint beyond the border scores 0.

    Attributes:
        joint: positive.
        person: not negative.
        border: not positive: what is cut off is often found beside the cut.
        offset: any.
    """

    joint: float
    person: float
    border: float
    offset: float

    @classmethod
    def parse(cls, text: str) -> ScoreCalibration:
        """What `str` wrote.

        Raises:
            ModelError: the text is something else.
        """
        wrong = ModelError(
            f"calibration {text!r} not understood; expected JSON of the finite numbers joint > 0, "
            "person >= 0, border <= 0 and offset; export the model again, then `mobilepose "
            "calibrate` it"
        )
        try:
            calibration = cls(**{name: float(value) for name, value in json.loads(text).items()})
        except (ValueError, TypeError, AttributeError) as error:
            raise wrong from error
        is_valid = np.isfinite(list(asdict(calibration).values())).all()
        if not is_valid or calibration.joint <= 0 or calibration.person < 0:
            raise wrong
        if calibration.border > 0:
            raise wrong
        return calibration

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


@dataclass(frozen=True, eq=False)
class Presence:
    """The probability that a crop shows a person, for a detector that is undecided.

    probability = logistic(weights . features + offset): logistic regression on the network's
    features, averaged over the crop. Heatmaps say where joints would be; features also say what
    else may be there: a coat on its hook has shoulders.

    Attributes:
        weights: (C,) float32.
        offset: any.
    """

    weights: Float32Array
    offset: float

    @classmethod
    def parse(cls, text: str) -> Presence:
        """What `str` wrote.

        Raises:
            ModelError: the text is something else.
        """
        wrong = ModelError(
            f"presence {text[:80]!r} not understood; expected JSON of a list of finite weights and "
            "an offset; export the model again, then fit its `mobilepose presence`"
        )
        try:
            content = json.loads(text)
            presence = cls(np.array(content["weights"], np.float32), float(content["offset"]))
        except (ValueError, TypeError, KeyError) as error:
            raise wrong from error
        is_valid = presence.weights.ndim == 1 and np.isfinite(presence.weights).all()
        if not (is_valid and np.isfinite(presence.offset)):
            raise wrong
        return presence

    def __str__(self) -> str:
        """As JSON."""
        weights = [round(float(weight), 5) for weight in self.weights]
        return json.dumps({"weights": weights, "offset": round(self.offset, 4)})

    def __call__(self, features: Float32Array) -> Float32Array:
        """(N,) float32 probabilities in [0, 1] of features (N, C)."""
        return logistic(features @ self.weights + np.float32(self.offset))


def logistic(logits: Float32Array) -> Float32Array:
    """(...) float32 in [0, 1] of logits (...)."""
    return np.asarray((1 + np.tanh(logits / 2)) / 2, np.float32)


def calibration_terms(
    peaks: Float32Array, margins: Float32Array
) -> tuple[Float32Array, Float32Array, Float32Array]:
    """What a calibration weighs: (N, K) logits, (N, 1) mean peaks, (N, K) nearness to a border."""
    within = np.fmin(np.fmax(peaks, _FLOOR), 1 - _FLOOR)
    means = np.add.reduce(peaks, axis=-1, keepdims=True) / peaks.shape[-1]
    return np.log(within / (1 - within)), means, np.exp(np.fmax(margins, 0) / -NEAR_BORDER)


def border_margins(joints: Float32Array, borders: Float32Array | None, size: int) -> Float32Array:
    """How far inside the image joints lie, negative beyond its border.

    Args:
        joints: (N, K, 2) x, y in crop pixels.
        borders: (N, 4) of `crop.picture_in_crop`; None for images without borders.
        size: side of the crops, pixels.

    Returns:
        (N, K) float32, in sides of the crop.
    """
    if borders is None:
        return np.full(joints.shape[:2], np.inf, dtype=np.float32)
    nearest = np.fmin(joints - borders[:, None, :2], borders[:, None, 2:] - joints)
    margins: Float32Array = np.fmin(nearest[..., 0], nearest[..., 1]) / np.float32(size)
    return margins

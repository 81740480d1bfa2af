"""Joints' scores: from the heights of heatmaps' peaks to chances of being right."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

CALIBRATION_KEY = "mobilepose.calibration"
"""Where a model's file keeps its calibration."""

_FLOOR = 1e-3


BESIDE = 0.05
"""How near the picture's border a joint is beside it, in sides of the crop."""


@dataclass(frozen=True)
class Calibration:
    """The chance that a joint is right.

    Right is a joint that lies in the picture, within 0.2 torso lengths (left hip to right shoulder)
    of where it was found.

    score = logistic(joint * logit(peak) + person * mean(peaks) + border * exp(-margin / BESIDE) +
    offset), Platt's scaling ("Probabilistic Outputs for Support Vector Machines", 1999): the higher
    a peak, the higher the score. The mean is that of the person's peaks; the margin is the joint's
    distance from the picture's border. A joint beyond the border scores 0.

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
    def parse(cls, text: str) -> Calibration:
        """What `str` wrote.

        Raises:
            ValueError: the text is something else.
        """
        try:
            calibration = cls(**{name: float(value) for name, value in json.loads(text).items()})
        except (ValueError, TypeError, AttributeError) as error:
            raise _not_understood(text) from error
        if not np.isfinite(list(asdict(calibration).values())).all():
            raise _not_understood(text)
        if calibration.joint <= 0 or calibration.person < 0 or calibration.border > 0:
            raise _not_understood(text)
        return calibration

    def __str__(self) -> str:
        """As JSON."""
        return json.dumps({name: round(value, 4) for name, value in asdict(self).items()})

    def __call__(self, peaks: Floats, margins: Floats) -> Floats:
        """Scores of joints.

        Args:
            peaks: (N, 11) heights of one person's heatmaps a row, in [0, 1].
            margins: (N, 11) of `margins_of`.

        Returns:
            (N, 11) float32 in [0, 1].
        """
        own, of_person, beside = terms(peaks, margins)
        logits = self.joint * own + self.person * of_person + self.border * beside + self.offset
        return chances_of(logits) * (margins >= 0)


def chances_of(logits: Floats) -> Floats:
    """(...) float32 in [0, 1], the logistic of logits (...)."""
    return np.asarray((1 + np.tanh(logits / 2)) / 2, np.float32)


def terms(peaks: Floats, margins: Floats) -> tuple[Floats, Floats, Floats]:
    """What a calibration weighs: (N, 11) logits, (N, 1) means of peaks, (N, 11) nearness."""
    within = np.fmin(np.fmax(peaks, _FLOOR), 1 - _FLOOR)
    means = np.add.reduce(peaks, axis=-1, keepdims=True) / peaks.shape[-1]
    return np.log(within / (1 - within)), means, np.exp(np.fmax(margins, 0) / -BESIDE)


def margins_of(joints: Floats, pictures: Floats | None, size: int) -> Floats:
    """How far inside the picture joints lie, negative beyond its border.

    Args:
        joints: (N, 11, 2) x, y in crop pixels.
        pictures: (N, 4) of `crop.picture_in_crop`; None for pictures without a border.
        size: side of the crops, pixels.

    Returns:
        (N, 11) float32, in sides of the crop.
    """
    if pictures is None:
        return np.full(joints.shape[:2], np.inf, dtype=np.float32)
    nearest = np.fmin(joints - pictures[:, None, :2], pictures[:, None, 2:] - joints)
    margins: Floats = np.fmin(nearest[..., 0], nearest[..., 1]) / np.float32(size)
    return margins


def _not_understood(text: str) -> ValueError:
    return ValueError(
        f"calibration {text!r} not understood; expected JSON of the finite numbers joint > 0, "
        "person >= 0, border <= 0 and offset; export the model anew, then `mobilepose calibrate` it"
    )

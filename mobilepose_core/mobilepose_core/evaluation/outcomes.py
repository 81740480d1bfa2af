"""Correctness of a model's joints, with their peaks: the data that calibrations are fitted to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from tqdm import tqdm

from mobilepose_core import crop, skeleton
from mobilepose_core.datasets import Sample
from mobilepose_core.errors import DataError
from mobilepose_core.evaluation import pck
from mobilepose_core.evaluation.views import Viewer
from mobilepose_core.inference.pose_model import PoseModel, ScoreCalibration, border_margins
from mobilepose_core.io import photo
from mobilepose_core.typing import BoolArray, Float32Array


@dataclass(frozen=True)
class Outcomes:
    """Peaks and correctness of the joints of N people.

    Attributes:
        peaks: (N, K) heights in [0, 1].
        annotated: (N, K) whether the joint is annotated.
        right: (N, K) whether the prediction is correct; never for a joint outside the picture or
            the crop.
        margins: (N, K) distance of the prediction from the picture's border; see `border_margins`.
    """

    peaks: Float32Array
    annotated: BoolArray
    right: BoolArray
    margins: Float32Array

    @classmethod
    def of(cls, parts: Sequence[Outcomes]) -> Outcomes:
        """The concatenation of several parts."""
        return cls(
            np.concatenate([part.peaks for part in parts]),
            np.concatenate([part.annotated for part in parts]),
            np.concatenate([part.right for part in parts]),
            np.concatenate([part.margins for part in parts]),
        )

    def scored(self, calibration: ScoreCalibration | None) -> tuple[Float32Array, BoolArray]:
        """Scores of all annotated joints, and whether they are correct.

        Args:
            calibration: None uses the peaks as scores.
        """
        scores = self.peaks if calibration is None else calibration(self.peaks, self.margins)
        return scores[self.annotated], self.right[self.annotated]


def outcomes(
    samples: Sequence[Sample], viewer: Viewer, session: PoseModel, flic_hips: bool = True
) -> Outcomes:
    """Runs a model over a view of each person, with a progress bar.

    Args:
        samples: the people; occluding patches are from the previous person's photograph.
        viewer: one of `VIEWS`.
        session: the model.
        flic_hips: whether the model's hips are FLIC's where those are annotated.

    Raises:
        DataError: none of the photographs can be read.
    """
    random = np.random.default_rng(0)
    parts = []
    other = photo.read(samples[-1].image) if samples else None
    for sample in tqdm(samples, desc="evaluate", unit="person", leave=False):
        image = photo.read(sample.image)
        if image is None:
            continue
        background = image if other is None else other
        view = viewer(image, sample.joints, background, random, session.framing)
        (height, width), size = view.image.shape[:2], session.size
        to_crop = crop.crop_from_image(view.region, size)
        output = session.infer(crop.cut(view.image, view.region, size)[None])
        joints, peaks = output.joints, output.peaks
        annotated = skeleton.select(view.joints, session.skeleton.joints, flic_hips=flic_hips)
        truth = crop.transform(to_crop, annotated)[None]
        torsos = pck.torso_lengths(skeleton.select(crop.transform(to_crop, view.joints))[None])
        seen = session.framing.sees(truth, size) & crop.inside(annotated, width, height)
        picture = crop.picture_in_crop(view.region, size, width, height)
        margins = border_margins(joints, picture[None], size)
        known = np.isfinite(pck.normalised_distances(joints, truth, torsos))
        right = pck.right_joints(joints, truth, seen, torsos)
        parts.append(Outcomes(peaks, known, right, margins))
        other = image
    if not parts:
        raise DataError(f"none of {len(samples)} photographs could be read; nothing to fit to")
    return Outcomes.of(parts)

"""Predicted joints beside the ground truth: PCK by part and source, left-right swaps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mobilepose_core import heading, skeleton
from mobilepose_core.evaluation import pck, sides
from mobilepose_core.typing import BoolArray, Float32Array, Float64Array

THRESHOLDS = (0.2, 0.05)

_UPPER_BODY = (*skeleton.JOINTS, "flic_left_hip", "flic_right_hip")


@dataclass(frozen=True)
class Comparison:
    """The predicted and the annotated joints of N people.

    Attributes:
        found: (N, K, 2) x, y of the predicted joints.
        truth: (N, 19, 2) in the same coordinate frame, of `skeleton.ALL_19`, NaN where not
            annotated.
        joints: names of the K joints.
    """

    found: Float32Array
    truth: Float32Array
    joints: tuple[str, ...]

    def distances(self) -> Float64Array:
        """(N, K) of `pck.normalised_distances`."""
        torsos = pck.torso_lengths(skeleton.select(self.truth))
        truth = skeleton.select(self.truth, self.joints)
        return pck.normalised_distances(self.found, truth, torsos)

    def exchanged(self) -> dict[str, float]:
        """Per cent of people whose left and right are swapped: of all, and of those from behind."""
        are_backs = heading.are_backs(self.truth)
        wrong, telling = sides.exchanged(self.upper_body(), skeleton.select(self.truth))
        return {
            name: _per_cent(wrong[rows & telling])
            for name, rows in (("all", np.ones(len(wrong), bool)), ("backs", are_backs))
        }

    def figures(self, sources: npt.NDArray[np.str_]) -> dict[str, dict[str, float]]:
        """PCK of all joints, the mean of each data source, and left-right swaps.

        Args:
            sources: (N,) name of each person's data set.
        """
        distances = self.distances()
        figures = {
            f"pck@{threshold:g}": pck.summary(distances, threshold, self.joints)
            for threshold in THRESHOLDS
        }
        upper = [self.joints.index(name) for name in _UPPER_BODY if name in self.joints]
        names = [self.joints[place] for place in upper]
        figures["sources@0.2"] = {
            str(source): pck.summary(distances[sources == source][:, upper], pck.RIGHT, names)[
                "mean"
            ]
            for source in np.unique(sources)
        }
        figures["upper_body"] = pck.summary(distances[:, upper], pck.RIGHT, names)
        figures["exchanged"] = self.exchanged()
        return figures

    def upper_body(self) -> Float32Array:
        """(N, 11, 2) predicted joints of the upper body; NaN for joints the network lacks."""
        return skeleton.select(skeleton.among_all(self.found, self.joints)).astype(np.float32)


def _per_cent(values: BoolArray) -> float:
    return float(100 * values.mean()) if len(values) else float("nan")

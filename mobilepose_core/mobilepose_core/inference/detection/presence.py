"""`Presence`: whether a crop shows a person, by the pose network's pooled features."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np

from mobilepose_core.inference.runtime import pose_interface
from mobilepose_core.typing import Float32Array

PRESENCE_KEY = "mobilepose.presence"
"""Key in the metadata of a model's file."""


@dataclass(frozen=True, eq=False)
class Presence:
    """The probability that a crop shows a person, to verify detections with.

    probability = logistic(weights . features + offset): logistic regression on the network's
    pooled features. They tell people from person-like objects better than heatmaps do: a coat on a
    hook has shoulders, too.

    Attributes:
        weights: (C,) float32, finite.
        offset: finite.

    Raises:
        ValueError: weights or offset are not finite, or the weights are not a vector.
    """

    weights: Float32Array
    offset: float

    def __post_init__(self) -> None:
        if self.weights.ndim != 1 or not np.isfinite([*self.weights, self.offset]).all():
            raise ValueError(f"expected (C,) finite weights and an offset, got {self}")

    @classmethod
    def parse(cls, text: str) -> Presence:
        """The reverse of `str`.

        Raises:
            ModelError: the text is something else.
        """
        expected = (
            "JSON of a list of finite weights and an offset; export the model again, then run "
            "`mobilepose presence` on it"
        )
        return pose_interface.parsed_json(
            text,
            "presence",
            expected,
            lambda values: cls(np.array(values["weights"], np.float32), float(values["offset"])),
        )

    def __str__(self) -> str:
        """As JSON."""
        weights = [round(float(weight), 5) for weight in self.weights]
        return json.dumps({"weights": weights, "offset": round(self.offset, 4)})

    def __call__(self, features: Float32Array) -> Float32Array:
        """(N,) float32 probabilities in [0, 1] of features (N, C)."""
        logits = features @ self.weights + np.float32(self.offset)
        return np.asarray((1 + np.tanh(logits / 2)) / 2, np.float32)

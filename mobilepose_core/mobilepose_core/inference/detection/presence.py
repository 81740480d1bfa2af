"""Whether there is somebody in a crop: from the network's summary of it to a chance."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mobilepose_core.inference.scores import chances_of

Floats = npt.NDArray[np.float32]

PRESENCE_KEY = "mobilepose.presence"
"""Where a model's file keeps what says whether somebody is there."""


@dataclass(frozen=True, eq=False)
class Presence:
    """The chance that a crop shows a person whom it fits, of a finder that is undecided.

    chance = logistic(weights . summary + offset): a logistic regression on the mean of the
    network's features over the crop. Heatmaps say where joints would be, features also what else
    may be there: a coat on its hook has shoulders.

    Attributes:
        weights: (C,) float32.
        offset: any.
    """

    weights: Floats
    offset: float

    @classmethod
    def parse(cls, text: str) -> Presence:
        """What `str` wrote.

        Raises:
            ValueError: the text is something else.
        """
        try:
            content = json.loads(text)
            presence = cls(np.array(content["weights"], np.float32), float(content["offset"]))
        except (ValueError, TypeError, KeyError) as error:
            raise _not_understood(text) from error
        is_sound = presence.weights.ndim == 1 and np.isfinite(presence.weights).all()
        if not (is_sound and np.isfinite(presence.offset)):
            raise _not_understood(text)
        return presence

    def __str__(self) -> str:
        """As JSON."""
        weights = [round(float(weight), 5) for weight in self.weights]
        return json.dumps({"weights": weights, "offset": round(self.offset, 4)})

    def __call__(self, summaries: Floats) -> Floats:
        """(N,) float32 chances in [0, 1] of summaries (N, C)."""
        return chances_of(summaries @ self.weights + np.float32(self.offset))


def _not_understood(text: str) -> ValueError:
    return ValueError(
        f"presence {text[:80]!r} not understood; expected JSON of a list of finite weights and an "
        "offset; export the model anew, then fit its `mobilepose presence`"
    )

"""The interface of a training task: batches, loss and validation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import numpy as np
from torch import Tensor

from mobilepose_core.model import Network
from mobilepose_core.training.ranks import Ranks
from mobilepose_core.typing import Float64Array, ImageArray, IndexArray


class Batch(Protocol):
    """The examples of a step; implementations add the targets of their loss."""

    @property
    def images(self) -> Tensor:
        """(N, 3, H, W) RGB, `(rgb - 128) / 128`."""


AnyBatch = TypeVar("AnyBatch", bound=Batch)


@dataclass(frozen=True)
class Validation:
    """The results of a validation on held-out data.

    Attributes:
        loss: as in training.
        figures: metrics in groups, by their names in a run's history.
        summary: the main metrics as text, for a progress bar.
    """

    loss: float
    figures: Mapping[str, Mapping[str, float]]
    summary: str


class Task(Protocol[AnyBatch]):
    """One kind of network's data, loss and validation."""

    def to(self, device: str) -> None:
        """Moves data to the network's device where that is faster."""

    def batch(self, step: int, ranks: Ranks) -> AnyBatch:
        """This process's share of a step's examples, augmented with random numbers of the step."""

    def loss(self, output: Any, batch: AnyBatch) -> Tensor:
        """The loss of the network's output for a batch."""

    def validate(self, network: Network) -> Validation:
        """Evaluates the network on the held-out data, in full precision."""

    def pictures(self, network: Network) -> Mapping[str, ImageArray]:
        """(H, W, 3) BGR, predictions for a few held-out examples, the same every time."""


class Order:
    """The order of examples: whole epochs, each shuffled with the seed."""

    def __init__(self, samples_per_epoch: Float64Array, seed: int) -> None:
        """Starts at step 0.

        Args:
            samples_per_epoch: (N,) of each example, may be fractions.
            seed: of the shuffling.
        """
        self.samples_per_epoch = samples_per_epoch
        self.seed = seed

    @property
    def epoch_length(self) -> int:
        """The number of examples in an epoch."""
        return max(1, round(float(self.samples_per_epoch.sum())))

    def of_step(self, step: int, count: int) -> IndexArray:
        """(count,) indices of a step's examples."""
        positions = step * count + np.arange(count)
        indices = np.empty(count, dtype=np.intp)
        for epoch in np.unique(positions // self.epoch_length):
            order = self.epoch(np.random.default_rng((self.seed, int(epoch), _ORDER)))
            here = positions // self.epoch_length == epoch
            indices[here] = order[positions[here] % self.epoch_length]
        return indices

    def epoch(self, random: np.random.Generator) -> IndexArray:
        """The order of examples in an epoch.

        Systematic resampling: an example's integer part is exact in each epoch, its fraction over
        epochs.
        """
        order = random.permutation(len(self.samples_per_epoch))
        ends = np.cumsum(self.samples_per_epoch[order])
        spacing = ends[-1] / self.epoch_length
        marks = (np.arange(self.epoch_length) + random.random()) * spacing
        drawn = np.searchsorted(ends, marks, side="right").clip(max=len(order) - 1)
        return random.permutation(order[drawn])


_ORDER = 1

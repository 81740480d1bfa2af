"""What a loop trains: where its batches come from, what is a loss, and how a network is judged."""

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
    """A step's examples; beside the images there is what the loss compares with."""

    @property
    def images(self) -> Tensor:
        """(N, 3, H, W) RGB, `(rgb - 128) / 128`."""


AnyBatch = TypeVar("AnyBatch", bound=Batch)


@dataclass(frozen=True)
class Validation:
    """How a network does on what it does not train on.

    Attributes:
        loss: as in training.
        figures: by the names under which a run's history keeps them, in groups.
        summary: the most telling of them, for a progress bar.
    """

    loss: float
    figures: Mapping[str, Mapping[str, float]]
    summary: str


class Task(Protocol[AnyBatch]):
    """One kind of network's data, loss and validation."""

    def to(self, device: str) -> None:
        """Moves the data to where the network trains, as far as that helps."""

    def batch(self, step: int, ranks: Ranks) -> AnyBatch:
        """This process's share of a step's examples, changed at random by the step."""

    def loss(self, output: Any, batch: AnyBatch) -> Tensor:
        """Of what the network gives for a batch."""

    def validate(self, network: Network) -> Validation:
        """Runs the network over all that is held out, in evaluation mode and full precision."""

    def pictures(self, network: Network) -> Mapping[str, ImageArray]:
        """(H, W, 3) BGR, what the network finds in a few of those, the same ones every time."""


class Order:
    """Which examples a step shows: whole epochs, each in an order drawn from the seed."""

    def __init__(self, shown: Float64Array, seed: int) -> None:
        """Starts at step 0.

        Args:
            shown: (N,) how often an epoch shows each example, also parts of once.
            seed: of the orders.
        """
        self.shown = shown
        self.seed = seed

    @property
    def epoch_length(self) -> int:
        """How many examples an epoch shows."""
        return max(1, round(float(self.shown.sum())))

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
        """The order in which an epoch shows examples.

        Evenly spaced marks on a line on which each example has a stretch as long as it is to be
        shown: whole times exactly, and parts of one in so many epochs (systematic resampling).
        """
        order = random.permutation(len(self.shown))
        ends = np.cumsum(self.shown[order])
        spacing = ends[-1] / self.epoch_length
        marks = (np.arange(self.epoch_length) + random.random()) * spacing
        drawn = np.searchsorted(ends, marks, side="right").clip(max=len(order) - 1)
        return random.permutation(order[drawn])


_ORDER = 1

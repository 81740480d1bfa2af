"""From a configuration to a network."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from torch import Tensor, nn

from mobilepose_core.model.config import ModelConfig
from mobilepose_core.model.finder import FinderNetwork
from mobilepose_core.model.hourglass import PoseOutputs, SplitHourglass
from mobilepose_core.model.regression import Baseline, GapRemoved, Split

PoseNetwork = SplitHourglass | Baseline | GapRemoved | Split
Network = PoseNetwork | FinderNetwork

_NETWORKS: Mapping[str, Callable[[ModelConfig], Network]] = {
    "final": SplitHourglass,
    "baseline": Baseline,
    "gap_removed": GapRemoved,
    "split": Split,
    "finder": FinderNetwork,
}


def build(config: ModelConfig) -> Network:
    """The network that `config` describes, with random weights."""
    return _NETWORKS[config.architecture](config)


def outputs_of(network: Network, images: Tensor) -> Tensor | PoseOutputs:
    """All outputs of a network, as its loss takes them."""
    return network.outputs(images) if isinstance(network, SplitHourglass) else network(images)


def parameter_count(network: nn.Module) -> int:
    """Number of trained values: weights, biases, scales and offsets of batch normalisation."""
    return sum(parameter.numel() for parameter in network.parameters())

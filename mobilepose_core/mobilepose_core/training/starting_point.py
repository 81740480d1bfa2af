"""What a run starts from: initial weights, and which of them stay frozen at first."""

from __future__ import annotations

from pathlib import Path

from torch import nn

from mobilepose_core.model import ModelConfig, Network, build, imagenet
from mobilepose_core.model.hourglass import Hourglass
from mobilepose_core.model.mobilenet import MobileNet
from mobilepose_core.model.resize import resized
from mobilepose_core.training import checkpoint
from mobilepose_core.training.recipe import Recipe


def initial_network(
    config: ModelConfig, start_from: Path | None, imagenet_weights: Path | None
) -> Network:
    """The network that a run begins with.

    Args:
        config: of the network.
        start_from: checkpoint to take all weights from; None starts from new ones.
        imagenet_weights: file of the trunk's weights then; None leaves them random.

    Raises:
        ValueError: the checkpoint's weights do not fit.
    """
    if start_from is not None:
        return _refitted(*checkpoint.load_weights(start_from), config)
    network = build(config)
    if imagenet_weights is not None:
        imagenet.load_trunk(network.trunk, imagenet.load_arrays(imagenet_weights))
    return network


def _refitted(network: Network, config: ModelConfig, wanted: ModelConfig) -> Network:
    """A network of configuration `wanted` with the weights of another."""
    if isinstance(network, Hourglass) and wanted.architecture in ("final", "finder"):
        return resized(network, wanted)
    target = build(wanted)
    try:
        target.load_state_dict(network.state_dict())
    except RuntimeError as error:
        raise ValueError(
            f"a {config.architecture} network's weights do not fit: {error}"
        ) from error
    return target


def choose_parts(network: Network, recipe: Recipe, progress: float) -> None:
    """Freezes the weights and statistics that do not learn at `progress` through a schedule."""
    is_frozen = progress < recipe.frozen_share
    network.train()
    network.trunk.requires_grad_(not is_frozen)
    if is_frozen:
        network.trunk.eval()
    if recipe.kept_norms:
        for module in network.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eval()
    if recipe.kept_blocks:
        if not isinstance(network.trunk, MobileNet):
            raise ValueError("only MobileNet's blocks can be frozen; take another --recipe")
        network.trunk.first(recipe.kept_blocks).requires_grad_(False).eval()

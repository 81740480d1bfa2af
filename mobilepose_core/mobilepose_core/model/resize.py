"""Initialises a narrower or wider network with the filters of a trained one.

A narrower one keeps the strongest filters, ranked by the energy of their output, which is estimated
from batch normalisation without data. For other criteria, see Molchanov et al., "Pruning
Convolutional Neural Networks for Resource Efficient Inference", ICLR 2017.

A wider one has the strongest filters twice or more, and gives the same outputs: what reads copies
of a filter divides its weight among them. It does so at random, so that training tells the copies
apart. Chen et al., "Net2Net: Accelerating Learning via Knowledge Transfer", ICLR 2016.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import cast

import torch
from torch import Tensor, nn

from mobilepose_core.model.blocks import ConvBlock, DepthwiseBlock, SameConv, SeparableBlock
from mobilepose_core.model.config import ModelConfig
from mobilepose_core.model.finder import FinderNetwork
from mobilepose_core.model.heading import ATTENTION_MAPS
from mobilepose_core.model.hourglass import SKIP_14, SKIP_28, Hourglass, SplitHourglass

COLOURS = 3


def resized(network: Hourglass, config: ModelConfig) -> SplitHourglass | FinderNetwork:
    """A network of `config`, initialised with the filters of a trained one.

    It is a start for training; of fewer filters, it is not a usable network. Output layers are
    copied only between networks of one kind. Joints that the source lacks start as copies of
    related joints; other joints keep their outputs if all their filters are kept, and the heads of
    heading and presence, where there are any.

    Args:
        network: trained, of architecture `final` or `finder`.
        config: of either, narrower or wider.

    Raises:
        ValueError: `config` has a smaller kernel than the network, or skips that it lacks.
    """
    target = SplitHourglass(config) if config.architecture == "final" else FinderNetwork(config)
    with torch.no_grad():
        at_28 = _fill(target, network)
        if isinstance(target, SplitHourglass) and isinstance(network, SplitHourglass):
            outputs = _copy_heads(target, network)
            _copy_heading(target, network, at_28)
            _copy_presence(target, network, at_28)
        else:
            outputs = _strongest(
                _energy(network.block_13.pointwise), _filters(target.block_13.pointwise)
            )
        _copy_block(target.block_13, network.block_13, at_28, outputs)
        if isinstance(target, FinderNetwork) and isinstance(network, FinderNetwork):
            _copy_head(target.head, network.head, outputs)
    return target


def _fill(target: Hourglass, source: Hourglass) -> Tensor:
    """Copies the strongest filters of all layers before block 13; returns block 13's inputs.

    Both inputs of an addition keep the same filters, and so do both ends of a depthwise skip.
    """
    blocks = [cast(SeparableBlock, block) for block in source.trunk.blocks]
    narrow_blocks = [cast(SeparableBlock, block) for block in target.trunk.blocks]
    energies = [_energy(block.pointwise) for block in blocks]
    energies[-1] = energies[-1] + _energy(_last(source.skip_14))
    energy_28 = _energy(source.block_12.pointwise) + _energy(_last(source.skip_28))
    if isinstance(source.skip_14, DepthwiseBlock):
        energies[-1] = energies[SKIP_14 - 1] = energies[-1] + energies[SKIP_14 - 1]
        energy_28 = energies[SKIP_28 - 1] = energy_28 + energies[SKIP_28 - 1]
    kept = [
        _strongest(energy, _filters(block.pointwise))
        for energy, block in zip(energies, narrow_blocks, strict=True)
    ]
    stem = _strongest(_energy(source.trunk.stem), _filters(target.trunk.stem))
    _copy(target.trunk.stem, source.trunk.stem, stem, torch.arange(COLOURS))
    for narrow, wide, inputs, outputs in zip(
        narrow_blocks, blocks, [stem, *kept], kept, strict=False
    ):
        _copy_block(narrow, wide, inputs, outputs)
    _copy_skip(target.skip_14, source.skip_14, kept[SKIP_14 - 1], kept[-1])
    at_28 = _strongest(energy_28, _filters(target.block_12.pointwise))
    _copy_block(target.block_12, source.block_12, kept[-1], at_28)
    _copy_skip(target.skip_28, source.skip_28, kept[SKIP_28 - 1], at_28)
    return at_28


def _last(skip: SeparableBlock | DepthwiseBlock) -> ConvBlock:
    return skip.depthwise if isinstance(skip, DepthwiseBlock) else skip.pointwise


def _copy_skip(
    target: SeparableBlock | DepthwiseBlock,
    source: SeparableBlock | DepthwiseBlock,
    inputs: Tensor,
    outputs: Tensor,
) -> None:
    """Copies a skip; without its pointwise half it adds to other filters than before."""
    if isinstance(target, DepthwiseBlock):
        _copy(target.depthwise, source.depthwise, inputs, torch.arange(1))
    elif isinstance(source, SeparableBlock):
        _copy_block(target, source, inputs, outputs)
    else:
        raise ValueError("depthwise skips cannot become separable ones; take --skips depthwise")


def _copy_heads(target: SplitHourglass, source: SplitHourglass) -> Tensor:
    """Copies the heads of the streams; returns the filters of block 13 that they read."""
    filters = source.heads.filters
    energies = _energy(source.block_13.pointwise).split(filters)
    starts = [sum(filters[:place]) for place in range(len(filters))]
    kept = []
    for joint, head in zip(target.joints, target.heads.heads, strict=True):
        place = source.joints.index(_related(joint, source.joints))
        narrow, wide = cast(nn.Conv2d, head), cast(nn.Conv2d, source.heads.heads[place])
        inputs = _strongest(energies[place] * wide.weight.flatten() ** 2, narrow.in_channels)
        _copy_head(narrow, wide, inputs)
        kept.append(starts[place] + inputs)
    return torch.cat(kept)


RELATED: Mapping[str, str] = {
    "ear": "eye",
    "knee": "elbow",
    "ankle": "wrist",
    "flic_left_hip": "left_hip",
    "flic_right_hip": "right_hip",
}
"""The joint that a missing joint is initialised from, on the same side."""


def _related(joint: str, known: tuple[str, ...]) -> str:
    if joint in known:
        return joint
    side, _, part = joint.partition("_")
    related = RELATED.get(joint) or f"{side}_{RELATED.get(part, '')}"
    if related not in known:
        raise ValueError(
            f"nothing to start {joint} from in a network of {', '.join(known)}; start from one "
            "with all joints of the upper body"
        )
    return related


def _copy_heading(target: SplitHourglass, source: SplitHourglass, kept: Tensor) -> None:
    """Copies the heading head, if both networks have one, for the shared features that are kept."""
    narrow, wide = target.heading, source.heading
    if narrow is None or wide is None:
        return
    narrow.attention.weight.copy_(_divided(wide.attention.weight[:, kept], kept))
    _copy_bias(narrow.attention, wide.attention)
    by_map = wide.hidden.weight.unflatten(1, (ATTENTION_MAPS, -1)).transpose(1, 2)
    divided = _divided(by_map[:, kept, :, None], kept)[..., 0]
    narrow.hidden.weight.copy_(divided.transpose(1, 2).flatten(1))
    _copy_bias(narrow.hidden, wide.hidden)
    narrow.heading.load_state_dict(wide.heading.state_dict())
    narrow.shift.weight.copy_(wide.shift.weight[kept])
    narrow.shift.bias.copy_(wide.shift.bias[kept])


def _copy_presence(target: SplitHourglass, source: SplitHourglass, kept: Tensor) -> None:
    """Copies the presence head, if both networks have one, for the features that are kept."""
    if target.presence is not None and source.presence is not None:
        by_filter = source.presence.weight[:, kept, None, None]
        target.presence.weight.copy_(_divided(by_filter, kept)[..., 0, 0])
        target.presence.bias.copy_(source.presence.bias)


def _copy_head(target: nn.Conv2d, source: nn.Conv2d, inputs: Tensor) -> None:
    target.weight.copy_(_divided(source.weight[:, inputs], inputs))
    _copy_bias(target, source)


def _copy_bias(target: nn.Conv2d | nn.Linear, source: nn.Conv2d | nn.Linear) -> None:
    assert target.bias is not None
    assert source.bias is not None
    target.bias.copy_(source.bias)


def _copy_block(
    target: SeparableBlock, source: SeparableBlock, inputs: Tensor, outputs: Tensor
) -> None:
    _copy(target.depthwise, source.depthwise, inputs, torch.arange(1))
    _copy(target.pointwise, source.pointwise, outputs, inputs)


def _copy(target: ConvBlock, source: ConvBlock, outputs: Tensor, inputs: Tensor) -> None:
    kernels = cast(SameConv, source[0]).weight[outputs][:, inputs]
    cast(SameConv, target[0]).start_from(_divided(kernels, inputs))
    from_norm, to_norm = source[1].state_dict(), target[1].state_dict()
    for name, values in to_norm.items():
        values.copy_(from_norm[name][outputs] if values.ndim else from_norm[name])


def _filters(block: ConvBlock) -> int:
    return cast(nn.Conv2d, block[0]).out_channels


def _energy(block: ConvBlock) -> Tensor:
    """(C,) mean square of each filter's output after ReLU.

    Values after batch normalisation have mean m and deviation s. If they are normal, the mean of
    relu(x)^2 is (m^2 + s^2) cdf(m / s) + m s pdf(m / s).
    """
    norm = cast(nn.BatchNorm2d, block[1])
    mean, deviation = norm.bias, norm.weight.abs() + _TINY
    ratio = mean / deviation
    density = torch.exp(-(ratio**2) / 2) / math.sqrt(2 * math.pi)
    below = torch.special.ndtr(ratio)
    energy: Tensor = (mean**2 + deviation**2) * below + mean * deviation * density
    return energy


def _strongest(energy: Tensor, count: int) -> Tensor:
    """Indices of the `count` filters of highest energy, ascending.

    If there are fewer filters, all of them, and the strongest again.
    """
    by_energy = energy.argsort(descending=True, stable=True)
    indices = torch.cat([by_energy] * math.ceil(count / len(energy)))[:count]
    return indices.sort().values


def _divided(kernels: Tensor, inputs: Tensor) -> Tensor:
    """Kernels (outputs, inputs, h, w) whose weights are divided among copies of an input.

    Args:
        kernels: with the whole weight for each copy.
        inputs: (inputs,) the filter that each is a copy of.
    """
    filters, copies_of = inputs.unique(return_inverse=True)
    if len(filters) == len(inputs):
        return kernels
    parts = torch.rand(kernels.shape[:2], generator=torch.Generator().manual_seed(_SEED)) + _LEAST
    wholes = torch.zeros(len(kernels), len(filters)).index_add(1, copies_of, parts)
    return kernels * (parts / wholes[:, copies_of])[:, :, None, None]


_SEED, _LEAST = 0, 0.1
_TINY = 1e-8

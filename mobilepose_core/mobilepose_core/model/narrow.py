"""A trained network's strongest filters as the start of a narrower network.

Filters are ranked by the energy of what they pass on, which their batch normalisation knows: no
data is needed. For ways to rank them, see Molchanov et al., "Pruning Convolutional Neural Networks
for Resource Efficient Inference", ICLR 2017.
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
from mobilepose_core.model.hourglass import SKIP_14, SKIP_28, Hourglass, SplitHourglass

COLOURS = 3


def narrowed(network: Hourglass, config: ModelConfig) -> SplitHourglass | FinderNetwork:
    """A network of `config` that starts from the strongest filters of another, as wide or wider.

    It is where training starts, not a result: it finds little before. The ends of networks for
    different ends are not taken over. Joints that the other does not find start as copies of
    related ones; those that it finds are the same as before where the filters are.

    Args:
        network: trained, of architecture `final` or `finder`.
        config: of either.

    Raises:
        ValueError: `config` has a layer with more filters, or of a smaller kernel, than the
            network's, or skips that it has not.
    """
    target = SplitHourglass(config) if config.architecture == "final" else FinderNetwork(config)
    with torch.no_grad():
        at_28 = _fill(target, network)
        if isinstance(target, SplitHourglass) and isinstance(network, SplitHourglass):
            outputs = _copy_heads(target, network)
            _copy_heading(target, network)
        else:
            outputs = _strongest(
                _energy(network.block_13.pointwise), _filters(target.block_13.pointwise)
            )
        _copy_block(target.block_13, network.block_13, at_28, outputs)
        if isinstance(target, FinderNetwork) and isinstance(network, FinderNetwork):
            _copy_head(target.head, network.head, outputs)
    return target


def _fill(target: Hourglass, source: Hourglass) -> Tensor:
    """Copies the strongest filters of all before block 13; returns those that it reads.

    Both ends of an addition keep the same ones, and so do both ends of a depthwise skip.
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
    """Copies a skip; one that loses its pointwise half adds to other filters than before."""
    if isinstance(target, DepthwiseBlock):
        _copy(target.depthwise, source.depthwise, inputs, torch.arange(1))
    elif isinstance(source, SeparableBlock):
        _copy_block(target, source, inputs, outputs)
    else:
        raise ValueError("depthwise skips cannot go on as separable ones; take --skips depthwise")


def _copy_heads(target: SplitHourglass, source: SplitHourglass) -> Tensor:
    """Copies the ends of the streams; returns the filters of block 13 that they read."""
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
"""Which joint's stream another one starts from, where its own is not there: the part of the same
side."""


def _related(joint: str, known: tuple[str, ...]) -> str:
    if joint in known:
        return joint
    side, _, part = joint.partition("_")
    related = RELATED.get(joint) or f"{side}_{RELATED.get(part, '')}"
    if related not in known:
        raise ValueError(
            f"nothing to start {joint} from in a network of {', '.join(known)}; start from one "
            "that finds all joints of the upper body"
        )
    return related


def _copy_heading(target: SplitHourglass, source: SplitHourglass) -> None:
    """Copies the heading where both have one of the same width."""
    if target.heading is None or source.heading is None or target.filters != source.filters:
        return
    target.heading.load_state_dict(source.heading.state_dict())


def _copy_head(target: nn.Conv2d, source: nn.Conv2d, inputs: Tensor) -> None:
    assert target.bias is not None
    assert source.bias is not None
    target.weight.copy_(source.weight[:, inputs])
    target.bias.copy_(source.bias)


def _copy_block(
    target: SeparableBlock, source: SeparableBlock, inputs: Tensor, outputs: Tensor
) -> None:
    _copy(target.depthwise, source.depthwise, inputs, torch.arange(1))
    _copy(target.pointwise, source.pointwise, outputs, inputs)


def _copy(target: ConvBlock, source: ConvBlock, outputs: Tensor, inputs: Tensor) -> None:
    cast(SameConv, target[0]).start_from(cast(SameConv, source[0]).weight[outputs][:, inputs])
    from_norm, to_norm = source[1].state_dict(), target[1].state_dict()
    for name, values in to_norm.items():
        values.copy_(from_norm[name][outputs] if values.ndim else from_norm[name])


def _filters(block: ConvBlock) -> int:
    return cast(nn.Conv2d, block[0]).out_channels


def _energy(block: ConvBlock) -> Tensor:
    """(C,) mean square of what each filter gives behind its ReLU.

    Batch normalisation leaves values of mean m and deviation s; for normal ones the mean of
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
    """Indices of the `count` filters of most energy, in their order."""
    if count > len(energy):
        raise ValueError(f"a layer of {len(energy)} filters cannot be narrowed to {count}")
    return energy.topk(count).indices.sort().values


_TINY = 1e-8

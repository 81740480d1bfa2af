"""The paper's baselines: networks that regress coordinates from MobileNet features."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mobilepose_core.model.blocks import SeparableBlock
from mobilepose_core.model.config import ModelConfig
from mobilepose_core.model.densenet import DenseNet
from mobilepose_core.model.mobilenet import BLOCKS, MobileNet
from mobilepose_core.model.squeezenet import SqueezeNet

TRUNK_STRIDE = 32


def _trunk(config: ModelConfig) -> MobileNet | SqueezeNet | DenseNet:
    if config.trunk == "mobilenet":
        return MobileNet(config)
    return SqueezeNet(config) if config.trunk == "squeezenet" else DenseNet(config)


class Baseline(nn.Module):
    """A trunk, global average pooling, and two outputs per joint.

    Shape:
        input (N, 3, S, S), `(rgb - 128) / 128`; output (N, K, 2), x and y in crop sides: 0 is the
        left or upper edge, 1 the right or lower.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.trunk = _trunk(config)
        self.joint_count = len(config.joints)
        self.output = nn.Linear(self.trunk.channels, 2 * self.joint_count)

    def forward(self, images: Tensor) -> Tensor:
        pooled = self.trunk(images).mean((2, 3))
        coordinates: Tensor = self.output(pooled)
        return coordinates.view(-1, self.joint_count, 2) + 0.5


class GapRemoved(nn.Module):
    """`Baseline` without the pooling, so that the outputs know the position of each feature.

    Features are divided by the number of cells, as in the pooling: without that, fifty times as
    many features would make fifty times as long steps, and training would diverge.

    Shape: as `Baseline`.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.cells = (config.input_size // TRUNK_STRIDE) ** 2
        self.trunk = MobileNet(config)
        self.joint_count = len(config.joints)
        self.output = nn.Linear(self.trunk.channels * self.cells, 2 * self.joint_count)

    def forward(self, images: Tensor) -> Tensor:
        coordinates: Tensor = self.output(self.trunk(images).flatten(1) / self.cells)
        return coordinates.view(-1, self.joint_count, 2) + 0.5


class Split(nn.Module):
    """`GapRemoved` whose block 13 and output are divided into one stream of filters per joint.

    Shape: as `Baseline`.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.cells = (config.input_size // TRUNK_STRIDE) ** 2
        self.filters = config.stream_filters(config.filters(BLOCKS[-1][0]))
        self.trunk = MobileNet(config, len(BLOCKS) - 1)
        self.block_13 = SeparableBlock(config.filters(BLOCKS[-2][0]), sum(self.filters))
        self.outputs = nn.ModuleList(nn.Linear(count * self.cells, 2) for count in self.filters)

    def forward(self, images: Tensor) -> Tensor:
        streams = self.block_13(self.trunk(images)).split(self.filters, dim=1)
        coordinates = [
            output(stream.flatten(1) / self.cells)
            for output, stream in zip(self.outputs, streams, strict=True)
        ]
        return torch.stack(coordinates, dim=1) + 0.5

"""DenseNet, a trunk that the paper compares with MobileNet."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mobilepose_core.model.config import ModelConfig

STEM_FILTERS = 64
GROWTH = 32
BOTTLENECK = 4


class DenseLayer(nn.Module):
    """Batch normalisation, ReLU and convolution, 1x1 then 3x3, concatenated with the input.

    Shape:
        input (N, inputs, H, W), output (N, inputs + growth, H, W).
    """

    def __init__(self, inputs: int, growth: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.BatchNorm2d(inputs),
            nn.ReLU(inplace=True),
            nn.Conv2d(inputs, BOTTLENECK * growth, 1, bias=False),
            nn.BatchNorm2d(BOTTLENECK * growth),
            nn.ReLU(inplace=True),
            nn.Conv2d(BOTTLENECK * growth, growth, 3, padding=1, bias=False),
        )

    def forward(self, features: Tensor) -> Tensor:
        return torch.cat([features, self.layers(features)], 1)


class DenseNet(nn.Module):
    """DenseNet-BC with the layers per block that `trunk` names, such as `densenet-6-12-12-8`.

    Shape:
        input (N, 3, S, S), `(rgb - 128) / 128`; output (N, channels, S / 32, S / 32).

    Huang et al., "Densely Connected Convolutional Networks", CVPR 2017.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        depths = [int(count) for count in config.trunk.split("-")[1:]]
        growth, channels = config.filters(GROWTH), config.filters(STEM_FILTERS)
        layers: list[nn.Module] = [
            nn.Conv2d(3, channels, 7, 2, 3, bias=False),
            nn.BatchNorm2d(channels),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(3, 2, 1),
        ]
        for block, depth in enumerate(depths):
            if block:
                layers += _transition(channels)
                channels //= 2
            for _ in range(depth):
                layers.append(DenseLayer(channels, growth))
                channels += growth
        layers += [nn.BatchNorm2d(channels), nn.ReLU(inplace=True)]
        self.layers = nn.Sequential(*layers)
        self.channels = channels

    def forward(self, images: Tensor) -> Tensor:
        features: Tensor = self.layers(images)
        return features


def _transition(channels: int) -> list[nn.Module]:
    """Half the channels at half the resolution."""
    return [
        nn.BatchNorm2d(channels),
        nn.ReLU(inplace=True),
        nn.Conv2d(channels, channels // 2, 1, bias=False),
        nn.AvgPool2d(2),
    ]

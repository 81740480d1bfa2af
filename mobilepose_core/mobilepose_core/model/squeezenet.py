"""SqueezeNet, a trunk that the paper compares with MobileNet."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mobilepose_core.model.config import ModelConfig

STEM_FILTERS = 64
FIRES: tuple[tuple[int, int, bool], ...] = (
    (16, 64, True),
    (16, 64, False),
    (32, 128, True),
    (32, 128, False),
    (48, 192, True),
    (48, 192, False),
    (64, 256, False),
    (64, 256, False),
)
"""Squeezed and expanded filters of each fire module, and whether pooling halves its input."""


class Fire(nn.Module):
    """A fire module: 1x1 squeeze, then 1x1 and 3x3 expansions side by side.

    Shape:
        input (N, inputs, H, W), output (N, 2 * expanded, H, W).
    """

    def __init__(self, inputs: int, squeezed: int, expanded: int) -> None:
        super().__init__()
        self.squeeze = nn.Sequential(nn.Conv2d(inputs, squeezed, 1), nn.ReLU(inplace=True))
        self.narrow = nn.Conv2d(squeezed, expanded, 1)
        self.wide = nn.Conv2d(squeezed, expanded, 3, padding=1)

    def forward(self, features: Tensor) -> Tensor:
        squeezed = self.squeeze(features)
        return torch.cat([self.narrow(squeezed), self.wide(squeezed)], 1).relu()


class SqueezeNet(nn.Module):
    """SqueezeNet 1.1 up to its last fire module.

    Shape:
        input (N, 3, S, S), `(rgb - 128) / 128`; output (N, 512 * width, S / 16, S / 16).

    Iandola et al., "SqueezeNet: AlexNet-level accuracy with 50x fewer parameters", 2016.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        channels = config.filters(STEM_FILTERS)
        layers: list[nn.Module] = [nn.Conv2d(3, channels, 3, 2, 1), nn.ReLU(inplace=True)]
        for squeezed, expanded, is_halved in FIRES:
            if is_halved:
                layers.append(nn.MaxPool2d(3, 2, 1))
            layers.append(Fire(channels, config.filters(squeezed), config.filters(expanded)))
            channels = 2 * config.filters(expanded)
        self.layers = nn.Sequential(*layers)
        self.channels = channels

    def forward(self, images: Tensor) -> Tensor:
        features: Tensor = self.layers(images)
        return features

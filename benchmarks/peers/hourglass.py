"""The stacked hourglass network, with random weights, to measure its speed.

Newell, Yang and Deng, "Stacked Hourglass Networks for Human Pose Estimation", ECCV 2016.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

SIZE = 256
"""Side of its input, pixels; heatmaps have a quarter of that."""

STACKS = 8
FEATURES = 256
JOINTS = 16
"""Joints of MPII."""

_DEPTH = 4


class Residual(nn.Module):
    """A pre-activation bottleneck block.

    Shape:
        (N, `inside`, H, W) to (N, `outside`, H, W).
    """

    def __init__(self, inside: int, outside: int) -> None:
        super().__init__()
        half = outside // 2
        self.body = nn.Sequential(
            *_activated(inside, half, 1), *_activated(half, half, 3), *_activated(half, outside, 1)
        )
        self.skip = nn.Identity() if inside == outside else nn.Conv2d(inside, outside, 1)

    def forward(self, features: Tensor) -> Tensor:
        """The sum of the skip connection and the bottleneck."""
        total: Tensor = self.body(features) + self.skip(features)
        return total


class HourglassModule(nn.Module):
    """Features at five scales, each added to the next finer one.

    Shape:
        (N, C, H, W) to the same.
    """

    def __init__(self, depth: int = _DEPTH) -> None:
        super().__init__()
        self.beside = Residual(FEATURES, FEATURES)
        self.before = Residual(FEATURES, FEATURES)
        self.inner = HourglassModule(depth - 1) if depth > 1 else Residual(FEATURES, FEATURES)
        self.behind = Residual(FEATURES, FEATURES)

    def forward(self, features: Tensor) -> Tensor:
        """The features after downsampling and upsampling."""
        low = self.behind(self.inner(self.before(F.max_pool2d(features, 2))))
        total: Tensor = self.beside(features) + F.interpolate(low, scale_factor=2.0)
        return total


class StackedHourglass(nn.Module):
    """Eight hourglasses, each refining the heatmaps of the one before.

    Shape:
        (N, 3, 256, 256) to (N, 16, 64, 64), the last one's heatmaps.
    """

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, 64, 7, stride=2, padding=3),
            nn.BatchNorm2d(64),
            nn.ReLU(),
            Residual(64, 128),
            nn.MaxPool2d(2),
            Residual(128, 128),
            Residual(128, FEATURES),
        )
        self.stacks = nn.ModuleList(_stack() for _ in range(STACKS))
        self.heads = nn.ModuleList(nn.Conv2d(FEATURES, JOINTS, 1) for _ in range(STACKS))
        self.features_back = _between(FEATURES)
        self.heatmaps_back = _between(JOINTS)

    def forward(self, images: Tensor) -> Tensor:
        """Heatmaps of the last hourglass."""
        x = self.stem(images)
        for i in range(STACKS - 1):
            features = self.stacks[i](x)
            heatmaps = self.heads[i](features)
            x = x + self.features_back[i](features) + self.heatmaps_back[i](heatmaps)
        last: Tensor = self.heads[-1](self.stacks[-1](x))
        return last


def _stack() -> nn.Module:
    return nn.Sequential(
        HourglassModule(),
        Residual(FEATURES, FEATURES),
        nn.Conv2d(FEATURES, FEATURES, 1),
        nn.BatchNorm2d(FEATURES),
        nn.ReLU(),
    )


def _between(channels: int) -> nn.ModuleList:
    return nn.ModuleList(nn.Conv2d(channels, FEATURES, 1) for _ in range(STACKS - 1))


def _activated(inside: int, outside: int, kernel: int) -> tuple[nn.Module, ...]:
    convolution = nn.Conv2d(inside, outside, kernel, padding=kernel // 2)
    return nn.BatchNorm2d(inside), nn.ReLU(), convolution

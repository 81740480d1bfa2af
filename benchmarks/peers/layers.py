"""What several networks with random weights consist of."""

from __future__ import annotations

from torch import nn


def convolution(
    inside: int, outside: int, kernel: int, stride: int = 1, groups: int = 1, acts: bool = True
) -> nn.Module:
    """A convolution with batch normalisation and, if it `acts`, a sigmoid linear unit."""
    return nn.Sequential(
        nn.Conv2d(inside, outside, kernel, stride, padding=kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outside),
        nn.SiLU(inplace=True) if acts else nn.Identity(),
    )

"""RTMPose with random weights, to measure its speed.

Jiang et al., "RTMPose: Real-Time Multi-Person Pose Estimation based on MMPose", 2023: a CSPNeXt
backbone (Lyu et al., "RTMDet", 2022), and a head that tells where each joint is along x and along y
(Li et al., "SimCC", ECCV 2022) after a gated attention unit (Hua et al., ICML 2022).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from benchmarks.peers.layers import convolution

HEIGHT, WIDTH = 256, 192
"""Of its input, pixels."""

JOINTS = 17
"""Joints of COCO."""

STEPS = 2
"""Places that are told apart within a pixel."""

FEATURES, QUERIES, VALUES = 256, 128, 512
"""Numbers for each joint: before the attention, in its queries and keys, and in its values."""

STAGES = ((128, 3), (256, 6), (512, 6), (1024, 3))
"""Channels and blocks of the stages at full width and depth."""


class RtmPose(nn.Module):
    """Distributions of each joint's place along x and y.

    Shape:
        (N, 3, 256, 192) to (N, 17, 384) and (N, 17, 512).
    """

    def __init__(self, width: float, depth: float) -> None:
        """Random weights.

        Args:
            width: share of the channels; 0.375 for RTMPose-t, 0.5 for RTMPose-s.
            depth: share of the blocks; 0.167 and 0.33.
        """
        super().__init__()
        first = int(64 * width)
        layers = [
            convolution(3, first // 2, 3, stride=2),
            convolution(first // 2, first // 2, 3),
            convolution(first // 2, first, 3),
        ]
        inside = first
        for channels, blocks in STAGES:
            outside, count = int(channels * width), max(1, round(blocks * depth))
            is_last = channels == STAGES[-1][0]
            layers.append(convolution(inside, outside, 3, stride=2))
            if is_last:
                layers.append(PyramidPooling(outside))
            layers.append(CrossStage(outside, count, adds_input=not is_last))
            inside = outside
        self.backbone = nn.Sequential(*layers)
        self.maps = nn.Conv2d(inside, JOINTS, 7, padding=3)
        cells = (HEIGHT // 32) * (WIDTH // 32)
        self.embedding = nn.Sequential(ScaleNorm(cells), nn.Linear(cells, FEATURES, bias=False))
        self.attention = GatedAttention()
        self.along_x = nn.Linear(FEATURES, WIDTH * STEPS, bias=False)
        self.along_y = nn.Linear(FEATURES, HEIGHT * STEPS, bias=False)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Both distributions, before a softmax."""
        maps = self.maps(self.backbone(images)).flatten(2)
        joints = self.attention(self.embedding(maps))
        return self.along_x(joints), self.along_y(joints)


class CrossStage(nn.Module):
    """Blocks on half of the channels, beside the other half, weighted channel by channel.

    Shape:
        (N, C, H, W) to the same.
    """

    def __init__(self, channels: int, blocks: int, adds_input: bool) -> None:
        super().__init__()
        half = channels // 2
        self.main, self.beside = convolution(channels, half, 1), convolution(channels, half, 1)
        self.blocks = nn.Sequential(*(LargeKernelBlock(half, adds_input) for _ in range(blocks)))
        self.weights = nn.Conv2d(channels, channels, 1)
        self.joined = convolution(channels, channels, 1)

    def forward(self, features: Tensor) -> Tensor:
        """Both halves, joined."""
        both = torch.cat([self.blocks(self.main(features)), self.beside(features)], 1)
        weights = F.hardsigmoid(self.weights(F.adaptive_avg_pool2d(both, 1)))
        joined: Tensor = self.joined(both * weights)
        return joined


class LargeKernelBlock(nn.Module):
    """A convolution, and a separable one of 5x5.

    Shape:
        (N, C, H, W) to the same.
    """

    def __init__(self, channels: int, adds_input: bool) -> None:
        super().__init__()
        self._adds_input = adds_input
        self.body = nn.Sequential(
            convolution(channels, channels, 3),
            convolution(channels, channels, 5, groups=channels),
            convolution(channels, channels, 1),
        )

    def forward(self, features: Tensor) -> Tensor:
        """The convolved features, with the input where that is added."""
        found: Tensor = self.body(features)
        return found + features if self._adds_input else found


class PyramidPooling(nn.Module):
    """The features and their maxima over 5, 9 and 13 cells.

    Shape:
        (N, C, H, W) to the same.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.before = convolution(channels, channels // 2, 1)
        self.behind = convolution(channels // 2 * 4, channels, 1)

    def forward(self, features: Tensor) -> Tensor:
        """All of them, joined."""
        x = self.before(features)
        pooled = [F.max_pool2d(x, size, stride=1, padding=size // 2) for size in (5, 9, 13)]
        joined: Tensor = self.behind(torch.cat([x, *pooled], 1))
        return joined


class ScaleNorm(nn.Module):
    """Vectors of one length, which is learnt."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self._root = size**0.5
        self.length = nn.Parameter(torch.ones(1))

    def forward(self, x: Tensor) -> Tensor:
        """The scaled vectors."""
        norm = torch.linalg.vector_norm(x, dim=-1, keepdim=True) / self._root
        scaled: Tensor = x / norm.clamp(min=1e-5) * self.length
        return scaled


class GatedAttention(nn.Module):
    """Each joint looks at all others; squared rectifiers instead of a softmax.

    Shape:
        (N, 17, 256) to the same.
    """

    def __init__(self) -> None:
        super().__init__()
        self.norm = ScaleNorm(FEATURES)
        self.inside = nn.Linear(FEATURES, 2 * VALUES + QUERIES, bias=False)
        self.scales = nn.Parameter(torch.rand(2, QUERIES))
        self.offsets = nn.Parameter(torch.rand(2, QUERIES))
        self.outside = nn.Linear(VALUES, FEATURES, bias=False)
        self.share = nn.Parameter(torch.ones(FEATURES))

    def forward(self, joints: Tensor) -> Tensor:
        """The joints with what they have learnt of the others."""
        x = F.silu(self.inside(self.norm(joints)))
        gates, values, base = torch.split(x, [VALUES, VALUES, QUERIES], dim=-1)
        queries, keys = (base.unsqueeze(2) * self.scales + self.offsets).unbind(2)
        kernel = F.relu(queries @ keys.transpose(1, 2) / QUERIES**0.5) ** 2
        found: Tensor = self.share * joints + self.outside(gates * (kernel @ values))
        return found

"""MobileNetV1, the trunk of all networks."""

from __future__ import annotations

from torch import Tensor, nn

from mobilepose_core.model.blocks import ConvBlock, SeparableBlock
from mobilepose_core.model.config import MOBILENET_KERNEL, ModelConfig

STEM_FILTERS = 32
BLOCKS: tuple[tuple[int, int], ...] = (
    (64, 1),
    (128, 2),
    (128, 1),
    (256, 2),
    (256, 1),
    (512, 2),
    (512, 1),
    (512, 1),
    (512, 1),
    (512, 1),
    (512, 1),
    (1024, 2),
    (1024, 1),
)
"""Filters and stride of depthwise-pointwise blocks 1 to 13 at width 1.0."""

AT_16 = range(7, 12)
"""Blocks whose input and output are at S / 16."""


class MobileNet(nn.Module):
    """The stem and the first `depth` blocks of MobileNetV1.

    Shape:
        input (N, 3, S, S), `(rgb - 128) / 128`; `forward` gives the last block's features,
        (N, 512 * width, S / 16, S / 16) for depth 11 and (N, 1024 * width, S / 32, S / 32) for 13.

    Howard et al., "MobileNets", 2017.
    """

    def __init__(self, config: ModelConfig, depth: int = len(BLOCKS)) -> None:
        super().__init__()
        channels = config.filters(STEM_FILTERS)
        self.stem = ConvBlock(3, channels, 3, stride=2)
        self.blocks = nn.ModuleList()
        for number, (filters, stride) in enumerate(BLOCKS[:depth], start=1):
            outputs = config.filters(filters)
            kernel = config.kernel if number in AT_16 else MOBILENET_KERNEL
            self.blocks.append(SeparableBlock(channels, outputs, stride, kernel))
            channels = outputs
        self.channels = channels

    def first(self, count: int) -> nn.ModuleList:
        """The stem and the first `count` blocks."""
        return nn.ModuleList([self.stem, *self.blocks[:count]])

    def forward(self, images: Tensor) -> Tensor:
        return self.features(images, ())[0]

    def features(self, images: Tensor, taps: tuple[int, ...]) -> tuple[Tensor, ...]:
        """The last block's features, then those of each block in `taps` (counted from 1)."""
        features: Tensor = self.stem(images)
        tapped: dict[int, Tensor] = {}
        for number, block in enumerate(self.blocks, start=1):
            features = block(features)
            if number in taps:
                tapped[number] = features
        return (features, *(tapped[number] for number in taps))

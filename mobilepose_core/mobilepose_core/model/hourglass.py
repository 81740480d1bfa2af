"""The paper's Final network: a MobileNet turned hourglass whose end splits into joint streams."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional

from mobilepose_core.model.blocks import SeparableBlock, SplitHeads
from mobilepose_core.model.config import ModelConfig
from mobilepose_core.model.mobilenet import BLOCKS, MobileNet

TRUNK_DEPTH = 11
SKIP_28 = 5
SKIP_14 = 6
FILTERS = 256


class SplitHourglass(nn.Module):
    """MobileNet to block 11, then blocks 12 and 13 upsampling to 56x56, split by joint.

    Skips at 14x14 (block 6) and 28x28 (block 5) pass through a depthwise-pointwise block of their
    own dimension and are added. Block 13's filters and the last convolution are divided into one
    stream per joint: every stream reads all shared features, and streams never mix.

    Shape:
        input (N, 3, S, S), `(rgb - 128) / 128`; output heatmaps (N, 11, S / 4, S / 4).

    Newell et al., "Stacked Hourglass Networks for Human Pose Estimation", ECCV 2016, for the skips.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        trunk_filters = config.filters(BLOCKS[TRUNK_DEPTH - 1][0])
        skip_28_filters = config.filters(BLOCKS[SKIP_28 - 1][0])
        filters = config.filters(FILTERS)
        self.upsample_first = config.decoder == "upsample_first"
        self.trunk = MobileNet(config, TRUNK_DEPTH)
        self.skip_14 = SeparableBlock(trunk_filters, trunk_filters)
        self.skip_28 = SeparableBlock(skip_28_filters, filters)
        self.block_12 = SeparableBlock(trunk_filters, filters)
        self.block_13 = SeparableBlock(filters, filters)
        self.heads = SplitHeads(config.stream_filters(filters))

    def forward(self, images: Tensor) -> Tensor:
        deep, from_14, from_28 = self.trunk.features(images, (SKIP_14, SKIP_28))
        at_28 = self._double(self.block_12, deep + self.skip_14(from_14)) + self.skip_28(from_28)
        if self.upsample_first:
            heatmaps: Tensor = self.heads(self._double(self.block_13, at_28))
            return heatmaps
        coarse = self.heads(self.block_13(at_28))
        return functional.interpolate(coarse, scale_factor=2, mode="bilinear", align_corners=False)

    def _double(self, block: nn.Module, features: Tensor) -> Tensor:
        """Twice the resolution, by the block after or before nearest-neighbour upsampling."""
        if not self.upsample_first:
            features = block(features)
        features = functional.interpolate(features, scale_factor=2, mode="nearest")
        if self.upsample_first:
            features = block(features)
        return features

"""The paper's Final network: a MobileNet turned hourglass whose end splits into joint streams.

The hourglass without its end is also what finds people.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional

from mobilepose_core.model.blocks import DepthwiseBlock, SeparableBlock, SplitHeads
from mobilepose_core.model.config import MOBILENET_KERNEL, ModelConfig
from mobilepose_core.model.mobilenet import BLOCKS, MobileNet

TRUNK_DEPTH = 11
SKIP_28 = 5
SKIP_14 = 6
FILTERS = 256


class Hourglass(nn.Module):
    """MobileNet to block 11, then blocks 12 and 13 on the way up again, to S / 8 of its input.

    Skips at S / 16 (block 6) and S / 8 (block 5) pass through a depthwise-pointwise block of their
    own dimension, or through a depthwise one, and are added.

    Newell et al., "Stacked Hourglass Networks for Human Pose Estimation", ECCV 2016, for the skips.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        trunk_filters = config.filters(BLOCKS[TRUNK_DEPTH - 1][0])
        self.filters = config.filters(FILTERS)
        self.upsample_first = config.decoder == "upsample_first"
        self.trunk = MobileNet(config, TRUNK_DEPTH)
        self.skip_14 = _skip(config, trunk_filters, config.kernel)
        self.skip_28 = _skip(config, self.filters)
        self.block_12 = SeparableBlock(trunk_filters, self.filters, kernel=config.kernel)
        self.block_13 = SeparableBlock(self.filters, self.filters)

    def features(self, images: Tensor) -> Tensor:
        """(N, filters, S / 8, S / 8) before block 13, of images (N, 3, S, S)."""
        return self.features_and_summary(images)[0]

    def features_and_summary(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """The same, and (N, filters) the mean of what block 12 says of all cells."""
        deep, from_14, from_28 = self.trunk.features(images, (SKIP_14, SKIP_28))
        at_14 = deep + self.skip_14(from_14)
        if self.upsample_first:
            wide = at_12 = self.block_12(_doubled(at_14))
        else:
            at_12 = self.block_12(at_14)
            wide = _doubled(at_12)
        at_28: Tensor = wide + self.skip_28(from_28)
        return at_28, at_12.mean((2, 3))


def _doubled(features: Tensor) -> Tensor:
    """Twice the resolution, every cell four times."""
    return functional.interpolate(features, scale_factor=2, mode="nearest")


def _skip(
    config: ModelConfig, filters: int, kernel: int = MOBILENET_KERNEL
) -> SeparableBlock | DepthwiseBlock:
    """What features of as many filters as those to which they are added pass through."""
    if config.skips == "depthwise":
        return DepthwiseBlock(filters, kernel)
    return SeparableBlock(filters, filters, kernel=kernel)


class SplitHourglass(Hourglass):
    """The Final network: an hourglass to 56x56, split by joint.

    Block 13's filters and the last convolution are divided into one stream per joint: every stream
    reads all shared features, and streams never mix.

    Shape:
        input (N, 3, S, S), `(rgb - 128) / 128`; output heatmaps (N, 11, S / 4, S / 4).
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__(config)
        self.heads = SplitHeads(config.stream_filters(self.filters))

    def forward(self, images: Tensor) -> Tensor:
        return self.heatmaps_and_summary(images)[0]

    def heatmaps_and_summary(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """The heatmaps, and (N, filters) of `features_and_summary`."""
        at_28, summary = self.features_and_summary(images)
        if self.upsample_first:
            return self.heads(self.block_13(_doubled(at_28))), summary
        coarse = self.heads(self.block_13(at_28))
        heatmaps = functional.interpolate(
            coarse, scale_factor=2, mode="bilinear", align_corners=False
        )
        return heatmaps, summary

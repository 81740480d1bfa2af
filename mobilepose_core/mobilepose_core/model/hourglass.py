"""The paper's Final network: a MobileNet turned hourglass whose end splits into joint streams.

The hourglass without its end is also what finds people.
"""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor, nn
from torch.nn import functional

from mobilepose_core.model.blocks import DepthwiseBlock, SeparableBlock, SplitHeads
from mobilepose_core.model.config import MOBILENET_KERNEL, ModelConfig
from mobilepose_core.model.heading import Heading
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

    def __init__(self, config: ModelConfig, ends: int | None = None) -> None:
        """A network with random weights, of which block 13 has `ends` filters, or as block 12."""
        super().__init__()
        trunk_filters = config.filters(BLOCKS[TRUNK_DEPTH - 1][0])
        self.filters = config.filters(FILTERS)
        self.upsample_first = config.decoder == "upsample_first"
        self.trunk = MobileNet(config, TRUNK_DEPTH)
        self.skip_14 = _skip(config, trunk_filters, config.kernel)
        self.skip_28 = _skip(config, self.filters)
        self.block_12 = SeparableBlock(trunk_filters, self.filters, kernel=config.kernel)
        self.block_13 = SeparableBlock(self.filters, ends or self.filters)

    def features(self, images: Tensor) -> Tensor:
        """(N, filters, S / 8, S / 8) before block 13, of images (N, 3, S, S)."""
        return self.features_and_block_12(images)[0]

    def features_and_block_12(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """The same, and what block 12 says, (N, filters, S / 16, S / 16) or twice as fine."""
        deep, from_14, from_28 = self.trunk.features(images, (SKIP_14, SKIP_28))
        at_14 = deep + self.skip_14(from_14)
        if self.upsample_first:
            wide = at_12 = self.block_12(_doubled(at_14))
        else:
            at_12 = self.block_12(at_14)
            wide = _doubled(at_12)
        at_28: Tensor = wide + self.skip_28(from_28)
        return at_28, at_12


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


class Outputs(NamedTuple):
    """What the Final network gives of N crops.

    Attributes:
        heatmaps: (N, K, S / 4, S / 4).
        summary: (N, filters) the mean of what block 12 says of all cells.
        heading: (N, 2) cosine and sine, as of `mobilepose_core.heading`; None without.
    """

    heatmaps: Tensor
    summary: Tensor
    heading: Tensor | None


class SplitHourglass(Hourglass):
    """The Final network: an hourglass to 56x56, split by joint.

    Block 13's filters and the last convolution are divided into one stream per joint: every stream
    reads all shared features, and streams never mix.

    Where it has a heading, all streams are told which way the person faces, so that they agree.

    Shape:
        input (N, 3, S, S), `(rgb - 128) / 128`; output heatmaps (N, K, S / 4, S / 4).

    Attributes:
        joints: names of the K joints.
        heading: None without.
    """

    def __init__(self, config: ModelConfig) -> None:
        filters = config.stream_filters(config.filters(FILTERS))
        super().__init__(config, sum(filters))
        self.joints = config.joints
        self.heading = Heading(self.filters) if config.heading else None
        self.heads = SplitHeads(filters)

    def forward(self, images: Tensor) -> Tensor:
        return self.outputs(images).heatmaps

    def outputs(self, images: Tensor) -> Outputs:
        """Everything that the network gives."""
        at_28, at_12 = self.features_and_block_12(images)
        heading = None
        if self.heading is not None:
            heading, shift = self.heading(at_12)
            at_28 = at_28 + shift[:, :, None, None]
        return Outputs(self._heatmaps(at_28), at_12.mean((2, 3)), heading)

    def _heatmaps(self, at_28: Tensor) -> Tensor:
        if self.upsample_first:
            fine: Tensor = self.heads(self.block_13(_doubled(at_28)))
            return fine
        coarse = self.heads(self.block_13(at_28))
        return functional.interpolate(coarse, scale_factor=2, mode="bilinear", align_corners=False)

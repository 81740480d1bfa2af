"""The paper's Final network: a MobileNet-based hourglass whose last layers split by joint.

The hourglass without these layers is also the body of the person detector.
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
    """MobileNet up to block 11, then blocks 12 and 13 as the decoder, up to a stride of 8.

    Skip connections at strides 16 (block 6) and 8 (block 5) pass through a depthwise-pointwise
    block of their own width, or a depthwise one, and are added.

    Newell et al., "Stacked Hourglass Networks for Human Pose Estimation", ECCV 2016, for the skips.
    """

    def __init__(self, config: ModelConfig, ends: int | None = None) -> None:
        """A network with random weights; block 13 has `ends` filters, by default as block 12."""
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
        """Those, and the output of block 12, (N, filters, S / 16, S / 16) or twice as fine."""
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
    """Nearest-neighbour upsampling by 2."""
    return functional.interpolate(features, scale_factor=2, mode="nearest")


def _skip(
    config: ModelConfig, filters: int, kernel: int = MOBILENET_KERNEL
) -> SeparableBlock | DepthwiseBlock:
    """The block of a skip connection, which keeps the number of filters."""
    if config.skips == "depthwise":
        return DepthwiseBlock(filters, kernel)
    return SeparableBlock(filters, filters, kernel=kernel)


class PoseOutputs(NamedTuple):
    """The outputs of the Final network for N crops.

    Attributes:
        heatmaps: (N, K, S / 4, S / 4).
        pooled_features: (N, filters) output of block 12, averaged over all cells.
        heading: (N, 2) cosine and sine, see `mobilepose_core.heading`; None without that head.
        presence: (N,) logits that the crop shows a person; None without that head.
    """

    heatmaps: Tensor
    pooled_features: Tensor
    heading: Tensor | None
    presence: Tensor | None


class SplitHourglass(Hourglass):
    """The Final network: an hourglass to 56x56, split by joint.

    Block 13's filters and the last convolution are divided into one stream per joint: every stream
    reads all shared features, and streams never mix.

    With a heading head, the shared features are conditioned on the way the person faces, so that
    the streams agree on left and right.

    Shape:
        input (N, 3, S, S), `(rgb - 128) / 128`; output heatmaps (N, K, S / 4, S / 4).

    Attributes:
        joints: names of the K joints.
        heading: the heading head; None without.
        presence: the presence head; None without. It is for training alone: with it the pooled
            features learn to tell people from others, for what `mobilepose presence` fits to them.
    """

    def __init__(self, config: ModelConfig) -> None:
        filters = config.stream_filters(config.filters(FILTERS))
        super().__init__(config, sum(filters))
        self.joints = config.joints
        self.heading = Heading(self.filters) if config.heading else None
        self.presence = nn.Linear(self.filters, 1) if config.presence else None
        self.heads = SplitHeads(filters)

    def forward(self, images: Tensor) -> Tensor:
        return self.outputs(images).heatmaps

    def outputs(self, images: Tensor) -> PoseOutputs:
        """All outputs of the network."""
        at_28, at_12 = self.features_and_block_12(images)
        heading = None
        if self.heading is not None:
            heading, shift = self.heading(at_12)
            at_28 = at_28 + shift[:, :, None, None]
        pooled = at_12.mean((2, 3))
        presence = None if self.presence is None else self.presence(pooled)[:, 0]
        return PoseOutputs(self._heatmaps(at_28), pooled, heading, presence)

    def _heatmaps(self, at_28: Tensor) -> Tensor:
        if self.upsample_first:
            fine: Tensor = self.heads(self.block_13(_doubled(at_28)))
            return fine
        coarse = self.heads(self.block_13(at_28))
        return functional.interpolate(coarse, scale_factor=2, mode="bilinear", align_corners=False)

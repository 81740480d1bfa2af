"""The person detector (`finder`): the hourglass with a detection head, for whole frames.

Tian et al., "FCOS: Fully Convolutional One-Stage Object Detection", ICCV 2019, for scores and
distances to a box's edges in every cell.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from mobilepose_core import person_map
from mobilepose_core.model.config import ModelConfig
from mobilepose_core.model.hourglass import Hourglass

RARE = 0.01
"""Initial score of a cell."""

COMMON_DISTANCE = math.log(40.0)
"""Logarithm of the initial distance to an edge, pixels."""

LARGEST_LOG_DISTANCE = math.log(2000.0)
"""Logarithm of the largest distance, pixels, so that the exponential does not overflow."""


class FinderNetwork(Hourglass):
    """Detects people in frames of any size whose sides are multiples of 32.

    Shape:
        input (N, 3, H, W), `(rgb - 128) / 128`; output (N, 5, H / 8, W / 8): the logit of the
        score of a person whom the cell sees, and logarithms of the distances from the cell's middle
        to the left, upper, right and lower edge of the box around their joints, input pixels.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__(config)
        self.head = nn.Conv2d(self.filters, person_map.CHANNELS, 1)
        assert self.head.bias is not None
        nn.init.normal_(self.head.weight, std=0.01)
        with torch.no_grad():
            self.head.bias.fill_(COMMON_DISTANCE)
            self.head.bias[person_map.SCORE] = -math.log(1 / RARE - 1)

    def forward(self, images: Tensor) -> Tensor:
        raw: Tensor = self.head(self.block_13(self.features(images)))
        return raw


def finished(raw: Tensor) -> Tensor:
    """(N, 5, h, w) scores in [0, 1] and distances in pixels, from a `FinderNetwork`'s output."""
    scores = raw[:, : person_map.SCORE + 1].sigmoid()
    distances = raw[:, person_map.SCORE + 1 :].clamp(max=LARGEST_LOG_DISTANCE).exp()
    return torch.cat([scores, distances], 1)

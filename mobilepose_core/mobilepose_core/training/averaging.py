"""A moving average of a network's weights, which is what is validated and released."""

from __future__ import annotations

from typing import cast

from torch import Tensor
from torch.optim.swa_utils import AveragedModel

from mobilepose_core.model import Network


def averaged(network: Network, decay: float) -> AveragedModel:
    """Follows `network`, at first closely, later with `decay` per step; buffers too."""

    def step(average: Tensor, current: Tensor, count: Tensor | int) -> Tensor:
        if not average.is_floating_point():
            return current
        now = min(decay, (1 + int(count)) / (10 + int(count)))
        return average.lerp(current, 1 - now)

    return AveragedModel(network, avg_fn=step, use_buffers=True)


def network_of(average: AveragedModel) -> Network:
    """The averaged network itself."""
    return cast(Network, average.module)

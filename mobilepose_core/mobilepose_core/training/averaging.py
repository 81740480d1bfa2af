"""A moving average of a network's weights, which is what is validated and released."""

from __future__ import annotations

from typing import cast

from torch import Tensor
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from mobilepose_core.model import Network

Tensors = tuple[Tensor, ...] | list[Tensor]


def averaged(network: Network, decay: float) -> AveragedModel:
    """An exponential moving average of weights and buffers; `decay` is lower in the first steps."""

    def step(averages: Tensors, currents: Tensors, count: Tensor | int) -> None:
        if averages[0].is_floating_point():
            now = min(decay, (1 + int(count)) / (10 + int(count)))
            get_ema_multi_avg_fn(now)(averages, currents, count)
        else:
            for average, current in zip(averages, currents, strict=True):
                average.copy_(current)

    return AveragedModel(network, multi_avg_fn=step, use_buffers=True)


def network_of(average: AveragedModel) -> Network:
    """The averaged network itself."""
    return cast(Network, average.module)

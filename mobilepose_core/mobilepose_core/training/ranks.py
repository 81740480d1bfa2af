"""Distributed training with several processes, started by `torchrun`.

All processes draw the same random numbers for a step, and train on their shares of it. torch's
DistributedDataParallel averages the gradients, so N processes are equivalent to one with an N times
larger batch, except that batch normalisation is computed per share; the running statistics are
those of the first process.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

import torch
import torch.distributed
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from mobilepose_core.model import Network
from mobilepose_core.model.build import outputs_of
from mobilepose_core.model.hourglass import PoseOutputs


@dataclass(frozen=True)
class Ranks:
    """The rank of this process, and the number of processes.

    Attributes:
        rank: from 0.
        world: number of processes.
    """

    rank: int = 0
    world: int = 1

    @classmethod
    def join(cls, device: str) -> Ranks:
        """Joins the process group that `torchrun` started; a single process without it.

        Args:
            device: torch's name of it; GPUs use NCCL, CPUs gloo.
        """
        world = cls.processes()
        if world == 1:
            return cls()
        if not torch.distributed.is_initialized():
            if device.startswith("cuda"):
                torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")))
            backend = "nccl" if device.startswith("cuda") else "gloo"
            torch.distributed.init_process_group(backend)
        return cls(torch.distributed.get_rank(), world)

    @staticmethod
    def processes() -> int:
        """The number of processes that `torchrun` started; 1 without it."""
        return int(os.environ.get("WORLD_SIZE", "1"))

    def leave(self) -> None:
        """Leaves the process group."""
        if self.world > 1:
            torch.distributed.destroy_process_group()

    @property
    def is_first(self) -> bool:
        """Whether this process writes checkpoints and reports."""
        return self.rank == 0

    def share(self, count: int) -> slice:
        """This process's part of `count` examples; `count` is a multiple of `world`."""
        each = count // self.world
        return slice(self.rank * each, (self.rank + 1) * each)

    def agree(self, value: float, device: str) -> float:
        """The first process's value, in every process."""
        if self.world == 1:
            return value
        carried = torch.tensor(value, dtype=torch.float64, device=device)
        torch.distributed.broadcast(carried, 0)
        return float(carried)


class Replica:
    """A network trained by all processes: each gets the mean of their gradients.

    Attributes:
        network: the network itself, whose weights and statistics are saved.
    """

    def __init__(self, network: Network, ranks: Ranks) -> None:
        """Takes a network, already on its device."""
        self.network = network
        self._ranks = ranks
        self._all_outputs = _AllOutputs(network)
        self._parallel: DistributedDataParallel | None = None
        self._trained: list[bool] = []

    def __call__(self, images: Tensor) -> Tensor | PoseOutputs:
        """The same as `outputs_of`; the backward pass averages the gradients."""
        if self._ranks.world == 1:
            return outputs_of(self.network, images)
        trained = [parameter.requires_grad for parameter in self.network.parameters()]
        if self._parallel is None or trained != self._trained:
            # It waits for the gradients of all parameters that required them when it was made.
            self._parallel, self._trained = DistributedDataParallel(self._all_outputs), trained
        outputs: Tensor | PoseOutputs = self._parallel(images)
        return outputs


class _AllOutputs(nn.Module):
    """A network whose forward pass returns everything that its loss compares."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: Tensor) -> Tensor | PoseOutputs:
        return outputs_of(self.network, images)

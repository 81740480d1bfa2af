"""Several processes that train one network together, as `torchrun` starts them.

Every process draws the same random numbers for the whole step and trains on its own share of it;
gradients are averaged, so that N processes do what one does with an N times larger batch. Only
batch normalisation sees each share by itself.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

import torch
import torch.distributed
from torch import nn


@dataclass(frozen=True)
class Ranks:
    """This process among all of them.

    Attributes:
        rank: its number, from 0.
        world: how many there are.
    """

    rank: int = 0
    world: int = 1

    @classmethod
    def join(cls, device: str) -> Ranks:
        """Meets the other processes that `torchrun` started; alone where it did not.

        Args:
            device: torch's name of it; GPUs talk over NCCL, CPUs over gloo.
        """
        world = int(os.environ.get("WORLD_SIZE", "1"))
        if world == 1:
            return cls()
        if not torch.distributed.is_initialized():
            if device.startswith("cuda"):
                torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")))
            backend = "nccl" if device.startswith("cuda") else "gloo"
            torch.distributed.init_process_group(backend)
        return cls(torch.distributed.get_rank(), world)

    def leave(self) -> None:
        """Parts from the other processes."""
        if self.world > 1:
            torch.distributed.destroy_process_group()

    @property
    def is_first(self) -> bool:
        """Whether this process validates, writes and reports."""
        return self.rank == 0

    def share(self, count: int) -> slice:
        """The part of `count` people, a multiple of `world`, that this process trains on."""
        each = count // self.world
        return slice(self.rank * each, (self.rank + 1) * each)

    def agree(self, value: float, device: str) -> float:
        """The first process's value, in every process."""
        if self.world == 1:
            return value
        carried = torch.tensor(value, dtype=torch.float64, device=device)
        torch.distributed.broadcast(carried, 0)
        return float(carried)

    def average_gradients(self, network: nn.Module) -> None:
        """Replaces each gradient by its mean over the processes."""
        if self.world == 1:
            return
        gradients = [p.grad for p in network.parameters() if p.grad is not None]
        together = torch.cat([gradient.flatten() for gradient in gradients])
        torch.distributed.all_reduce(together)
        together /= self.world
        pieces = together.split([gradient.numel() for gradient in gradients])
        for gradient, piece in zip(gradients, pieces, strict=True):
            gradient.copy_(piece.view(gradient.shape))

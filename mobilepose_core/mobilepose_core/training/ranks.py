"""Distributed training with several processes, started by `torchrun`.

All processes draw the same random numbers for a step, and train on their shares of it. Gradients
are averaged, so N processes are equivalent to one with an N times larger batch, except that batch
normalisation is computed per share.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

import torch
import torch.distributed
from torch import nn


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

    def average_gradients(self, network: nn.Module) -> None:
        """Replaces each gradient by its mean over all processes."""
        if self.world == 1:
            return
        gradients = [p.grad for p in network.parameters() if p.grad is not None]
        flat = torch.cat([gradient.flatten() for gradient in gradients])
        torch.distributed.all_reduce(flat)
        flat /= self.world
        pieces = flat.split([gradient.numel() for gradient in gradients])
        for gradient, piece in zip(gradients, pieces, strict=True):
            gradient.copy_(piece.view(gradient.shape))

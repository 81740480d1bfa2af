"""A network's error and PCK on the fitting crops of people it does not train on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from mobilepose_core import heatmap
from mobilepose_core.evaluation import pck
from mobilepose_core.model import PoseNetwork
from mobilepose_core.training import augment
from mobilepose_core.training.crops import LooseCrops
from mobilepose_core.training.losses import coordinate_loss, heatmap_loss

BATCH = 32


@dataclass(frozen=True)
class Validation:
    """The loss, and PCK@0.2 and PCK@0.05 by joint, part and in the mean, in per cent."""

    loss: float
    pck: dict[str, float]
    strict: dict[str, float]


def loss_of(output: Tensor, batch: augment.Batch) -> Tensor:
    """The loss that fits what the network gives: heatmaps (N, K, S, S) or coordinates (N, K, 2)."""
    crop_size = batch.images.shape[-1]
    loss = heatmap_loss if output.ndim == 4 else coordinate_loss
    return loss(output, batch.joints, crop_size)


def joints_of(output: Tensor, crop_size: int) -> heatmap.Floats:
    """(N, K, 2) crop pixels from a network's heatmaps or coordinates."""
    values = output.float().cpu().numpy()
    if values.ndim == 4:
        cells, _ = heatmap.decode(values)
        return heatmap.crop_from_cells(cells, crop_size // values.shape[-1])
    return values * np.float32(crop_size) - np.float32(0.5)


def validate(network: PoseNetwork, crops: LooseCrops, size: int) -> Validation:
    """Runs the network over all crops, in evaluation mode and full precision."""
    network.eval()
    losses, distances = [], []
    with torch.inference_mode():
        for start in range(0, len(crops), BATCH):
            indices = np.arange(start, min(start + BATCH, len(crops)))
            batch = augment.plain(crops, indices, size)
            output = network(batch.images.contiguous(memory_format=torch.channels_last))
            losses.append(float(loss_of(output, batch)) * len(indices))
            found = joints_of(output, size)
            distances.append(pck.normalised_distances(found, batch.joints))
    everyone = np.concatenate(distances)
    return Validation(
        sum(losses) / len(crops), pck.summary(everyone), pck.summary(everyone, threshold=0.05)
    )

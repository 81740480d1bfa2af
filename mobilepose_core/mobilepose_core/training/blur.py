"""Gaussian blur of batches, with a strength for each image, as of people out of focus."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from mobilepose_core.typing import Float64Array

BLURS = (0.3, 1.2)
"""Smallest and largest standard deviation of a blur, crop pixels."""


def draw(count: int, probability: float, random: np.random.Generator) -> Float64Array:
    """(N,) standard deviations at random, 0 for no blur."""
    return random.uniform(*BLURS, count) * (random.random(count) < probability)


def blurred(images: Tensor, deviations: Float64Array) -> Tensor:
    """Images (N, C, S, S), each blurred by a Gaussian of that standard deviation; 0 for none."""
    rows = np.flatnonzero(deviations)
    if not len(rows):
        return images
    cells = np.arange(-_KERNEL_RADIUS, _KERNEL_RADIUS + 1)
    along = np.exp(-(cells**2) / (2 * deviations[rows, None] ** 2))
    along /= along.sum(axis=1, keepdims=True)
    kernels = torch.from_numpy(along[:, :, None] * along[:, None]).to(images)
    channels = images.shape[1]
    chosen = images[rows].flatten(0, 1)[None]
    around = functional.pad(chosen, (_KERNEL_RADIUS,) * 4, mode="replicate")
    weights = kernels.repeat_interleave(channels, 0)[:, None]
    soft = functional.conv2d(around, weights, groups=len(weights))
    images = images.clone()
    images[rows] = soft[0].unflatten(0, (len(rows), channels))
    return images


_KERNEL_RADIUS = 3

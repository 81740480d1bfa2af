"""Affine warps of whole batches, on the device on which a network trains."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from mobilepose_core import crop
from mobilepose_core.typing import Float64Array


def warped(squares: Tensor, matrices: Float64Array, size: int) -> Tensor:
    """Squares through one affine each, nought where they do not reach.

    Args:
        squares: (N, C, S, S) pictures of any number of channels.
        matrices: (N, 2, 3) from a square's pixels to those of the outcome.
        size: side of the outcome, pixels.

    Returns:
        (N, C, size, size).
    """
    inverses = crop.invert(matrices)
    grid = functional.affine_grid(
        torch.from_numpy(_normalised(inverses, size, squares.shape[-1])).float().to(squares.device),
        [*squares.shape[:2], size, size],
        align_corners=False,
    )
    return functional.grid_sample(squares, grid, align_corners=False)


def _normalised(matrices: Float64Array, inputs: int, outputs: int) -> Float64Array:
    """Affines between pixels as affines between torch's [-1, 1] squares.

    A pixel p of a side of n lies at (2 p + 1) / n - 1.
    """
    linear = matrices[:, :, :2] * (inputs / outputs)
    middle = np.full(2, (inputs - 1) / 2)
    offset = (2 * (matrices[:, :, :2] @ middle + matrices[:, :, 2]) + 1) / outputs - 1
    return np.concatenate([linear, offset[:, :, None]], axis=2)

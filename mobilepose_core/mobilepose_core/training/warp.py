"""Affine warps of batches on the training device."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from mobilepose_core import crop
from mobilepose_core.typing import Float64Array


def warped(squares: Tensor, matrices: Float64Array, size: int) -> Tensor:
    """Square pictures warped by one affine each, zero outside.

    Args:
        squares: (N, C, S, S) pictures with any number of channels.
        matrices: (N, 2, 3) from pixels of a picture to pixels of the result.
        size: side of the result, pixels.

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
    """Affines between pixels as affines between torch's [-1, 1] coordinates.

    Pixel p of a side of n pixels is at (2 p + 1) / n - 1.
    """
    linear = matrices[:, :, :2] * (inputs / outputs)
    middle = np.full(2, (inputs - 1) / 2)
    offset = (2 * (matrices[:, :, :2] @ middle + matrices[:, :, 2]) + 1) / outputs - 1
    return np.concatenate([linear, offset[:, :, None]], axis=2)

"""Augmentation: for a whole batch, one affine warp and one change of colour on its device."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from mobilepose_core import crop, skeleton
from mobilepose_core.training.crops import LooseCrops
from mobilepose_core.training.recipe import Recipe

GREY = 128.0
_LUMA = (0.114, 0.587, 0.299)


@dataclass(frozen=True)
class Batch:
    """What a network sees and what it should say.

    Attributes:
        images: (N, 3, S, S) RGB, `(rgb - 128) / 128`.
        joints: (N, 11, 2) crop pixels; NaN where not annotated.
    """

    images: Tensor
    joints: npt.NDArray[np.float32]


def plain(crops: LooseCrops, indices: npt.NDArray[np.intp], size: int) -> Batch:
    """The fitting crops of some people, as evaluation sees them."""
    centre = (crops.size - 1) / 2
    region = crop.Region(centre, centre, crops.fitting_side)
    matrices = np.repeat(crop.crop_from_image(region, size)[None], len(indices), axis=0)
    return _warp(crops, indices, matrices, size)


def augmented(
    crops: LooseCrops,
    indices: npt.NDArray[np.intp],
    size: int,
    recipe: Recipe,
    random: np.random.Generator,
) -> Batch:
    """Crops of some people turned, scaled, shifted, mirrored and recoloured at random."""
    count = len(indices)
    centre = (crops.size - 1) / 2
    angles = np.deg2rad(random.uniform(-recipe.rotation, recipe.rotation, count))
    sides = crops.fitting_side / random.uniform(*recipe.scale, count)
    shifts = random.uniform(-recipe.shift, recipe.shift, (count, 2)) * sides[:, None]
    flips = random.random(count) < recipe.flip
    matrices = np.empty((count, 2, 3))
    for row, (angle, side, (dx, dy), flip) in enumerate(
        zip(angles, sides, shifts, flips, strict=True)
    ):
        region = crop.Region(centre + dx, centre + dy, side, angle)
        matrices[row] = crop.crop_from_image(region, size)
        if flip:
            matrices[row, 0] *= -1
            matrices[row, 0, 2] += size - 1
    batch = _warp(crops, indices, matrices, size)
    batch.joints[flips] = batch.joints[flips][:, list(skeleton.MIRROR)]
    return Batch(_recoloured(batch.images, recipe.colour, random), batch.joints)


def _warp(
    crops: LooseCrops, indices: npt.NDArray[np.intp], matrices: crop.Matrix, size: int
) -> Batch:
    """Squares through one (2, 3) affine each, from the square's pixels to crop pixels."""
    device = crops.squares.device
    squares = crops.squares[torch.from_numpy(indices).to(device)].permute(0, 3, 1, 2).float()
    inverses = np.stack([crop.invert(matrix) for matrix in matrices])
    grid = functional.affine_grid(
        torch.from_numpy(_normalised(inverses, size, crops.size)).float().to(device),
        [len(indices), 3, size, size],
        align_corners=False,
    )
    bgr = functional.grid_sample(squares - GREY, grid, align_corners=False)
    joints = np.stack(
        [crop.transform(m, j) for m, j in zip(matrices, crops.joints[indices], strict=True)]
    )
    return Batch(bgr.flip(1) / GREY, joints)


def _normalised(matrices: crop.Matrix, inputs: int, outputs: int) -> crop.Matrix:
    """Affines between pixels as affines between torch's [-1, 1] squares.

    A pixel p of a side of n lies at (2 p + 1) / n - 1.
    """
    linear = matrices[:, :, :2] * (inputs / outputs)
    middle = np.full(2, (inputs - 1) / 2)
    offset = (2 * (matrices[:, :, :2] @ middle + matrices[:, :, 2]) + 1) / outputs - 1
    return np.concatenate([linear, offset[:, :, None]], axis=2)


def _recoloured(images: Tensor, strength: float, random: np.random.Generator) -> Tensor:
    """Brightness, contrast and saturation changed by up to `strength`, each person's by itself."""
    count = len(images)
    factors = random.uniform(1 - strength, 1 + strength, (2, count))
    brightness = random.uniform(-strength, strength, count)
    contrast, saturation, offset = (
        torch.from_numpy(values).float().to(images.device).view(-1, 1, 1, 1)
        for values in (*factors, brightness)
    )
    luma = images.new_tensor(_LUMA[::-1]).view(1, 3, 1, 1)
    grey = (images * luma).sum(1, keepdim=True)
    return ((grey + (images - grey) * saturation) * contrast + offset).clamp(-1, 1)

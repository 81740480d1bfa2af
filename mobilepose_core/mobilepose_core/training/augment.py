"""Augmentation: one affine warp for each person, and one change of colour for a whole batch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from mobilepose_core import crop, skeleton
from mobilepose_core.model import GREY
from mobilepose_core.training import blur, neighbours
from mobilepose_core.training.crops import LooseCrops
from mobilepose_core.training.neighbours import Neighbours, Pasted
from mobilepose_core.training.recipe import Recipe
from mobilepose_core.typing import BoolArray, Float32Array, Float64Array, ImageArray, IndexArray

_LUMA = (0.299, 0.587, 0.114)
"""Of red, green and blue (ITU-R BT.601)."""

PATCH_SIDES = (0.15, 0.4)
"""Shortest and longest side of what hides a part of a person, in crop sides."""


@dataclass(frozen=True)
class PoseBatch:
    """What a network sees and what it should say.

    Attributes:
        images: (N, 3, S, S) RGB, `(rgb - 128) / 128`.
        joints: (N, 19, 2) crop pixels; NaN where not annotated.
    """

    images: Tensor
    joints: Float32Array


def trimmed(batch: PoseBatch, margin: int) -> PoseBatch:
    """A batch without so many columns on either side."""
    if not margin:
        return batch
    joints = batch.joints - np.array([margin, 0], np.float32)
    return PoseBatch(batch.images[..., margin:-margin], joints)


def plain(crops: LooseCrops, indices: IndexArray, size: int) -> PoseBatch:
    """The fitting crops of some people, as evaluation sees them."""
    fitting = crop.crop_from_image(crop.Region(0, 0, 1), size)
    matrices = np.repeat(fitting[None], len(indices), axis=0)
    pixels, joints = _warp(crops, indices, matrices, size)
    return PoseBatch(_normalised(pixels), joints)


@dataclass(frozen=True)
class Draw:
    """The random changes of a batch, person by person.

    Attributes:
        angles: (N,) radians.
        zooms: (N,) size of the person relative to the crop that fits.
        shifts: (N, 2) in crop sides.
        stretches: (N,) ratio of width to height, of the photograph as it is shown.
        flips: (N,) whether mirrored.
        colours: (N, 3) contrast and saturation as factors, brightness as an offset.
        blurs: (N,) standard deviations of a blur, crop pixels; 0 for none.
        patches: (N, 4) x0, y0, x1, y1 in crop sides, of what hides a part; empty where nothing.
        instead: who was cut out and stands where they are to be looked for, they beside.
        beside: who was cut out and stands beside.
    """

    angles: Float64Array
    zooms: Float64Array
    shifts: Float64Array
    stretches: Float64Array
    flips: BoolArray
    colours: Float64Array
    blurs: Float64Array
    patches: Float64Array
    instead: Pasted
    beside: Pasted

    def __getitem__(self, part: slice) -> Draw:
        """The changes of some of the people."""
        return Draw(
            self.angles[part],
            self.zooms[part],
            self.shifts[part],
            self.stretches[part],
            self.flips[part],
            self.colours[part],
            self.blurs[part],
            self.patches[part],
            self.instead[part],
            self.beside[part],
        )


def draw(count: int, recipe: Recipe, random: np.random.Generator) -> Draw:
    """Random changes within what a recipe allows."""
    colour = recipe.colour
    return Draw(
        np.deg2rad(random.uniform(-recipe.rotation, recipe.rotation, count)),
        random.uniform(*recipe.scale, count),
        random.uniform(-recipe.shift, recipe.shift, (count, 2)),
        np.exp(random.uniform(-1, 1, count) * np.log(recipe.stretch)),
        random.random(count) < recipe.flip,
        random.uniform(
            [1 - colour, 1 - colour, -colour], [1 + colour, 1 + colour, colour], (count, 3)
        ),
        blur.draw(count, recipe.blur, random),
        _draw_patches(count, recipe, random),
        neighbours.draw(count, recipe.instead, recipe.blur, random),
        neighbours.draw(count, recipe.beside, recipe.blur, random),
    )


def _draw_patches(count: int, recipe: Recipe, random: np.random.Generator) -> Float64Array:
    extent = random.uniform(*PATCH_SIDES, (count, 2)) * (random.random((count, 1)) < recipe.hiding)
    corner = random.uniform(0, 1 - extent)
    return np.concatenate([corner, corner + extent], axis=1)


def augmented(
    crops: LooseCrops,
    indices: IndexArray,
    size: int,
    drawn: Draw,
    bank: Neighbours | None = None,
) -> PoseBatch:
    """Crops of some people turned, scaled, shifted, mirrored, blurred, recoloured and hidden.

    Some are of somebody who was cut out of another photograph, and some have such a one beside
    them. Each person is blurred, or not, by themselves, so that neither softness nor an edge tells
    whom of both a network is to find.

    Args:
        crops: everyone.
        indices: (N,) those of the batch.
        size: side of the crops, pixels.
        drawn: the changes of each.
        bank: who may be pasted; None for nobody.
    """
    matrices = np.empty((len(indices), 2, 3))
    for row, (side, angle) in enumerate(zip(1 / drawn.zooms, drawn.angles, strict=True)):
        x, y = drawn.shifts[row] * side
        matrices[row] = crop.crop_from_image(crop.Region(x, y, side, angle), size)
    matrices[:, :, 0] *= np.sqrt(drawn.stretches)[:, None]
    matrices[:, :, 1] /= np.sqrt(drawn.stretches)[:, None]
    flips = drawn.flips
    matrices[flips, 0] *= -1
    matrices[flips, 0, 2] += size - 1
    behind = matrices
    if bank is not None:
        behind = crop.composed(matrices, crop.invert(drawn.instead.frames))
    pixels, joints = _warp(crops, indices, behind, size)
    pixels = blur.blurred(pixels, drawn.blurs)
    if bank is not None:
        pixels = bank.before(pixels, matrices, drawn.instead)
        joints[drawn.instead.rows] = bank.joints_of(drawn.instead, matrices)
        beside = crop.composed(matrices, drawn.beside.frames)
        pixels = bank.before(pixels, beside, drawn.beside)
    joints[flips] = joints[flips][:, list(skeleton.ALL_19.mirror)]
    images = _recoloured(_normalised(pixels), drawn.colours)
    return PoseBatch(_partly_hidden(images, drawn.patches), joints)


def pixels_of(images: Tensor) -> ImageArray:
    """What a network sees, (N, 3, S, S), as (N, S, S, 3) BGR pictures."""
    rgb = (images * GREY + GREY).clamp(0, 255).to(torch.uint8)
    return np.ascontiguousarray(rgb.flip(1).permute(0, 2, 3, 1).cpu().numpy())


def _warp(
    crops: LooseCrops, indices: IndexArray, matrices: Float64Array, size: int
) -> tuple[Tensor, Float32Array]:
    """Crops of people through one (2, 3) affine each, from their own frame to crop pixels.

    Returns:
        (N, 3, S, S) BGR, less `GREY`, and (N, 19, 2) joints, crop pixels.
    """
    pixels = crops.cut(indices, matrices, size).permute(0, 3, 1, 2).float() - GREY
    joints = np.stack(
        [crop.transform(m, j) for m, j in zip(matrices, crops.joints[indices], strict=True)]
    )
    return pixels, joints


def _normalised(pixels: Tensor) -> Tensor:
    """BGR, less `GREY`, as networks see it."""
    return pixels.flip(1) / GREY


def _recoloured(images: Tensor, colours: Float64Array) -> Tensor:
    factors = torch.from_numpy(colours).float().to(images.device).view(-1, 3, 1, 1, 1)
    contrast, saturation, brightness = factors.unbind(1)
    luma = images.new_tensor(_LUMA).view(1, 3, 1, 1)
    grey = (images * luma).sum(1, keepdim=True)
    return ((grey + (images - grey) * saturation) * contrast + brightness).clamp(-1, 1)


def _partly_hidden(images: Tensor, patches: Float64Array) -> Tensor:
    """Each image with its patch filled from the next person's crop: hidden parts, and foreign ones.

    What a joint under a patch is annotated as stays: the rest of the body says where it is.
    """
    if not (patches[:, 2] > patches[:, 0]).any():
        return images
    size = images.shape[-1]
    x0, y0, x1, y1 = torch.from_numpy(patches * size).float().to(images.device).unbind(1)
    along = torch.arange(size, device=images.device)
    columns = (along >= x0[:, None]) & (along < x1[:, None])
    rows = (along >= y0[:, None]) & (along < y1[:, None])
    return torch.where((rows[:, :, None] & columns[:, None, :])[:, None], images.roll(1, 0), images)

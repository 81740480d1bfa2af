"""Augmentation: one affine warp per person, and colour changes for the whole batch at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from mobilepose_core import crop, skeleton
from mobilepose_core.framing import FRAMINGS, UPPER_BODY, Framing
from mobilepose_core.model import GREY
from mobilepose_core.training import blur, close_ups, neighbours
from mobilepose_core.training.close_ups import CloseUps
from mobilepose_core.training.crops import LooseCrops
from mobilepose_core.training.neighbours import Neighbours, Pasted
from mobilepose_core.training.recipe import Recipe
from mobilepose_core.typing import BoolArray, Float32Array, Float64Array, ImageArray, IndexArray

_LUMA = (0.299, 0.587, 0.114)
"""Weights of red, green and blue (ITU-R BT.601)."""

SHARP = 1.0
"""Pixels of the photograph for each of a fitted crop's from which somebody is shown close up."""

PATCH_SIDES = (0.15, 0.4)
"""Shortest and longest side of an occluding patch, in crop sides."""


@dataclass(frozen=True)
class PoseBatch:
    """The inputs and targets of a pose network.

    Attributes:
        images: (N, 3, S, W) RGB, `(rgb - 128) / 128`, with the columns that the framing shows.
        joints: (N, 19, 2) pixels of the images; NaN where not annotated.
        is_there: (N,) whether there is a person.
    """

    images: Tensor
    joints: Float32Array
    is_there: BoolArray


def plain(
    crops: LooseCrops, indices: IndexArray, size: int, framing: Framing = FRAMINGS[UPPER_BODY]
) -> PoseBatch:
    """The fitted crops of some people without augmentation, as in evaluation."""
    fitting = crop.crop_from_image(crop.Region(0, 0, 1), size)
    matrices = np.repeat(fitting[None], len(indices), axis=0)
    pixels, joints = _warp(crops, indices, matrices, size)
    batch = PoseBatch(_normalised(pixels), joints, crops.is_there[indices])
    return _trimmed(batch, framing.margin(size))


@dataclass(frozen=True)
class Draw:
    """The random augmentation parameters of a batch, one row per person.

    Attributes:
        angles: (N,) radians.
        zooms: (N,) size of the person relative to the fitted crop.
        shifts: (N, 2) in crop sides.
        stretches: (N,) ratio of width to height.
        flips: (N,) whether mirrored.
        colours: (N, 3) contrast and saturation as factors, brightness as an offset.
        blurs: (N,) standard deviations of a blur, crop pixels; 0 for none.
        patches: (N, 4) x0, y0, x1, y1 of an occluding patch in crop sides; empty for none.
        subjects: cutouts that are pasted as the person to find, next to the original person.
        neighbours: cutouts that are pasted next to the person to find.
        close_ups: how much of the person the picture shows.
    """

    angles: Float64Array
    zooms: Float64Array
    shifts: Float64Array
    stretches: Float64Array
    flips: BoolArray
    colours: Float64Array
    blurs: Float64Array
    patches: Float64Array
    subjects: Pasted
    neighbours: Pasted
    close_ups: CloseUps

    def __getitem__(self, part: slice) -> Draw:
        """The parameters of some of the people."""
        return Draw(
            self.angles[part],
            self.zooms[part],
            self.shifts[part],
            self.stretches[part],
            self.flips[part],
            self.colours[part],
            self.blurs[part],
            self.patches[part],
            self.subjects[part],
            self.neighbours[part],
            self.close_ups[part],
        )


def draw(count: int, recipe: Recipe, random: np.random.Generator) -> Draw:
    """Random augmentation parameters within the limits of a recipe."""
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
        close_ups.draw(count, recipe.close_ups, random),
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
    framing: Framing = FRAMINGS[UPPER_BODY],
) -> PoseBatch:
    """Crops of some people: rotated, scaled, shifted, mirrored, blurred, recoloured and occluded.

    Cutouts of people from other photographs are pasted as the person to find, or next to them. Each
    person is blurred independently, so that neither sharpness nor a cutout's edge tells which of
    them is to be found.

    Args:
        crops: of the data set.
        indices: (N,) of the batch.
        size: side of the crops, pixels.
        drawn: augmentation parameters of each.
        bank: cutouts to paste; None for none.
        framing: of the crops.
    """
    closer = drawn.close_ups.only(_can_be_close(crops, indices, size, drawn))
    pictures = closer.pictures(crops.joints[indices])
    boxes = close_ups.boxes_of(crops.joints[indices])
    regions = [
        close_ups.region(box, picture, framing.aspect) if is_close else crop.Region(0, 0, 1)
        for box, picture, is_close in zip(boxes, pictures, closer.are_close, strict=True)
    ]
    angles = np.where(closer.are_close, 0, drawn.angles)
    matrices = _matrices(regions, angles, size, drawn)
    behind = matrices
    if bank is not None:
        behind = crop.composed(matrices, crop.invert(drawn.subjects.frames))
    pixels, joints = _warp(crops, indices, behind, size)
    is_there = crops.is_there[indices]
    pixels = blur.blurred(pixels, drawn.blurs)
    if bank is not None:
        pixels = bank.paste(pixels, matrices, drawn.subjects)
        joints[drawn.subjects.rows] = bank.joints_of(drawn.subjects, matrices)
        is_there[drawn.subjects.rows] = True
        aside = crop.composed(matrices, drawn.neighbours.frames)
        pixels = bank.paste(pixels, aside, drawn.neighbours)
    joints[drawn.flips] = joints[drawn.flips][:, list(skeleton.ALL_19.mirror)]
    images = _recoloured(_normalised(pixels), drawn.colours)
    if closer.are_close.any():
        shown = np.concatenate(list(map(crop.transform_boxes, matrices, pictures[:, None])))
        images, joints = close_ups.without_the_rest(images, joints, shown)
    batch = PoseBatch(_occluded(images, drawn.patches), joints, is_there)
    return _trimmed(batch, framing.margin(size))


def _trimmed(batch: PoseBatch, margin: int) -> PoseBatch:
    """A batch with `margin` columns cut off on either side."""
    if not margin:
        return batch
    joints = batch.joints - np.array([margin, 0], np.float32)
    return PoseBatch(batch.images[..., margin:-margin], joints, batch.is_there)


def _can_be_close(crops: LooseCrops, indices: IndexArray, size: int, drawn: Draw) -> BoolArray:
    """(N,) who has a face above the rest, is sharp enough, and is not to be pasted over."""
    possible = close_ups.are_possible(crops.joints[indices])
    units_per_pixel = np.sqrt(np.abs(np.linalg.det(crops.frames[indices, :, :2])))
    possible &= 1 / units_per_pixel > SHARP * size
    possible[drawn.subjects.rows] = False
    return possible


def _matrices(
    fitting: Sequence[crop.Region], angles: Float64Array, size: int, drawn: Draw
) -> Float64Array:
    """(N, 2, 3) from people's frames of reference to pixels of crops, near the fitting regions."""
    matrices = np.empty((len(fitting), 2, 3))
    for row, (region, angle) in enumerate(zip(fitting, angles, strict=True)):
        side = region.side / drawn.zooms[row]
        x, y = drawn.shifts[row] * side
        moved = crop.Region(region.x + x, region.y + y, side, angle)
        matrices[row] = crop.crop_from_image(moved, size)
    matrices[:, :, 0] *= np.sqrt(drawn.stretches)[:, None]
    matrices[:, :, 1] /= np.sqrt(drawn.stretches)[:, None]
    matrices[drawn.flips, 0] *= -1
    matrices[drawn.flips, 0, 2] += size - 1
    return matrices


def pixels_of(images: Tensor) -> ImageArray:
    """Network inputs (N, 3, S, S) as (N, S, S, 3) BGR pictures."""
    rgb = (images * GREY + GREY).clamp(0, 255).to(torch.uint8)
    return np.ascontiguousarray(rgb.flip(1).permute(0, 2, 3, 1).cpu().numpy())


def _warp(
    crops: LooseCrops, indices: IndexArray, matrices: Float64Array, size: int
) -> tuple[Tensor, Float32Array]:
    """Crops of people, each warped by a (2, 3) affine from the person's frame to crop pixels.

    Returns:
        (N, 3, S, S) BGR minus `GREY`, and (N, 19, 2) joints, crop pixels.
    """
    pixels = crops.cut(indices, matrices, size).permute(0, 3, 1, 2).float() - GREY
    joints = np.stack(
        [crop.transform(m, j) for m, j in zip(matrices, crops.joints[indices], strict=True)]
    )
    return pixels, joints


def _normalised(pixels: Tensor) -> Tensor:
    """BGR minus `GREY` as the input of networks."""
    return pixels.flip(1) / GREY


def _recoloured(images: Tensor, colours: Float64Array) -> Tensor:
    factors = torch.from_numpy(colours).float().to(images.device).view(-1, 3, 1, 1, 1)
    contrast, saturation, brightness = factors.unbind(1)
    luma = images.new_tensor(_LUMA).view(1, 3, 1, 1)
    grey = (images * luma).sum(1, keepdim=True)
    return ((grey + (images - grey) * saturation) * contrast + brightness).clamp(-1, 1)


def _occluded(images: Tensor, patches: Float64Array) -> Tensor:
    """Each image with its patch filled from the next person's crop, as an occlusion.

    Joints under a patch stay annotated: the rest of the body tells where they are.
    """
    if not (patches[:, 2] > patches[:, 0]).any():
        return images
    size = images.shape[-1]
    x0, y0, x1, y1 = torch.from_numpy(patches * size).float().to(images.device).unbind(1)
    along = torch.arange(size, device=images.device)
    columns = (along >= x0[:, None]) & (along < x1[:, None])
    rows = (along >= y0[:, None]) & (along < y1[:, None])
    return torch.where((rows[:, :, None] & columns[:, None, :])[:, None], images.roll(1, 0), images)

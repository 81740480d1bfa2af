"""People cut out of photographs, to stand before and beside those who are trained on.

A network that sees one person in each crop has to tell their arms from those of whoever is next to
them: pasting (Ghiasi et al., CVPR 2021) shows it more of that than photographs do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from mobilepose_core import crop
from mobilepose_core.datasets import Sample
from mobilepose_core.datasets.cutouts import Cutout, cut_outs
from mobilepose_core.model import GREY
from mobilepose_core.training.crops import LOOSENESS
from mobilepose_core.training.warp import warped

Values = npt.NDArray[np.float64]

MOST = 200
"""People of whom neighbours are chosen at most: each takes a fraction of a second to cut out."""

LONGEST = 256
"""Longer side of the photographs in which they are told from what is around them, pixels. They are
as sharp as the photographs themselves: a network that sees all neighbours softer than the people
beside whom they stand takes whoever is a little out of focus for nobody."""

SIDEWAYS = (0.25, 0.7)
"""How far aside a neighbour stands, from middle to middle, in sides of the crop that fits."""

UP_OR_DOWN = 0.15
"""How much higher or lower at most, in the same."""

SIZES = (0.75, 1.3)
"""Smallest and largest size of a neighbour, relative to the person."""


@dataclass(frozen=True)
class Neighbours:
    """People without their surroundings, each in a loose square of their own.

    Attributes:
        squares: (M, S, S, 4) uint8 BGR, and how much of each pixel is the person's.
    """

    squares: Tensor

    @staticmethod
    def of(samples: Sequence[Sample], size: int) -> Neighbours:
        """Up to `MOST` of some people, in squares of `size` pixels.

        Raises:
            ValueError: none of them can be cut out cleanly.
        """
        squares = [_loose_square(cutout, size) for cutout in cut_outs(samples, MOST, LONGEST)]
        return Neighbours(torch.from_numpy(np.stack(squares)))

    def __len__(self) -> int:
        return len(self.squares)

    def to(self, device: str) -> Neighbours:
        """The same on another device."""
        return Neighbours(self.squares.to(device))

    def before(self, images: Tensor, matrices: crop.Matrix, drawn: Values) -> Tensor:
        """Images with a neighbour in each for which one is drawn.

        Args:
            images: (N, 3, S, S) BGR, less `GREY`.
            matrices: (N, 2, 3) from the person's own frame to the pixels of their image.
            drawn: (N, 4) as of `draw`.
        """
        rows = np.flatnonzero(np.isfinite(drawn[:, 0]))
        if not len(rows):
            return images
        chosen = torch.from_numpy((drawn[rows, 0] * len(self)).astype(np.intp))
        squares = self.squares[chosen.to(self.squares.device)].permute(0, 3, 1, 2).float()
        placed = crop.composed(matrices[rows], _placements(drawn[rows], self.squares.shape[1]))
        people = warped(squares, placed, images.shape[-1])
        share = people[:, 3:] / 255
        images = images.clone()
        images[rows] += share * (people[:, :3] - GREY - images[rows])
        return images


def draw(count: int, probability: float, random: np.random.Generator) -> Values:
    """Neighbours of some people at random.

    Returns:
        (N, 4) who, as a share of the list of all, NaN for nobody; how far to the right and how far
        down, in sides of the crop that fits the person; and how large.
    """
    aside = random.uniform(*SIDEWAYS, count) * random.choice([-1, 1], count)
    who = np.where(random.random(count) < probability, random.random(count), np.nan)
    return np.column_stack(
        [who, aside, random.uniform(-UP_OR_DOWN, UP_OR_DOWN, count), random.uniform(*SIZES, count)]
    )


def _placements(drawn: Values, size: int) -> crop.Matrix:
    """(N, 2, 3) from each neighbour's square of `size` pixels to the own frame of their person."""
    scales = drawn[:, 3:] * LOOSENESS / size
    matrices = np.zeros((len(drawn), 2, 3))
    matrices[:, [0, 1], [0, 1]] = scales
    matrices[:, :, 2] = drawn[:, 1:3] - scales * (size - 1) / 2
    return matrices


def _loose_square(cutout: Cutout, size: int) -> npt.NDArray[np.uint8]:
    """(size, size, 4) a person as loosely as the others are cut, without what is around them."""
    region = crop.region_of_box(crop.box_of_joints(cutout.joints)).scaled(LOOSENESS)
    matrix = crop.crop_from_image(region, size)
    alpha = np.asarray(cv2.warpAffine(cutout.alpha * 255, matrix, (size, size)))
    return np.dstack([crop.cut(cutout.picture, region, size), np.round(alpha).astype(np.uint8)])

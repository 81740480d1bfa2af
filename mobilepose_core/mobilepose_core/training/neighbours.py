"""Copy-paste augmentation: cutouts of people, pasted next to a person or in their place.

A network with one person per crop has to tell their arms from a neighbour's. Copy-paste (Ghiasi et
al., CVPR 2021) shows it more neighbours than photographs do. The person to find is also pasted at
times, or the network would learn that pasted people are neighbours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from torch import Tensor

from mobilepose_core import crop, skeleton
from mobilepose_core.datasets import Sample
from mobilepose_core.datasets.cutouts import Cutout, cut_outs
from mobilepose_core.model import GREY
from mobilepose_core.training import blur
from mobilepose_core.training.crops import LOOSENESS, own_frame
from mobilepose_core.training.warp import warped
from mobilepose_core.typing import Float32Array, Float64Array, ImageArray, IndexArray

MOST_CUTOUTS = 400
"""Largest number of cutouts: segmenting each takes a fraction of a second."""

LONGEST_CUTOUT = 256
"""Longer side of the photographs for segmentation, pixels. The cutouts keep the photographs'
resolution: if all neighbours were softer than the person to find, a network would ignore people who
are a little out of focus."""

SIDEWAYS = (0.25, 0.7)
"""Smallest and largest horizontal distance of a neighbour's centre, in sides of the fitted crop."""

UP_OR_DOWN = 0.15
"""Largest vertical distance, in the same unit."""

SIZES = (0.75, 1.3)
"""Smallest and largest size of a neighbour, relative to the person."""


@dataclass(frozen=True)
class Pasted:
    """The cutout that is pasted into each crop of a batch, and its placement.

    Attributes:
        who: (N,) position in the list of cutouts, as a share of its length; NaN for none.
        places: (N, 2) offset to the right and down, in sides of the person's fitted crop.
        sizes: (N,) relative to that person.
        blurs: (N,) standard deviations of a blur, crop pixels; 0 for none.
    """

    who: Float64Array
    places: Float64Array
    sizes: Float64Array
    blurs: Float64Array

    def __getitem__(self, part: slice) -> Pasted:
        """The cutouts for some of the people."""
        return Pasted(self.who[part], self.places[part], self.sizes[part], self.blurs[part])

    @property
    def rows(self) -> IndexArray:
        """Indices of the crops with a cutout."""
        return np.flatnonzero(np.isfinite(self.who))

    @property
    def frames(self) -> Float64Array:
        """(N, 2, 3) from the cutout's frame of reference to the person's; identity if none."""
        rows = self.rows
        matrices = np.tile(np.eye(2, 3), (len(self.who), 1, 1))
        matrices[rows, :, :2] *= self.sizes[rows, None, None]
        matrices[rows, :, 2] = self.places[rows]
        return matrices


def draw(count: int, probability: float, blur_share: float, random: np.random.Generator) -> Pasted:
    """Draws cutouts at random.

    Args:
        count: of people.
        probability: of a cutout.
        blur_share: probability that a cutout is blurred.
        random: the generator of all random numbers.
    """
    aside = random.uniform(*SIDEWAYS, count) * random.choice([-1, 1], count)
    return Pasted(
        np.where(random.random(count) < probability, random.random(count), np.nan),
        np.column_stack([aside, random.uniform(-UP_OR_DOWN, UP_OR_DOWN, count)]),
        random.uniform(*SIZES, count),
        blur.draw(count, blur_share, random),
    )


@dataclass(frozen=True)
class Neighbours:
    """Cutouts of people, each in a loose square crop.

    Attributes:
        squares: (M, S, S, 4) uint8 BGR and alpha.
        joints: (M, 19, 2) in the cutout's frame of reference.
    """

    squares: Tensor
    joints: Float32Array

    @staticmethod
    def of(samples: Sequence[Sample], size: int) -> Neighbours:
        """Cutouts of up to `MOST_CUTOUTS` samples, in squares of `size` pixels.

        Raises:
            DataError: none of them can be segmented.
        """
        people = cut_outs(samples, MOST_CUTOUTS, LONGEST_CUTOUT)
        boxes = [crop.box_of_joints(skeleton.select(person.joints)) for person in people]
        regions = [crop.region_of_box(box) for box in boxes]
        pairs = list(zip(people, regions, strict=True))
        return Neighbours(
            torch.from_numpy(np.stack([_loose_square(*pair, size) for pair in pairs])),
            np.stack([crop.transform(own_frame(region), who.joints) for who, region in pairs]),
        )

    def __len__(self) -> int:
        return len(self.squares)

    def to(self, device: str) -> Neighbours:
        """A copy on another device."""
        return Neighbours(self.squares.to(device), self.joints)

    def paste(self, images: Tensor, matrices: Float64Array, pasted: Pasted) -> Tensor:
        """Images with the drawn cutouts pasted in.

        Args:
            images: (N, 3, S, S) BGR minus `GREY`.
            matrices: (N, 2, 3) from a cutout's frame of reference to pixels of the image.
            pasted: the cutouts, and their blur.
        """
        rows = pasted.rows
        if not len(rows):
            return images
        chosen = torch.from_numpy(self._chosen(pasted)).to(self.squares.device)
        squares = self.squares[chosen].permute(0, 3, 1, 2).float()
        placed = crop.composed(matrices[rows], _own_frame_of_square(self.squares.shape[1]))
        people = warped(squares, placed, images.shape[-1])
        share = people[:, 3:] / 255
        light = torch.cat([share * (people[:, :3] - GREY), share], dim=1)
        light = blur.blurred(light, pasted.blurs[rows])
        images = images.clone()
        images[rows] = images[rows] * (1 - light[:, 3:]) + light[:, :3]
        return images

    def joints_of(self, pasted: Pasted, matrices: Float64Array) -> Float32Array:
        """(R, 19, 2) joints of the R pasted cutouts, in pixels of their images.

        Args:
            pasted: the cutouts of N images.
            matrices: (N, 2, 3), as for `paste`.
        """
        affines, joints = matrices[pasted.rows], self.joints[self._chosen(pasted)]
        moved = [crop.transform(m, j) for m, j in zip(affines, joints, strict=True)]
        return np.array(moved, np.float32).reshape(joints.shape)

    def _chosen(self, pasted: Pasted) -> IndexArray:
        return (pasted.who[pasted.rows] * len(self)).astype(np.intp)


def _own_frame_of_square(size: int) -> Float64Array:
    """(2, 3) from a loose square of `size` pixels to its cutout's frame of reference."""
    middle = (size - 1) / 2
    return own_frame(crop.Region(middle, middle, size / LOOSENESS))


def _loose_square(cutout: Cutout, fitting: crop.Region, size: int) -> ImageArray:
    """(size, size, 4) a cutout as a loose square crop, BGR and alpha."""
    region = fitting.scaled(LOOSENESS)
    matrix = crop.crop_from_image(region, size)
    alpha = np.asarray(cv2.warpAffine(cutout.alpha * 255, matrix, (size, size)))
    return np.dstack([crop.cut(cutout.picture, region, size), np.round(alpha).astype(np.uint8)])

"""People cut out of photographs, to stand before and beside those who are trained on, or instead.

A network that sees one person in each crop has to tell their arms from those of whoever is next to
them: pasting (Ghiasi et al., CVPR 2021) shows it more of that than photographs do. Those whom it is
to find are pasted at times as well, or else it learns that whoever was is a neighbour.
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

MOST = 400
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
class Pasted:
    """Who of those who were cut out stands beside some people.

    Attributes:
        who: (N,) as a share of the list of all; NaN for nobody.
        places: (N, 2) how far to the right and how far down, in sides of the crop that fits the
            person beside whom they stand.
        sizes: (N,) relative to that person.
        blurs: (N,) standard deviations of a blur, crop pixels; 0 for none.
    """

    who: Float64Array
    places: Float64Array
    sizes: Float64Array
    blurs: Float64Array

    def __getitem__(self, part: slice) -> Pasted:
        """Those beside some of the people."""
        return Pasted(self.who[part], self.places[part], self.sizes[part], self.blurs[part])

    @property
    def rows(self) -> IndexArray:
        """Beside whom there is somebody."""
        return np.flatnonzero(np.isfinite(self.who))

    @property
    def frames(self) -> Float64Array:
        """(N, 2, 3) from their own frame to that of the person; where nobody is, no change."""
        rows = self.rows
        matrices = np.tile(np.eye(2, 3), (len(self.who), 1, 1))
        matrices[rows, :, :2] *= self.sizes[rows, None, None]
        matrices[rows, :, 2] = self.places[rows]
        return matrices


def draw(count: int, probability: float, blur_share: float, random: np.random.Generator) -> Pasted:
    """Who stands beside some people, at random.

    Args:
        count: of people.
        probability: that somebody does.
        blur_share: probability that they are blurred.
        random: of all choices.
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
    """People without their surroundings, each in a loose square of their own.

    Attributes:
        squares: (M, S, S, 4) uint8 BGR, and how much of each pixel is the person's.
        joints: (M, 19, 2) in their own frame.
    """

    squares: Tensor
    joints: Float32Array

    @staticmethod
    def of(samples: Sequence[Sample], size: int) -> Neighbours:
        """Up to `MOST` of some people, in squares of `size` pixels.

        Raises:
            ValueError: none of them can be cut out cleanly.
        """
        people = cut_outs(samples, MOST, LONGEST)
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
        """The same on another device."""
        return Neighbours(self.squares.to(device), self.joints)

    def before(self, images: Tensor, matrices: Float64Array, pasted: Pasted) -> Tensor:
        """Images with somebody in each for which one is drawn.

        Args:
            images: (N, 3, S, S) BGR, less `GREY`.
            matrices: (N, 2, 3) from the own frame of who is pasted to the pixels of the image.
            pasted: who, and how blurred.
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
        """(R, 19, 2) of those R who are drawn, in the pixels of their images.

        Args:
            pasted: who, beside N people.
            matrices: (N, 2, 3) as `before` takes them.
        """
        affines, joints = matrices[pasted.rows], self.joints[self._chosen(pasted)]
        moved = [crop.transform(m, j) for m, j in zip(affines, joints, strict=True)]
        return np.array(moved, np.float32).reshape(joints.shape)

    def _chosen(self, pasted: Pasted) -> IndexArray:
        return (pasted.who[pasted.rows] * len(self)).astype(np.intp)


def _own_frame_of_square(size: int) -> Float64Array:
    """(2, 3) from a loose square of `size` pixels to the own frame of the person in it."""
    middle = (size - 1) / 2
    return own_frame(crop.Region(middle, middle, size / LOOSENESS))


def _loose_square(cutout: Cutout, fitting: crop.Region, size: int) -> ImageArray:
    """(size, size, 4) a person as loosely as the others are cut, without what is around them."""
    region = fitting.scaled(LOOSENESS)
    matrix = crop.crop_from_image(region, size)
    alpha = np.asarray(cv2.warpAffine(cutout.alpha * 255, matrix, (size, size)))
    return np.dstack([crop.cut(cutout.picture, region, size), np.round(alpha).astype(np.uint8)])

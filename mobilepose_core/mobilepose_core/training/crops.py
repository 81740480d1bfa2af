"""Every person of a data set, cut loosely out of their photograph once and kept in memory.

Augmentation then is one affine warp of these squares, on whichever device the network trains.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from tqdm import tqdm

from mobilepose_core import crop, photo
from mobilepose_core.datasets import Sample

LOOSENESS = 1.8
"""Side of a kept square in sides of the fitting crop: what the largest augmentation can reach."""


@dataclass
class LooseCrops:
    """Squares of (S, S, 3) BGR pixels and the joints in them.

    Attributes:
        squares: (N, S, S, 3) uint8.
        joints: (N, 11, 2) in the square's pixels, NaN where not annotated.
        unreadable: how many people were left out because their photograph could not be decoded.
    """

    squares: Tensor
    joints: npt.NDArray[np.float32]
    unreadable: int = field(default=0)

    def __len__(self) -> int:
        return len(self.squares)

    @property
    def size(self) -> int:
        """Side of the squares, pixels."""
        return int(self.squares.shape[1])

    @property
    def fitting_side(self) -> float:
        """Side of the crop that fits the person, in the square's pixels."""
        return self.size / LOOSENESS


def cut_loosely(samples: Sequence[Sample], size: int, title: str) -> LooseCrops:
    """Cuts every sample's person out, with a progress bar.

    Args:
        samples: the people.
        size: side of the squares, pixels.
        title: of the progress bar.
    """
    squares = torch.empty((len(samples), size, size, 3), dtype=torch.uint8)
    joints = np.full((len(samples), *samples[0].joints.shape), np.nan, dtype=np.float32)
    kept = 0

    def cut(sample: Sample) -> npt.NDArray[np.uint8] | None:
        image = photo.read(sample.image)
        return None if image is None else crop.cut(image, loose_region(sample.box), size)

    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        cutting = zip(samples, pool.map(cut, samples), strict=True)
        for sample, square in tqdm(cutting, title, len(samples), unit="person", leave=False):
            if square is None:
                continue
            squares[kept] = torch.from_numpy(square)
            matrix = crop.crop_from_image(loose_region(sample.box), size)
            joints[kept] = crop.transform(matrix, sample.joints)
            kept += 1
    return LooseCrops(squares[:kept], joints[:kept], unreadable=len(samples) - kept)


def loose_region(box: crop.Floats) -> crop.Region:
    """What is kept of a photograph for a person, by the box (4,) of their joints."""
    return crop.region_of_box(box).scaled(LOOSENESS)

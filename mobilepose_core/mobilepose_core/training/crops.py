"""Loose crops of all people of a data set, kept in memory as JPEG.

They keep the photograph's resolution, and augmentation warps them as inference warps a frame, so
that a network is trained on the same kind of pixels as it will see.

A person's frame of reference has its origin at the centre of their fitted crop, and that crop's
side as its unit, x right, y down.
"""

from __future__ import annotations

import functools
import math
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import repeat

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from tqdm import tqdm

from mobilepose_core import crop
from mobilepose_core.datasets import Sample
from mobilepose_core.framing import FRAMINGS, UPPER_BODY, Framing
from mobilepose_core.io import photo
from mobilepose_core.training.stored_image import StoredImage
from mobilepose_core.typing import BoolArray, Float32Array, Float64Array, ImageArray, IndexArray

LOOSENESS = 1.8
"""Side of a loose crop, in sides of the fitted crop: the reach of the largest augmentation."""

SHARPEST = 3
"""Side of a fitted crop, in sides of the network's input, from which the loose crop is stored at
half the resolution: every augmentation would halve it anyway."""

QUALITY = 97
"""Of the JPEG that loose crops are stored as: a fifth of the pixels' size, without visible loss."""


@dataclass
class LooseCrops:
    """Parts of photographs and the joints of the person in each.

    Attributes:
        parts: N pictures.
        frames: (N, 2, 3) affines from a part's pixels to the person's frame of reference.
        joints: (N, 19, 2) in the person's frame of reference, NaN where not annotated.
        sources: (N,) names of their data sets.
        is_there: (N,) whether there is a person.
        unreadable: number of people skipped because their photograph could not be decoded.
        device: torch device of the crops that are cut from the parts.
    """

    parts: list[StoredImage]
    frames: Float64Array
    joints: Float32Array
    sources: npt.NDArray[np.str_]
    is_there: BoolArray
    unreadable: int = field(default=0)
    device: str = field(default="cpu")

    def __len__(self) -> int:
        return len(self.parts)

    def cut(self, indices: IndexArray, matrices: Float64Array, size: int) -> Tensor:
        """Crops of some people.

        Args:
            indices: (N,) of the people.
            matrices: (N, 2, 3) from the person's frame of reference to pixels of the crop.
            size: side of the crops, pixels.

        Returns:
            (N, size, size, 3) uint8 BGR on `device`, grey outside the parts.
        """
        affines = crop.composed(matrices, self.frames[indices])
        parts = [self.parts[index] for index in indices]
        crops = list(_workers().map(_warp_stored, parts, affines, repeat(size), repeat(size)))
        return torch.from_numpy(np.stack(crops)).to(self.device)


def cut_loosely(
    samples: Sequence[Sample],
    size: int,
    title: str,
    source: str = "",
    framing: Framing = FRAMINGS[UPPER_BODY],
) -> LooseCrops:
    """Loose crops of all samples, with a progress bar.

    Args:
        samples: the people.
        size: side of the network's crops, pixels.
        title: of the progress bar.
        source: name of their data set.
        framing: of the network's crops.
    """
    parts, frames, joints = [], [], []

    def cut(sample: Sample) -> tuple[StoredImage, Float64Array] | None:
        image = photo.read(sample.image)
        return None if image is None else loose_part(image, framing.region(sample.joints), size)

    cutting = zip(samples, _workers().map(cut, samples), strict=True)
    for sample, kept in tqdm(cutting, title, len(samples), unit="person", leave=False):
        if kept is None:
            continue
        parts.append(kept[0])
        frames.append(kept[1])
        joints.append(crop.transform(own_frame(framing.region(sample.joints)), sample.joints))
    return LooseCrops(
        parts,
        np.array(frames).reshape(-1, 2, 3),
        np.array(joints, np.float32).reshape(-1, *samples[0].joints.shape),
        np.full(len(parts), source),
        np.ones(len(parts), bool),
        unreadable=len(samples) - len(parts),
    )


def own_frame(region: crop.Region) -> Float64Array:
    """(2, 3) from pixels of a picture to the frame of reference of a person with that region."""
    return crop.crop_from_image(region, 1)


def loose_part(
    image: ImageArray, fitting: crop.Region, size: int
) -> tuple[StoredImage, Float64Array]:
    """The loose crop of a person in a region, and the affine to their frame of reference."""
    halvings = max(0, 1 + math.floor(math.log2(fitting.side / (SHARPEST * size))))
    part, frame = crop.reduced(image, own_frame(fitting.scaled(LOOSENESS)), 1, 1, halvings)
    return StoredImage.of(part, QUALITY), frame * LOOSENESS


def _warp_stored(part: StoredImage, affine: Float64Array, width: int, height: int) -> ImageArray:
    return crop.warp(part.opened(), affine, width, height)


@functools.cache
def _workers() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(len(os.sched_getaffinity(0)))

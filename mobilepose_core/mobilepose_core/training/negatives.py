"""Negatives: crops of what the detector takes for people in photographs without any."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from tqdm import tqdm

from mobilepose_core import crop, skeleton
from mobilepose_core.datasets.scenes import Scene
from mobilepose_core.framing import Framing
from mobilepose_core.inference.detection.finder_detector import FinderDetector
from mobilepose_core.io import photo
from mobilepose_core.pose import body_boxes
from mobilepose_core.training.crops import LooseCrops, loose_part
from mobilepose_core.typing import Float32Array, ImageArray

SHARE = 1 / 6
"""Share of the crops of an epoch."""

MOST, LEAST = 3, 2
"""Most crops of a photograph; with fewer detections than the second, one is cut anywhere."""

HEIGHTS, WIDTHS = (0.1, 0.9), (0.4, 1.0)
"""Limits of the height of a crop anywhere, in heights of the photograph, and of its width in
heights of its own."""

SOURCE = "nobody"
"""Stands for the name of a data set."""


def cut(photographs: Sequence[Scene], size: int, framing: Framing, seed: int) -> LooseCrops:
    """Loose crops without people, with a progress bar; all joints are NaN.

    Args:
        photographs: without people.
        size: side of the network's crops, pixels.
        framing: of the network's crops.
        seed: of the crops that are cut anywhere.
    """
    find = FinderDetector(device="cpu", threads=1)
    random = np.random.default_rng(seed)
    parts, frames, unreadable = [], [], 0
    for photograph in tqdm(photographs, "without people", unit="photo", leave=False):
        image = photo.read(photograph.image)
        if image is None:
            unreadable += 1
            continue
        found = body_boxes(find(image).of_joints(), framing.legs, image.shape[0])
        for region in _regions(image, found[:MOST], framing, random):
            part, frame = loose_part(image, region, size)
            parts.append(part)
            frames.append(frame)
    return LooseCrops(
        parts,
        np.array(frames).reshape(-1, 2, 3),
        np.full((len(parts), len(skeleton.ALL_19.joints), 2), np.nan, np.float32),
        np.full(len(parts), SOURCE),
        unreadable,
    )


def _regions(
    image: ImageArray, boxes: Float32Array, framing: Framing, random: np.random.Generator
) -> list[crop.Region]:
    """Where a pose network looks for people with such boxes, and perhaps anywhere."""
    if len(boxes) < LEAST:
        boxes = np.concatenate([boxes, _anywhere(image, random)[None]])
    return crop.regions_around(boxes, aspect=framing.aspect)


def _anywhere(image: ImageArray, random: np.random.Generator) -> Float32Array:
    """(4,) a box inside the picture, small ones as often as large ones."""
    height, width = image.shape[:2]
    tall = height * math.exp(random.uniform(*np.log(HEIGHTS)))
    wide = min(tall * random.uniform(*WIDTHS), width)
    x, y = random.uniform(0, width - wide), random.uniform(0, height - tall)
    return np.array([x, y, x + wide, y + tall], np.float32)

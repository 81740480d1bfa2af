"""Crops of what the detector takes for people: of people, and of nobody.

The features of a pose network learn from them to tell both apart, as verification needs it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from tqdm import tqdm

from mobilepose_core import crop, skeleton
from mobilepose_core.datasets.scenes import Scene
from mobilepose_core.evaluation.detection_metrics import IGNORED_SHARE, MATCH_IOU
from mobilepose_core.framing import Framing
from mobilepose_core.inference.detection.finder_detector import FinderDetector
from mobilepose_core.io import photo
from mobilepose_core.pose import body_boxes
from mobilepose_core.training.crops import LooseCrops, loose_part
from mobilepose_core.typing import BoolArray, Float32Array, ImageArray

SHARE = 1 / 6
"""Share of the crops of an epoch in photographs without people, and the same in those with people,
if all of these are known."""

MOST, LEAST = 3, 2
"""Most crops of people, and of nobody, in a photograph; with fewer detections than the second in
one without people, one is cut anywhere."""

MOST_PHOTOGRAPHS = 2000
"""Largest number of photographs of a data set, sampled evenly."""

APART = 0.1
"""IoU with everybody up to which a detection is nobody: parts of people are left out."""

HEIGHTS, WIDTHS = (0.1, 0.9), (0.4, 1.0)
"""Limits of the height of a crop anywhere, in heights of the photograph, and of its width in
heights of its own."""

NOBODY, DETECTED = "nobody", "detected"
"""Stand for the name of a data set: of photographs without people, and of those with people."""


def cut(
    photographs: Sequence[Scene], size: int, framing: Framing, seed: int, source: str = NOBODY
) -> LooseCrops:
    """Loose crops of detections, with a progress bar; all joints are NaN.

    Args:
        photographs: with all their people, or without any.
        size: side of the network's crops, pixels.
        framing: of the network's crops.
        seed: of the crops that are cut anywhere.
        source: stands for the name of the data set.
    """
    find = FinderDetector(device="cpu", threads=1)
    random = np.random.default_rng(seed)
    parts, frames, is_there, unreadable = [], [], [], 0
    for photograph in tqdm(photographs, source, unit="photo", leave=False):
        image = photo.read(photograph.image)
        if image is None:
            unreadable += 1
            continue
        people = find(image).of_joints()
        boxes = body_boxes(people, framing.legs, image.shape[0])
        is_person, is_nobody = labels(people.boxes, photograph)
        shown, nobody = boxes[is_person][:MOST], boxes[is_nobody][:MOST]
        if not len(photograph.boxes) and len(nobody) < LEAST:
            nobody = np.concatenate([nobody, _anywhere(image, random)[None]])
        is_there += [True] * len(shown) + [False] * len(nobody)
        for region in crop.regions_around(np.concatenate([shown, nobody]), aspect=framing.aspect):
            part, frame = loose_part(image, region, size)
            parts.append(part)
            frames.append(frame)
    return LooseCrops(
        parts,
        np.array(frames).reshape(-1, 2, 3),
        np.full((len(parts), len(skeleton.ALL_19.joints), 2), np.nan, np.float32),
        np.full(len(parts), source),
        np.array(is_there, bool),
        unreadable,
    )


def labels(boxes: Float32Array, photograph: Scene) -> tuple[BoolArray, BoolArray]:
    """(N,) whether boxes (N, 4) are people of a photograph, and whether they are nobody."""
    overlaps = crop.overlaps(boxes, photograph.boxes).max(axis=1, initial=0.0)
    is_doubtful = (crop.shares_of(boxes, photograph.doubtful) >= IGNORED_SHARE).any(axis=1)
    return overlaps >= MATCH_IOU, (overlaps <= APART) & ~is_doubtful


def _anywhere(image: ImageArray, random: np.random.Generator) -> Float32Array:
    """(4,) a box inside the picture, small ones as often as large ones."""
    height, width = image.shape[:2]
    tall = height * math.exp(random.uniform(*np.log(HEIGHTS)))
    wide = min(tall * random.uniform(*WIDTHS), width)
    x, y = random.uniform(0, width - wide), random.uniform(0, height - tall)
    return np.array([x, y, x + wide, y + tall], np.float32)

"""A contact sheet: people of a data set with their annotated joints drawn in."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from mobilepose_core import crop
from mobilepose_core.datasets import Dataset, Sample
from mobilepose_core.inference import Pose
from mobilepose_core.inference.drawing import draw

TILE = 224
COLUMNS = 8


def save_sheet(dataset: Dataset, count: int, path: Path) -> int:
    """Writes a sheet of people spread evenly over the data set; returns how many there are on it.

    Raises:
        ValueError: nobody to show, or the picture cannot be written.
    """
    step = max(1, len(dataset) // max(1, count))
    tiles = [tile for s in dataset.samples[::step][:count] if (tile := _tile(s)) is not None]
    if not tiles:
        raise ValueError(f"nobody to show: {len(dataset)} people, none with a readable photograph")
    shown = len(tiles)
    tiles += [np.zeros_like(tiles[0])] * (-shown % COLUMNS)
    rows = [np.hstack(tiles[i : i + COLUMNS]) for i in range(0, len(tiles), COLUMNS)]
    if not cv2.imwrite(str(path), np.vstack(rows)):
        raise ValueError(f"{path} cannot be written; is its folder there, and is it .png or .jpg?")
    return shown


def _tile(sample: Sample) -> npt.NDArray[np.uint8] | None:
    image = cv2.imread(str(sample.image), cv2.IMREAD_COLOR)
    if image is None:
        return None
    region = crop.region_of_box(sample.box)
    joints = crop.transform(crop.crop_from_image(region, TILE), sample.joints)
    annotated = np.asarray(np.isfinite(joints).all(axis=-1))
    shown: npt.NDArray[np.float32] = np.where(annotated[:, None], joints, np.float32(0))
    pose = Pose(shown, annotated.astype(np.float32))
    return draw(crop.cut(np.asarray(image, dtype=np.uint8), region, TILE), [pose])

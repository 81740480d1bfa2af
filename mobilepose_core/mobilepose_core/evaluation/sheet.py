"""Contact sheets: crops of many people side by side, with joints or heatmaps drawn in."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from mobilepose_core import crop
from mobilepose_core.datasets import Dataset, Sample
from mobilepose_core.errors import DataError
from mobilepose_core.inference import Pose
from mobilepose_core.io import photo
from mobilepose_core.io.drawing import draw, save
from mobilepose_core.typing import FloatArray, ImageArray

TILE = 224
COLUMNS = 8


def save_sheet(dataset: Dataset, count: int, path: Path) -> int:
    """Writes a sheet of people sampled evenly from a data set, with their annotated joints.

    Returns:
        The number of people on it.

    Raises:
        DataError: there are no people to show.
        ValueError: the picture cannot be written.
    """
    step = max(1, len(dataset) // max(1, count))
    tiles = [tile for s in dataset.samples[::step][:count] if (tile := _tile(s)) is not None]
    if not tiles:
        raise DataError(
            f"no people to show: {len(dataset)} people, none with a readable photograph"
            f"{dataset.reasons()}"
        )
    save(joined(tiles), path)
    return len(tiles)


def joined(tiles: list[ImageArray]) -> ImageArray:
    """Tiles (S, S, 3) of one size in rows of eight, padded with black."""
    filled = tiles + [np.zeros_like(tiles[0])] * (-len(tiles) % COLUMNS)
    rows = [np.hstack(filled[i : i + COLUMNS]) for i in range(0, len(filled), COLUMNS)]
    return np.asarray(np.vstack(rows), dtype=np.uint8)


def skeletons(crops: ImageArray, joints: FloatArray) -> list[ImageArray]:
    """Crops with joints drawn in.

    Args:
        crops: (N, S, S, 3) BGR.
        joints: (N, 11, 2) crop pixels; NaN is not drawn.
    """
    return [_drawn(picture, points) for picture, points in zip(crops, joints, strict=True)]


def warmth(crops: ImageArray, heatmaps: FloatArray) -> list[ImageArray]:
    """Crops with the maximum of their heatmaps as an overlay.

    Args:
        crops: (N, S, S, 3) BGR.
        heatmaps: (N, 11, H, W).
    """
    tiles = []
    for picture, maps in zip(crops, heatmaps, strict=True):
        heat = (255 * np.clip(maps.max(axis=0), 0, 1)).astype(np.uint8)
        large = cv2.resize(heat, picture.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        coloured = cv2.applyColorMap(large, cv2.COLORMAP_INFERNO)
        tiles.append(np.asarray(cv2.addWeighted(picture, 0.4, coloured, 0.6, 0), np.uint8))
    return tiles


def _tile(sample: Sample) -> ImageArray | None:
    image = photo.read(sample.image)
    if image is None:
        return None
    region = crop.region_of_box(sample.box)
    joints = crop.transform(crop.crop_from_image(region, TILE), sample.upper_body)
    return _drawn(crop.cut(image, region, TILE), joints)


def _drawn(picture: ImageArray, joints: FloatArray) -> ImageArray:
    known = np.asarray(np.isfinite(joints).all(axis=-1))
    points = np.asarray(np.where(known[:, None], joints, 0), np.float32)
    return draw(picture, [Pose(points, known.astype(np.float32))])

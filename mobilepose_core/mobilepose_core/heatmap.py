"""Joints to target heatmaps, and heatmaps back to joints. NumPy only: inference needs no torch.

Frames: `crop` is pixels of the network's input, `heatmap` is cells of its output; the centre of the
top-left cell is (0, 0). A cell is `stride` crop pixels wide.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

STRIDE = 4
"""Crop pixels per heatmap cell."""

SIGMA = 2.0
"""Standard deviation of a target's Gaussian, cells."""

UNSURE, SURE = 0.3, 0.7
"""Heights of a peak up to which only the centre around it counts, and from which only the peak."""

REACH = 0.21
"""How far around its peak a map is taken into that centre, in sides of the map."""

_FLOOR = 1e-6


def cells_from_crop(points: Floats, stride: int = STRIDE) -> Floats:
    """Points (..., 2) from crop pixels to heatmap cells."""
    return (points + np.float32(0.5)) / np.float32(stride) - np.float32(0.5)


def crop_from_cells(points: Floats, stride: int = STRIDE) -> Floats:
    """Points (..., 2) from heatmap cells to crop pixels; the inverse of `cells_from_crop`."""
    return (points + np.float32(0.5)) * np.float32(stride) - np.float32(0.5)


def profiles(joints: Floats, size: int, sigma: float = SIGMA) -> tuple[Floats, Floats]:
    """The Gaussians of `encode` along x and along y, whose outer product is the heatmap.

    Args:
        joints: (..., K, 2) x, y in heatmap cells; NaN gives zeros.
        size: cells along a side.
        sigma: standard deviation in cells.

    Returns:
        Two (..., K, size) float32, along x and along y.
    """
    offsets = np.arange(size, dtype=np.float32) - joints[..., None]
    gaussians = np.nan_to_num(np.exp(-(offsets**2) / (2 * sigma**2))).astype(np.float32)
    return gaussians[..., 0, :], gaussians[..., 1, :]


def encode(joints: Floats, size: int, sigma: float = SIGMA) -> Floats:
    """Target heatmaps: a Gaussian of height 1 centred on each joint, between cells where it lies.

    Args:
        joints: (..., K, 2) x, y in heatmap cells; a joint that is NaN gets an empty map.
        size: cells along a side.
        sigma: standard deviation in cells.

    Returns:
        (..., K, size, size) float32.
    """
    along_x, along_y = profiles(joints, size, sigma)
    return along_y[..., :, None] * along_x[..., None, :]


def decode(heatmaps: npt.NDArray[np.floating]) -> tuple[Floats, Floats]:
    """Joint positions and scores from heatmaps, to a fraction of a cell.

    Args:
        heatmaps: (..., K, H, W) float, one map per joint.

    Returns:
        (..., K, 2) float32 x, y in heatmap cells, and (..., K) float32 scores in [0, 1].

    The peak is refined by a second-order Taylor step on the log-heatmap
    (Zhang et al., "Distribution-Aware Coordinate Representation", CVPR 2020), at most one cell.
    A low peak is one of several places where the joint may be: the lower it is, the more the
    centre of all of them counts (Sun et al., "Integral Human Pose Regression", ECCV 2018).

    Raises:
        ValueError: fewer than three dimensions, or maps smaller than 3 x 3.
    """
    if heatmaps.ndim < 3 or min(heatmaps.shape[-2:]) < 3:
        raise ValueError(f"heatmaps are (..., K, H, W) with H, W >= 3, got {heatmaps.shape}")
    leading, (height, width) = heatmaps.shape[:-2], heatmaps.shape[-2:]
    maps = np.asarray(heatmaps, dtype=np.float32).reshape(-1, height, width)
    peak = maps.reshape(len(maps), -1).argmax(axis=1)
    row, column = np.divmod(peak, width)
    scores = maps[np.arange(len(maps)), row, column]

    inner_row, inner_column = np.clip(row, 1, height - 2), np.clip(column, 1, width - 2)
    offsets = np.arange(-1, 2)
    around = maps[
        np.arange(len(maps))[:, None, None],
        (inner_row[:, None] + offsets)[:, :, None],
        (inner_column[:, None] + offsets)[:, None, :],
    ]
    step = _taylor_step(np.log(np.maximum(around, _FLOOR)))
    inside = (row == inner_row) & (column == inner_column)
    joints = np.stack([column, row], axis=-1).astype(np.float32)
    joints += np.where(inside[:, None], step, np.float32(0))
    scores = np.clip(np.nan_to_num(scores), 0.0, 1.0).astype(np.float32)
    certainty = np.clip((scores - UNSURE) / (SURE - UNSURE), 0, 1)[:, None]
    if (certainty < 1).any():
        joints = certainty * joints + (1 - certainty) * _centres(maps, row, column)
    return joints.reshape(*leading, 2), scores.reshape(leading)


def _centres(
    maps: Floats, row: npt.NDArray[np.intp], column: npt.NDArray[np.intp]
) -> npt.NDArray[np.float32]:
    """(N, 2) x, y of the centre of what maps (N, H, W) show within `REACH` of their peaks."""
    height, width = maps.shape[1:]
    reach = round(REACH * max(height, width))
    offsets = np.arange(-reach, reach + 1)
    rows, columns = row[:, None] + offsets, column[:, None] + offsets
    inside_rows = (rows >= 0) & (rows < height)
    inside_columns = (columns >= 0) & (columns < width)
    mass = maps[
        np.arange(len(maps))[:, None, None],
        np.clip(rows, 0, height - 1)[:, :, None],
        np.clip(columns, 0, width - 1)[:, None, :],
    ]
    mass = np.nan_to_num(np.maximum(mass, 0)) * (
        inside_rows[:, :, None] & inside_columns[:, None, :]
    )
    total = mass.sum(axis=(1, 2)) + _FLOOR
    shift_x = (mass.sum(axis=1) * offsets).sum(axis=1) / total
    shift_y = (mass.sum(axis=2) * offsets).sum(axis=1) / total
    return np.stack([column + shift_x, row + shift_y], axis=-1).astype(np.float32)


def _taylor_step(log_maps: Floats) -> Floats:
    """The step (N, 2) x, y to the maximum of a parabola through (N, 3, 3) neighbours.

    With gradient g and Hessian H at the peak, the maximum lies at -inv(H) g.
    """
    dx = (log_maps[:, 1, 2] - log_maps[:, 1, 0]) / 2
    dy = (log_maps[:, 2, 1] - log_maps[:, 0, 1]) / 2
    dxx = log_maps[:, 1, 2] - 2 * log_maps[:, 1, 1] + log_maps[:, 1, 0]
    dyy = log_maps[:, 2, 1] - 2 * log_maps[:, 1, 1] + log_maps[:, 0, 1]
    dxy = (log_maps[:, 2, 2] - log_maps[:, 2, 0] - log_maps[:, 0, 2] + log_maps[:, 0, 0]) / 4
    determinant = dxx * dyy - dxy * dxy
    is_peak = (determinant > _FLOOR) & (dxx < 0)
    safe = np.where(is_peak, determinant, np.float32(1))
    step = np.stack([dxy * dy - dyy * dx, dxy * dx - dxx * dy], axis=-1) / safe[:, None]
    return np.where(is_peak[:, None], np.clip(step, -1, 1), np.float32(0)).astype(np.float32)

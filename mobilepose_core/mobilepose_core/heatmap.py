"""Joints to target heatmaps, and heatmaps back to joints. NumPy only: inference needs no torch.

Coordinate frames: `crop` is pixels of the network's input, `heatmap` is cells of its output; the
centre of the top-left cell is (0, 0). A cell is `stride` crop pixels wide.
"""

from __future__ import annotations

import functools

import numpy as np

from mobilepose_core.typing import Float32Array, FloatArray, IndexArray

STRIDE = 4
"""Crop pixels per heatmap cell."""

SIGMA = 2.0
"""Standard deviation of a target's Gaussian, cells."""

UNSURE, SURE = 0.5, 0.9
"""Peak heights: below the first the joint is the centroid around the peak, above the second the
peak, in between a blend of both."""

CENTROID_RADIUS = 0.15
"""Radius of the window around a peak for that centroid, in sides of the map."""

_FLOOR, _CEILING = np.float32(1e-6), np.float32(1e6)
"""Bounds for logarithms, so that they are finite whatever a network outputs."""


def cells_from_crop(points: Float32Array, stride: int = STRIDE) -> Float32Array:
    """Points (..., 2) from crop pixels to heatmap cells."""
    return (points + np.float32(0.5)) / np.float32(stride) - np.float32(0.5)


def crop_from_cells(points: Float32Array, stride: int = STRIDE) -> Float32Array:
    """Points (..., 2) from heatmap cells to crop pixels; the inverse of `cells_from_crop`."""
    return points * np.float32(stride) + np.float32((stride - 1) / 2)


def profiles(
    joints: Float32Array, size: int, sigma: float = SIGMA
) -> tuple[Float32Array, Float32Array]:
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


def encode(joints: Float32Array, size: int, sigma: float = SIGMA) -> Float32Array:
    """Target heatmaps: a Gaussian of height 1 centred on each joint, with sub-cell precision.

    Args:
        joints: (..., K, 2) x, y in heatmap cells; a joint that is NaN gets an empty map.
        size: cells along a side.
        sigma: standard deviation in cells.

    Returns:
        (..., K, size, size) float32.
    """
    along_x, along_y = profiles(joints, size, sigma)
    return along_y[..., :, None] * along_x[..., None, :]


def decode(heatmaps: FloatArray) -> tuple[Float32Array, Float32Array]:
    """Joint positions and scores from heatmaps, to a fraction of a cell.

    Args:
        heatmaps: (..., K, H, W) float, one map per joint.

    Returns:
        (..., K, 2) float32 x, y in heatmap cells, and (..., K) float32 scores in [0, 1].

    The peak is refined by a second-order Taylor step on the log-heatmap (Zhang et al.,
    "Distribution-Aware Coordinate Representation", CVPR 2020), along x and along y.
    A low peak means several candidate positions: the lower it is, the more the centroid of all of
    them counts (Sun et al., "Integral Human Pose Regression", ECCV 2018).

    Raises:
        ValueError: fewer than three dimensions, or maps smaller than 3 x 3.
    """
    if heatmaps.ndim < 3 or min(heatmaps.shape[-2:]) < 3:
        raise ValueError(f"heatmaps are (..., K, H, W) with H, W >= 3, got {heatmaps.shape}")
    leading, (height, width) = heatmaps.shape[:-2], heatmaps.shape[-2:]
    maps = np.asarray(heatmaps, dtype=np.float32).reshape(-1, height * width)
    peaks = maps.argmax(axis=1)
    around = maps.take(_starts(*maps.shape) + _crosses(height, width).take(peaks, axis=0))
    scores = np.fmin(np.fmax(around[:, _MIDDLE], 0), 1)
    cells = _places(height, width).take(peaks, axis=0)
    step = _taylor_step(np.log(np.fmin(np.fmax(around, _FLOOR), _CEILING)))
    shift = _shifts(maps.reshape(-1, height, width), peaks)
    doubt = np.fmin(np.fmax((SURE - scores) / np.float32(SURE - UNSURE), 0), 1)
    joints = cells + step + doubt[:, None] * (shift - step)
    return joints.reshape(*leading, 2), scores.reshape(leading)


@functools.lru_cache
def _starts(count: int, cells: int) -> IndexArray:
    """(count, 1) offset of each map in the flattened maps."""
    return np.arange(0, count * cells, cells)[:, None]


@functools.cache
def _places(height: int, width: int) -> Float32Array:
    """(height * width, 2) x, y of every cell of a map."""
    across, down = np.meshgrid(np.arange(width), np.arange(height))
    return np.stack([across.ravel(), down.ravel()], axis=1).astype(np.float32)


@functools.cache
def _crosses(height: int, width: int) -> IndexArray:
    """(height * width, 5) indices of the left, right, upper and lower neighbour and of each cell.

    A cell at the map's edge is its own neighbour on all sides.
    """
    cells = np.arange(height * width)
    row, column = np.divmod(cells, width)
    is_inner = (row > 0) & (row < height - 1) & (column > 0) & (column < width - 1)
    steps = np.array([-1, 1, -width, width, 0])
    crosses: IndexArray = cells[:, None] + is_inner[:, None] * steps
    return crosses


_MIDDLE = 4
"""Index of the cell itself in a cross."""


def _shifts(maps: Float32Array, peaks: IndexArray) -> Float32Array:
    """(N, 2) x, y from the peaks of maps (N, H, W) to the centroids within `CENTROID_RADIUS`."""
    height, width = maps.shape[1:]
    reach = round(CENTROID_RADIUS * max(height, width))
    row, column = np.divmod(peaks, width)
    down = _moment_weights(height, reach).take(row, axis=0)
    across = _moment_weights(width, reach).take(column, axis=0)
    moments = (down @ np.fmax(maps, 0) @ across.swapaxes(1, 2)).reshape(-1, 4)
    shifts: Float32Array = moments[:, 1:3] / (moments[:, :1] + _FLOOR)
    return shifts


@functools.cache
def _moment_weights(extent: int, reach: int) -> Float32Array:
    """(extent, 2, extent) for each peak: weights of a row's cells, and weights times offset."""
    cells = np.arange(extent, dtype=np.float32)
    apart = cells - cells[:, None]
    counts = np.abs(apart) <= reach
    return np.stack([counts, counts * apart], axis=1)


def _taylor_step(log_maps: Float32Array) -> Float32Array:
    """The step (N, 2) x, y to the maxima of parabolas through the crosses (N, 5) at peaks.

    It is at most half a cell, since no neighbour is higher than the peak.
    """
    derivatives = log_maps @ _DERIVATIVES
    step: Float32Array = derivatives[:, :2] / np.fmax(derivatives[:, 2:], _FLOOR)
    return step


_DERIVATIVES = np.array(
    [
        [-1 / 2, 0, -1, 0],
        [1 / 2, 0, -1, 0],
        [0, -1 / 2, 0, -1],
        [0, 1 / 2, 0, -1],
        [0, 0, 2, 2],
    ],
    np.float32,
)
"""(5, 4) from a cross to d/dx, d/dy, -d2/dx2 and -d2/dy2."""

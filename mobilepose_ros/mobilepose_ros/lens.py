"""Distortion models of sensor_msgs/CameraInfo: from points of an image to those without it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

CRITERIA = (cv2.TERM_CRITERIA_COUNT + cv2.TERM_CRITERIA_EPS, 50, 1e-4)
"""When distortion is taken for removed: after so many steps, or at so small an error in pixels."""

TOLERANCE = 0.5
"""A place that the lens would show farther than this from its point is none, pixels."""


@dataclass(frozen=True)
class Lens:
    """A distortion model.

    Attributes:
        to_plane: from points (K, 2) px, matrix (3, 3) and coefficients (N,) to (K, 2) x, y on the
            plane z = 1 of the lens's own axes; NaN where it has no place for a point.
        counts: how many coefficients it may have.
    """

    to_plane: Callable[[Floats, Floats, Floats], Floats]
    counts: tuple[int, ...]


def _pinhole(points: Floats, matrix: Floats, distortion: Floats) -> Floats:
    return (points - matrix[:2, 2]) / matrix.diagonal()[:2]


def _polynomial(points: Floats, matrix: Floats, distortion: Floats) -> Floats:
    column = points.reshape(-1, 1, 2)
    plane = cv2.undistortPointsIter(column, matrix, distortion, np.eye(3), np.eye(3), CRITERIA)
    rays = cv2.convertPointsToHomogeneous(plane)
    shown, _ = cv2.projectPoints(rays, np.zeros(3), np.zeros(3), matrix, distortion)
    return _consistent(plane, shown, column)


def _equidistant(points: Floats, matrix: Floats, distortion: Floats) -> Floats:
    column = points.reshape(-1, 1, 2)
    plane = cv2.fisheye.undistortPoints(column, matrix, distortion, criteria=CRITERIA)
    shown = cv2.fisheye.distortPoints(plane, matrix, distortion)
    return _consistent(plane, shown, column)


def _consistent(plane: npt.ArrayLike, shown: npt.ArrayLike, points: Floats) -> Floats:
    """Places on the plane, NaN where the lens shows them elsewhere than at their points."""
    error = np.linalg.norm(np.asarray(shown) - points, axis=-1, keepdims=True)
    places = np.where(error <= TOLERANCE, np.asarray(plane, np.float64), np.nan)
    return places.reshape(-1, 2)


PINHOLE = Lens(_pinhole, (0,))
FISHEYE = Lens(_equidistant, (4,))

LENSES: Mapping[str, Lens] = {
    "plumb_bob": Lens(_polynomial, (0, 4, 5)),
    "rational_polynomial": Lens(_polynomial, (0, 8, 12, 14)),
    "equidistant": FISHEYE,
    "fisheye": FISHEYE,
}
"""By their names in CameraInfo. Without coefficients, or with zeros, polynomials are a pinhole."""


def lens_of(model: str, distortion: Floats) -> Lens:
    """The lens of a CameraInfo.

    Args:
        model: its distortion_model.
        distortion: its D, (N,).

    Raises:
        ValueError: unknown model, or another number of coefficients than it has.
    """
    if not model and not distortion.any():
        return PINHOLE
    lens = LENSES.get(model)
    if lens is None:
        raise ValueError(
            f"CameraInfo's distortion model {model!r} is unknown; known: {', '.join(LENSES)}"
        )
    if len(distortion) not in lens.counts:
        raise ValueError(
            f"CameraInfo's D has {len(distortion)} coefficients; {model} has "
            f"{' or '.join(map(str, lens.counts))}"
        )
    return lens if lens is FISHEYE or distortion.any() else PINHOLE

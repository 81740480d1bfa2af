"""Distortion models of sensor_msgs/CameraInfo: from points of an image to those without it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

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


class Distortion(NamedTuple):
    """What a CameraInfo says of its lens.

    Attributes:
        lens: the model.
        coefficients: (N,) as many as it takes.
        doubt: what was taken for granted; empty where nothing was.
    """

    lens: Lens
    coefficients: Floats
    doubt: str = ""


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
POLYNOMIAL = Lens(_polynomial, (4, 5, 8, 12, 14))
FISHEYE = Lens(_equidistant, (4,))

LENSES: Mapping[str, Lens] = {
    "plumb_bob": POLYNOMIAL,
    "rational_polynomial": POLYNOMIAL,
    "equidistant": FISHEYE,
    "fisheye": FISHEYE,
}
"""By their names in CameraInfo. Which polynomial it is, the number of coefficients says."""

ALIASES: Mapping[str, str] = {
    "brown_conrady": "plumb_bob",
    "radtan": "plumb_bob",
    "radial_tangential": "plumb_bob",
    "rational": "rational_polynomial",
    "thin_prism": "rational_polynomial",
    "equi": "equidistant",
    "kannala_brandt": "equidistant",
    "kannala_brandt4": "equidistant",
}
"""Other names of the same lenses, as calibration programs write them."""

NO_POLYNOMIALS = frozenset(
    {"double_sphere", "ds", "eucm", "fov", "ftheta", "inverse_brown_conrady", "mei", "omni"}
    | {"omnidirectional", "scaramuzza", "unified"}
)
"""Models that are known to be none of the `LENSES`."""


def distortion_of(model: str, coefficients: Floats) -> Distortion:
    """The lens of a CameraInfo.

    Without coefficients, or with zeros, it is a pinhole whatever its name: drivers that have
    rectified an image, or know nothing of their lens, leave any name there.

    Args:
        model: its distortion_model.
        coefficients: its D, (N,).

    Raises:
        ValueError: a model that is no polynomial and no fisheye, or another number of
            coefficients than it has.
    """
    if not coefficients.any():
        return Distortion(PINHOLE, np.zeros(0))
    name = model.strip().lower().replace("-", "_").replace(" ", "_")
    lens = LENSES.get(ALIASES.get(name, name))
    if name in NO_POLYNOMIALS:
        raise ValueError(
            f"CameraInfo's distortion model {model!r} is not supported; supported: "
            f"{', '.join(LENSES)}. Rectify the images (image_proc) and set rectified:=true"
        )
    taken = _as_many_as(lens or POLYNOMIAL, coefficients)
    if taken is None:
        raise ValueError(
            f"CameraInfo's D has {len(coefficients)} coefficients; "
            f"{model if lens else 'a polynomial'} has "
            f"{' or '.join(map(str, (lens or POLYNOMIAL).counts))}"
        )
    if lens is not None:
        return Distortion(lens, taken)
    doubt = (
        f"CameraInfo's distortion model {model!r} is unknown; its {len(taken)} coefficients are "
        f"taken for those of plumb_bob or rational_polynomial (known: {', '.join(LENSES)})"
    )
    return Distortion(POLYNOMIAL, taken, doubt)


def _as_many_as(lens: Lens, coefficients: Floats) -> Floats | None:
    """Coefficients without the zeros that fill D up behind them; None where no number fits."""
    if len(coefficients) in lens.counts:
        return coefficients
    used = int(np.flatnonzero(coefficients)[-1]) + 1
    fitting = [count for count in lens.counts if used <= count <= len(coefficients)]
    return coefficients[: fitting[0]] if fitting else None

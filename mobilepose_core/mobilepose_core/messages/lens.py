"""Distortion models of sensor_msgs/CameraInfo: undistorts image points."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from mobilepose_core.typing import Float64Array

CRITERIA = (cv2.TERM_CRITERIA_COUNT + cv2.TERM_CRITERIA_EPS, 50, 1e-4)
"""When the iterative undistortion stops: number of steps, or error in pixels."""

TOLERANCE = 0.5
"""Largest reprojection error of an undistorted point, pixels."""


@dataclass(frozen=True)
class Lens:
    """A distortion model.

    Attributes:
        to_plane: undistorts points (K, 2) px, given the matrix (3, 3) and coefficients (N,), to
            (K, 2) x, y on the plane z = 1; NaN outside the model's range.
        counts: possible numbers of coefficients.
        names: of the coefficients, in OpenCV's order.
    """

    to_plane: Callable[[Float64Array, Float64Array, Float64Array], Float64Array]
    counts: tuple[int, ...]
    names: tuple[str, ...] = ()


class Distortion(NamedTuple):
    """The distortion of a CameraInfo.

    Attributes:
        lens: the model.
        coefficients: (N,) of the model.
        doubt: what had to be assumed; empty if nothing.
    """

    lens: Lens
    coefficients: Float64Array
    doubt: str = ""


def _pinhole(points: Float64Array, matrix: Float64Array, distortion: Float64Array) -> Float64Array:
    return (points - matrix[:2, 2]) / matrix.diagonal()[:2]


def _polynomial(
    points: Float64Array, matrix: Float64Array, distortion: Float64Array
) -> Float64Array:
    column = points.reshape(-1, 1, 2)
    plane = cv2.undistortPointsIter(column, matrix, distortion, np.eye(3), np.eye(3), CRITERIA)
    rays = cv2.convertPointsToHomogeneous(plane)
    shown, _ = cv2.projectPoints(rays, np.zeros(3), np.zeros(3), matrix, distortion)
    return _consistent(plane, shown, column)


def _equidistant(
    points: Float64Array, matrix: Float64Array, distortion: Float64Array
) -> Float64Array:
    column = points.reshape(-1, 1, 2)
    plane = cv2.fisheye.undistortPoints(column, matrix, distortion, criteria=CRITERIA)
    shown = cv2.fisheye.distortPoints(plane, matrix, distortion)
    return _consistent(plane, shown, column)


def _consistent(plane: npt.ArrayLike, shown: npt.ArrayLike, points: Float64Array) -> Float64Array:
    """Points on the plane; NaN if their reprojection is not the original point."""
    error = np.linalg.norm(np.asarray(shown) - points, axis=-1, keepdims=True)
    places = np.where(error <= TOLERANCE, np.asarray(plane, np.float64), np.nan)
    return places.reshape(-1, 2)


PINHOLE = Lens(_pinhole, (0,))
POLYNOMIAL = Lens(
    _polynomial,
    (4, 5, 8, 12, 14),
    ("k1", "k2", "p1", "p2", "k3", "k4", "k5", "k6", "s1", "s2", "s3", "s4", "tx", "ty"),
)
FISHEYE = Lens(_equidistant, (4,), ("k1", "k2", "k3", "k4"))

TILTS = slice(12, 14)
"""Coefficients of a polynomial that are angles of the sensor, rad."""

LENSES: Mapping[str, Lens] = {
    "plumb_bob": POLYNOMIAL,
    "rational_polynomial": POLYNOMIAL,
    "equidistant": FISHEYE,
    "fisheye": FISHEYE,
}
"""By their names in CameraInfo. The number of coefficients selects the polynomial."""

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
"""Other names that calibration programs write for the same models."""

UNSUPPORTED = frozenset(
    {"double_sphere", "ds", "eucm", "fov", "ftheta", "inverse_brown_conrady", "mei", "omni"}
    | {"omnidirectional", "scaramuzza", "unified"}
)
"""Models that are known to differ from all `LENSES`."""


def distortion_of(model: str, coefficients: Float64Array) -> Distortion:
    """The distortion of a CameraInfo.

    Without coefficients, or if all are zero, it is a pinhole whatever the model's name: drivers
    that rectify their images, or do not know their lens, write any name.

    Args:
        model: the field distortion_model.
        coefficients: the field D, (N,).

    Raises:
        ValueError: an unsupported model, a wrong number of coefficients, or an impossible tilt.
    """
    if not coefficients.any():
        return Distortion(PINHOLE, np.zeros(0))
    name = model.strip().lower().replace("-", "_").replace(" ", "_")
    lens = LENSES.get(ALIASES.get(name, name))
    if name in UNSUPPORTED:
        raise ValueError(
            f"CameraInfo's distortion model {model!r} is not supported; supported: "
            f"{', '.join(LENSES)}. Rectify the images (image_proc) and set rectified:=true"
        )
    taken = _trimmed(lens or POLYNOMIAL, coefficients)
    if taken is None:
        raise ValueError(
            f"CameraInfo's D has {len(coefficients)} coefficients; "
            f"{model if lens else 'a polynomial'} has "
            f"{' or '.join(map(str, (lens or POLYNOMIAL).counts))}"
        )
    tilts = np.abs(taken[TILTS])
    if (tilts >= np.pi / 2).any():
        raise ValueError(
            f"CameraInfo's D tilts the sensor by {tilts.max():g} rad (tx or ty, the last two "
            "coefficients); expected less than a right angle"
        )
    if lens is not None:
        return Distortion(lens, taken)
    doubt = (
        f"CameraInfo's distortion model {model!r} is unknown; its {len(taken)} coefficients are "
        f"read as those of plumb_bob or rational_polynomial (known: {', '.join(LENSES)})"
    )
    return Distortion(POLYNOMIAL, taken, doubt)


def _trimmed(lens: Lens, coefficients: Float64Array) -> Float64Array | None:
    """Coefficients without the zeros that pad D; None if their number is wrong."""
    if len(coefficients) in lens.counts:
        return coefficients
    used = int(np.flatnonzero(coefficients)[-1]) + 1
    fitting = [count for count in lens.counts if used <= count <= len(coefficients)]
    return coefficients[: fitting[0]] if fitting else None

"""What positions need to know of the camera: the rays of its pixels, and where the ground is.

The optical frame is ROS's (REP-103): x right, y down, z forward, metres.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from mobilepose_core.typing import Float64Array, FloatArray

LEVEL_UP: Float64Array = np.array([0.0, -1.0, 0.0])
"""Up in the optical frame of a camera that is level: taken where gravity is not known."""

PICTURE_UP: Float64Array = np.array([0.0, -1.0])
"""Up in the picture of such a camera."""


AXIS: Float64Array = np.array([0.0, 0.0, 1.0])
"""The optical axis: where the camera looks."""


class Camera(Protocol):
    """A calibrated camera; `mobilepose_ros`'s `CameraModel` is one."""

    @property
    def origin(self) -> FloatArray:
        """(3,) where its rays begin, m in the optical frame."""

    def rays(self, points: FloatArray) -> FloatArray:
        """Image points (K, 2) as (K, 3) directions that reach z = 1; NaN where there is none."""


@dataclass(frozen=True)
class Pinhole:
    """A camera without distortion.

    Attributes:
        fx, fy: focal lengths, pixels.
        cx, cy: principal point, pixels.
    """

    fx: float
    fy: float
    cx: float
    cy: float

    @classmethod
    def of_view(cls, width: int, height: int, degrees: float) -> Pinhole:
        """By the size of the image and the angle between its left edge and its right one."""
        if not 0 < degrees < 180:
            raise ValueError(f"a field of view is between 0 and 180 degrees, got {degrees}")
        focal = width / 2 / math.tan(math.radians(degrees) / 2)
        return cls(focal, focal, (width - 1) / 2, (height - 1) / 2)

    @property
    def origin(self) -> Float64Array:
        """(3,) zeros."""
        return np.zeros(3)

    def rays(self, points: FloatArray) -> Float64Array:
        """(K, 2) pixels as (K, 3) directions."""
        plane = (np.asarray(points, np.float64) - (self.cx, self.cy)) / (self.fx, self.fy)
        return np.concatenate([plane, np.ones((len(plane), 1))], axis=1)

    def project(self, places: FloatArray) -> Float64Array:
        """(K, 3) m in the optical frame as (K, 2) pixels."""
        return np.asarray(
            places[:, :2] / places[:, 2:] * (self.fx, self.fy) + (self.cx, self.cy), np.float64
        )


@dataclass(frozen=True, eq=False)
class Ground:
    """The plane that people stand on, as a robot knows it from its transforms.

    Attributes:
        up: (3,) unit vector against gravity, in the optical frame.
        height: of the camera above the ground, m; None where only up is known.
        height_deviation: standard deviation of that, m.
        tilt_deviation: standard deviation of the angle of `up`, radians.
    """

    up: FloatArray
    height: float | None
    height_deviation: float = 0.02
    tilt_deviation: float = 0.01

    def __post_init__(self) -> None:
        if np.shape(self.up) != (3,) or abs(np.linalg.norm(self.up) - 1) > 1e-3:
            raise ValueError(f"up is a unit vector (3,), got {self.up}")
        if self.height is not None and not self.height > 0:
            raise ValueError(f"the camera is above the ground by more than 0 m, got {self.height}")

    def height_of(self, place: FloatArray) -> float | None:
        """How high a place (3,) of the optical frame is above the ground, m; None if unknown."""
        return None if self.height is None else float(place @ self.up) + self.height


def picture_up(up: FloatArray, ray: FloatArray = AXIS) -> Float64Array:
    """(2,) unit vector: where up leads in the picture at a ray; focal lengths are alike.

    Args:
        up: (3,) against gravity, in the optical frame.
        ray: (3,) that reaches z = 1; that of the picture's middle by default.
    """
    leads = up[:2] - ray[:2] * up[2]
    length = np.hypot(*leads)
    return np.asarray(leads / length) if length > 0.1 else PICTURE_UP.copy()


def unit(vector: FloatArray) -> Float64Array:
    """A vector at length 1."""
    return np.asarray(vector / np.linalg.norm(vector), np.float64)


def cross(one: FloatArray, other: FloatArray) -> Float64Array:
    """The cross product of two vectors (3,); NumPy's takes ten times as long for a single one."""
    (a, b, c), (x, y, z) = one.tolist(), other.tolist()
    return np.array([b * z - c * y, c * x - a * z, a * y - b * x])

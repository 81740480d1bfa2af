"""Points and vectors of geometry_msgs, and as arrays."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from geometry_msgs.msg import Point, Vector3

from mobilepose_core.typing import Float64Array, FloatArray


def point(place: FloatArray | Sequence[float]) -> Point:
    """A place (3,), m."""
    x, y, z = (float(value) for value in place)
    return Point(x=x, y=y, z=z)


def vector(direction: FloatArray | Sequence[float]) -> Vector3:
    """A direction or velocity (3,)."""
    x, y, z = (float(value) for value in direction)
    return Vector3(x=x, y=y, z=z)


def array_of(message: Point | Vector3) -> Float64Array:
    """(3,) x, y and z."""
    return np.array([message.x, message.y, message.z])

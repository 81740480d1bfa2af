"""Rotations as unit quaternions of geometry_msgs, and as matrices."""

from __future__ import annotations

import numpy as np
from geometry_msgs.msg import Quaternion

from mobilepose_core.typing import Float64Array, FloatArray


def matrix_of(quaternion: Quaternion) -> Float64Array:
    """The (3, 3) rotation of a quaternion of any length.

    Raises:
        ValueError: its length is 0, or not finite.
    """
    x, y, z, w = quaternion.x, quaternion.y, quaternion.z, quaternion.w
    square = x * x + y * y + z * z + w * w
    if not (np.isfinite(square) and square > 0):
        raise ValueError(f"a rotation is a unit quaternion, got ({x}, {y}, {z}, {w})")
    vector = np.array([x, y, z])
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    product = (w * w - vector @ vector) * np.eye(3) + 2 * (np.outer(vector, vector) + w * cross)
    return np.asarray(product / square, np.float64)


def quaternion_of(matrix: FloatArray) -> Quaternion:
    """The unit quaternion of a (3, 3) rotation.

    It is the eigenvector of the largest eigenvalue of a symmetric matrix (Bar-Itzhack, "New Method
    for Extracting the Quaternion from a Rotation Matrix", 2000), so no case is special.
    """
    (xx, xy, xz), (yx, yy, yz), (zx, zy, zz) = np.asarray(matrix, np.float64)
    lower = np.array(
        [
            [xx - yy - zz, 0, 0, 0],
            [yx + xy, yy - xx - zz, 0, 0],
            [zx + xz, zy + yz, zz - xx - yy, 0],
            [zy - yz, xz - zx, yx - xy, xx + yy + zz],
        ]
    )
    vectors = np.linalg.eigh(lower).eigenvectors  # reads the lower half only
    x, y, z, w = (vectors[:, -1] * (1 if vectors[3, -1] >= 0 else -1)).tolist()
    return Quaternion(x=x, y=y, z=z, w=w)

"""The axes of a person: x forward as they face, y to their left, z up (REP-103)."""

from __future__ import annotations

import numpy as np
from mobilepose_msgs.msg import PersonArray

from mobilepose_core.behaviour import LEVEL_UP
from mobilepose_core.typing import Float64Array, FloatArray
from mobilepose_ros.vectors import array_of


def axes(facing: FloatArray, up: FloatArray) -> Float64Array:
    """(3, 3) x, y and z of a person as columns, in the frame of the arguments.

    Args:
        facing: (3,) vector, of which the horizontal part counts; where it has none, x is any
            horizontal vector.
        up: (3,) unit vector.
    """
    level = facing - (facing @ up) * up
    if not np.linalg.norm(level) > 1e-6:
        level = np.cross(up, np.eye(3)[np.argmin(np.abs(up))])
    ahead = level / np.linalg.norm(level)
    return np.column_stack([ahead, np.cross(up, ahead), up])


def up_of(people: PersonArray) -> Float64Array:
    """(3,) unit vector against gravity, in the optical frame of a message.

    That of a level camera if the message does not tell it.
    """
    up = array_of(people.up)
    return up if abs(np.linalg.norm(up) - 1) < 1e-3 else LEVEL_UP

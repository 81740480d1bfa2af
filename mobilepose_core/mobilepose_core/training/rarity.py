"""How unusual people's poses are, so that the unusual ones can be shown more often.

Nearly all people in films stand upright and face the camera: a network that sees each of them
equally often takes a back for a front.
"""

from __future__ import annotations

import numpy as np
from scipy.spatial import KDTree

from mobilepose_core import heading, skeleton
from mobilepose_core.typing import Float64Array, FloatArray

NEIGHBOURS = 10
"""The distance to this many of the most similar people says how rare a pose is: more than one shot
of a film has of the same moment."""


def sampling_weights(joints: FloatArray, most: float, backs: float = 1.0) -> Float64Array:
    """How often to show each person: 1 for half of them, more for rare poses and for backs.

    Args:
        joints: (N, 19, 2) in a frame that fits each person; NaN where not annotated, which some
            joints may be for everybody.
        most: for the rarest pose.
        backs: times as often for people seen from behind.

    Returns:
        (N,) in [1, most * backs].
    """
    return _rarity(skeleton.select(joints), most) * np.where(heading.are_backs(joints), backs, 1.0)


def _rarity(joints: FloatArray, most: float) -> Float64Array:
    if most == 1 or len(joints) <= NEIGHBOURS:
        return np.ones(len(joints))
    known = np.isfinite(joints)
    usual = np.where(known, joints, 0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    poses = np.where(known, joints, usual).reshape(len(joints), -1)
    distances, _ = KDTree(poses).query(poses, k=NEIGHBOURS + 1)
    rarity = distances[:, -1]
    factors: Float64Array = np.clip(rarity / max(np.median(rarity), _LEAST), 1, most)
    return factors


_LEAST = 1e-9
"""Median distance below which people are copies of one another."""

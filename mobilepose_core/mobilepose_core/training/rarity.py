"""Sampling weights: rare poses are sampled more often in training.

Nearly all people in films stand upright and face the camera. Without the weights, a network
mistakes backs for fronts.
"""

from __future__ import annotations

import numpy as np
from scipy.spatial import KDTree

from mobilepose_core import heading, skeleton
from mobilepose_core.typing import Float64Array, FloatArray

NEIGHBOURS = 10
"""A pose's rarity is the distance to its nearest neighbour of this rank; a shot of a film has fewer
frames of one moment."""


def sampling_weights(joints: FloatArray, most: float, backs: float = 1.0) -> Float64Array:
    """How often an epoch shows each person: 1 for half of them, more for rare poses and backs.

    Args:
        joints: (N, 19, 2) in each person's frame of reference; NaN where not annotated.
        most: weight of the rarest pose.
        backs: factor for people seen from behind.

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
    factors: Float64Array = np.clip(rarity / max(np.median(rarity), _LEAST_MEDIAN), 1, most)
    return factors


_LEAST_MEDIAN = 1e-9
"""Lower bound of the median distance: below, people are duplicates."""

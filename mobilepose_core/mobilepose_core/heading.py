"""Which way people face, estimated from their joints, relative to their own torso.

A heading is the cosine and the sine of the rotation away from the camera: (1, 0) is a person seen
from the front, (-1, 0) one seen from behind, (0, 1) one who faces right in the image when upright.
"""

from __future__ import annotations

import numpy as np

from mobilepose_core import skeleton
from mobilepose_core.typing import BoolArray, Float32Array, FloatArray

SHOULDERS = 0.6
"""Width of shoulders seen from the front, in torso lengths."""

LEAST_OFFSET = 0.05
"""Smallest sideways offset of the nose that tells the side a person faces, in torso lengths."""

BACK = -0.4
"""Cosine of a heading up to which a person is seen from behind."""


def headings(joints: FloatArray) -> Float32Array:
    """The headings of people.

    Args:
        joints: (N, 19, 2) of `skeleton.ALL_19`, x right and y down, NaN where unknown.

    Returns:
        (N, 2) float32 cosine and sine; NaN where unknown. Both need shoulders and hips; the sine of
        people seen from the side also needs the nose.
    """
    chosen = skeleton.select(joints).astype(np.float64)
    hips, shoulders = skeleton.torso_ends(chosen)
    up = shoulders - hips
    torso = np.linalg.norm(up, axis=-1)
    torso[torso == 0] = np.nan
    across = np.stack([-up[:, 1], up[:, 0]], axis=-1) / torso[:, None] ** 2
    left, right, nose = (
        chosen[:, skeleton.INDEX[name]] for name in ("left_shoulder", "right_shoulder", "nose")
    )
    cosine = np.clip(((left - right) * across).sum(-1) / SHOULDERS, -1, 1)
    aside = ((nose - _behind_nose(joints, shoulders)) * across).sum(-1)
    side = np.where(np.abs(aside) >= LEAST_OFFSET, np.sign(aside), np.nan)
    width = np.sqrt(1 - cosine**2)
    sine = np.where(width < 0.05, 0.0, width * side)
    return np.stack([cosine, sine], axis=-1).astype(np.float32)


def are_backs(joints: FloatArray) -> BoolArray:
    """(N,) whether people, joints (N, 19, 2), are seen from behind; False where unknown."""
    with np.errstate(invalid="ignore"):
        backs: BoolArray = headings(joints)[:, 0] <= BACK
    return backs


def _behind_nose(joints: FloatArray, shoulders: FloatArray) -> FloatArray:
    """(N, 2) midpoint of the ears, or of the shoulders if an ear is unknown."""
    ears = joints[:, [skeleton.ALL_19.index[f"{side}_ear"] for side in ("left", "right")]]
    middle = ears.mean(axis=1)
    chosen: FloatArray = np.where(np.isnan(middle), shoulders, middle)
    return chosen

"""Whether left and right are exchanged, of whole people and of some of their joints."""

from __future__ import annotations

import numpy as np

from mobilepose_core import skeleton
from mobilepose_core.evaluation import pck
from mobilepose_core.typing import BoolArray, FloatArray

LEAST_APART = 0.25
"""How far apart, in torso lengths, the left and the right of a pair are for it to tell."""

PAIRS = ("shoulder", "elbow", "wrist", "hip")


def exchanged(found: FloatArray, truth: FloatArray) -> tuple[BoolArray, BoolArray]:
    """Of whom left and right are exchanged.

    A person's are where, over all pairs of shoulders, elbows, wrists and hips that lie apart, what
    was found is nearer to the truth of the other side.

    Args:
        found: (N, 11, 2) x, y, NaN where a joint is not looked for.
        truth: (N, 11, 2) in the same frame, NaN where not annotated.

    Returns:
        (N,) whether they are exchanged, and (N,) whether there are pairs that tell.
    """
    right_way = np.zeros(len(truth))
    wrong_way = np.zeros(len(truth))
    torso = pck.torso_lengths(truth)
    telling = np.zeros(len(truth), bool)
    for part in PAIRS:
        sides = [skeleton.INDEX[f"{side}_{part}"] for side in ("left", "right")]
        theirs, ours = truth[:, sides].astype(float), found[:, sides].astype(float)
        with np.errstate(invalid="ignore"):
            tells = np.linalg.norm(theirs[:, 0] - theirs[:, 1], axis=-1) >= LEAST_APART * torso
        tells &= np.isfinite(ours).all(axis=(1, 2))
        telling |= tells
        right_way += np.where(tells, np.linalg.norm(ours - theirs, axis=-1).sum(1), 0)
        wrong_way += np.where(tells, np.linalg.norm(ours - theirs[:, ::-1], axis=-1).sum(1), 0)
    return telling & (wrong_way < right_way), telling

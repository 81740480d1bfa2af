"""Left-right swaps of whole people."""

from __future__ import annotations

import numpy as np

from mobilepose_core import skeleton
from mobilepose_core.evaluation import pck
from mobilepose_core.typing import BoolArray, FloatArray

LEAST_APART = 0.25
"""Smallest distance between the left and right joint of a pair that counts, in torso lengths."""

PAIRS = ("shoulder", "elbow", "wrist", "hip")


def exchanged(found: FloatArray, truth: FloatArray) -> tuple[BoolArray, BoolArray]:
    """Which people have left and right swapped.

    A person is swapped if the predictions of all shoulders, elbows, wrists and hips whose two sides
    are apart are together nearer to the truth of the other side.

    Args:
        found: (N, 11, 2) x, y, NaN for joints that the network lacks.
        truth: (N, 11, 2) in the same coordinate frame, NaN where not annotated.

    Returns:
        (N,) whether sides are swapped, and (N,) whether any pair counts.
    """
    right_way = np.zeros(len(truth))
    wrong_way = np.zeros(len(truth))
    torso = pck.torso_lengths(truth)
    has_evidence = np.zeros(len(truth), bool)
    for part in PAIRS:
        sides = [skeleton.INDEX[f"{side}_{part}"] for side in ("left", "right")]
        theirs, ours = truth[:, sides].astype(float), found[:, sides].astype(float)
        with np.errstate(invalid="ignore"):
            is_apart = np.linalg.norm(theirs[:, 0] - theirs[:, 1], axis=-1) >= LEAST_APART * torso
        is_apart &= np.isfinite(ours).all(axis=(1, 2))
        has_evidence |= is_apart
        right_way += np.where(is_apart, np.linalg.norm(ours - theirs, axis=-1).sum(1), 0)
        wrong_way += np.where(is_apart, np.linalg.norm(ours - theirs[:, ::-1], axis=-1).sum(1), 0)
    return has_evidence & (wrong_way < right_way), has_evidence

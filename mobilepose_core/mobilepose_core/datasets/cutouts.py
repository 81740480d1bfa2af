"""People cut out of photographs, to be pasted into others.

The silhouette is found by GrabCut (Rother et al., SIGGRAPH 2004), seeded with the annotated joints.
It works best in front of plain backgrounds.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import cv2
import numpy as np

from mobilepose_core import crop, skeleton
from mobilepose_core.datasets.sample import Sample
from mobilepose_core.errors import DataError
from mobilepose_core.io import photo
from mobilepose_core.typing import BoolArray, Float32Array, Float64Array, ImageArray

LIMB = 0.05
"""Thickness of limbs that are seeded as foreground, in lengths of the box of the joints."""

HEAD = 0.11
"""Radius of the head around the eyes that is seeded as foreground, in the same unit."""

AROUND = 0.9
"""Largest distance of a person's outline from the box of their joints, in lengths of the box."""

FRAME = 0.02
"""Width of the picture's margin that is seeded as background, in its sides."""

ROUNDS = 4
"""Iterations of GrabCut; more change little."""

FEATHER = 0.8
"""Standard deviation of the blur of the silhouette's edge, pixels."""

LEAST_JOINTS = 0.9
"""Smallest share of the joints that a silhouette covers."""

TIDIEST = 0.9
"""Smallest share of the foreground that is connected."""


LARGEST_AREA = 1.45
"""Largest area of a silhouette, in squares of the length of the box of the joints."""

SMOOTH = 2.0
"""Standard deviation of grey levels below which a patch is smooth."""

SMOOTHEST = 0.12
"""Largest share of a silhouette that is smooth."""


@dataclass(frozen=True, eq=False)
class Cutout:
    """A person without their surroundings.

    Attributes:
        picture: (h, w, 3) uint8 BGR.
        alpha: (h, w) float32 in [0, 1], coverage of each pixel by the person.
        joints: (19, 2) float32 in its pixels.
    """

    picture: ImageArray
    alpha: Float32Array
    joints: Float32Array


def cut_out(sample: Sample, longest: int | None = None) -> Cutout | None:
    """The person of a sample, or None if the segmentation fails.

    Args:
        sample: the person.
        longest: longer side to which photographs are scaled for segmentation, pixels; half the size
            takes a quarter of the time. The cutout keeps the photograph's resolution.
    """
    image = photo.read(sample.image)
    if image is None or not np.isfinite(sample.upper_body).all():
        return None
    smaller, joints = _at_most(image, sample.upper_body, longest)
    silhouette = _silhouette(smaller, joints)
    columns, rows = np.round(joints).astype(int).T
    height, width = silhouette.shape
    inside = silhouette[rows.clip(0, height - 1), columns.clip(0, width - 1)]
    box = crop.box_of_joints(joints)
    if inside.mean() < LEAST_JOINTS or not _is_a_person(smaller, silhouette, box):
        return None
    alpha = cv2.GaussianBlur(cv2.erode(silhouette.astype(np.float32), _CROSS), (0, 0), FEATHER)
    alpha = cv2.resize(alpha, image.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    x0, y0, w, h = cv2.boundingRect((alpha > 0).astype(np.uint8))
    part = slice(y0, y0 + h), slice(x0, x0 + w)
    corner = np.array([x0, y0], dtype=np.float32)
    return Cutout(image[part].copy(), alpha[part].astype(np.float32), sample.joints - corner)


def paste(canvas: ImageArray, cutout: Cutout, matrix: Float64Array) -> Float32Array:
    """Pastes a person into a picture.

    Args:
        canvas: (H, W, 3) uint8 BGR; changed.
        cutout: the person.
        matrix: (2, 3) affine from the cutout's pixels to the canvas's.

    Returns:
        (H, W) float32 in [0, 1], coverage of each pixel of the canvas by the person.
    """
    height, width = canvas.shape[:2]
    alpha = np.asarray(cv2.warpAffine(cutout.alpha, matrix, (width, height)), np.float32)
    x0, y0, w, h = cv2.boundingRect((alpha > 0).astype(np.uint8))
    if w and h:
        part = slice(y0, y0 + h), slice(x0, x0 + w)
        moved = matrix - np.array([[0, 0, x0], [0, 0, y0]])
        person = crop.warp(cutout.picture, moved, w, h)
        share = alpha[part][..., None]
        canvas[part] = np.round(canvas[part] + share * (person.astype(np.float32) - canvas[part]))
    return alpha


def cut_outs(samples: Sequence[Sample], most: int, longest: int | None = None) -> list[Cutout]:
    """Cutouts of up to `most` samples, in order, skipping those that cannot be segmented.

    Raises:
        DataError: none can be segmented.
    """
    cores = len(os.sched_getaffinity(0))
    people: list[Cutout] = []
    with ThreadPoolExecutor(cores) as workers:
        for start in range(0, len(samples), cores):
            few = samples[start : start + cores]
            cutouts = workers.map(cut_out, few, itertools.repeat(longest))
            people += [cutout for cutout in cutouts if cutout is not None]
            if len(people) >= most:
                break
    if not people:
        raise DataError(
            f"none of {len(samples)} people can be cut out; expected people with all joints "
            "annotated, in front of plain backgrounds"
        )
    return people[:most]


_CROSS = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
_PATCH = (7, 7)
_SURELY = (cv2.GC_FGD,)


def _at_most(
    image: ImageArray, joints: Float32Array, longest: int | None
) -> tuple[ImageArray, Float32Array]:
    """A photograph scaled to at most that longer side, and the joints in it."""
    height, width = image.shape[:2]
    scale = 1.0 if longest is None else min(1.0, longest / max(height, width))
    if scale == 1:
        return image, joints
    matrix = np.array([[scale, 0, (scale - 1) / 2], [0, scale, (scale - 1) / 2]])
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return crop.warp(image, matrix, *size), crop.transform(matrix, joints)


def _silhouette(image: ImageArray, joints: Float32Array) -> BoolArray:
    """(H, W) mask of the person."""
    seeds = _seeds(image, joints)
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(image, seeds, (0, 0, 1, 1), *models, ROUNDS, cv2.GC_INIT_WITH_MASK)
    likely = np.isin(seeds, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.uint8)
    person = cv2.morphologyEx(likely, cv2.MORPH_OPEN, _CROSS)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(person)
    if len(stats) < 2:
        return np.zeros(labels.shape, dtype=bool)
    largest = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
    tidy = stats[largest, cv2.CC_STAT_AREA] >= TIDIEST * stats[1:, cv2.CC_STAT_AREA].sum()
    return np.asarray((labels == largest) & tidy)


def _is_a_person(image: ImageArray, silhouette: BoolArray, box: Float32Array) -> bool:
    """Whether a silhouette is plausible: not too large, and without smooth parts of a wall."""
    area = silhouette.sum()
    length = float((box[2:] - box[:2]).max())
    if not 0 < area <= LARGEST_AREA * length**2:
        return False
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY).astype(np.float32)
    variance = cv2.blur(grey**2, _PATCH) - cv2.blur(grey, _PATCH) ** 2
    return bool((variance[silhouette] < SMOOTH**2).sum() <= SMOOTHEST * area)


def _seeds(image: ImageArray, joints: Float32Array) -> ImageArray:
    """(H, W) labels for GrabCut: certain background around, certain foreground on the limbs."""
    height, width = image.shape[:2]
    x0, y0, x1, y1 = crop.box_of_joints(joints)
    length = max(x1 - x0, y1 - y0)
    seeds = np.full((height, width), cv2.GC_BGD, np.uint8)
    margin = max(2, round(FRAME * max(height, width)))
    left, right = (int(x) for x in (x0 - AROUND * length, x1 + AROUND * length))
    top = int(y0 - AROUND * length)
    seeds[max(margin, top) :, max(margin, left) : min(width - margin, right)] = cv2.GC_PR_BGD
    seeds[_unlike_border(image, margin) & (seeds == cv2.GC_PR_BGD)] = cv2.GC_PR_FGD
    points = [(int(x), int(y)) for x, y in np.round(joints)]
    corners = [points[skeleton.INDEX[name]] for name in _TORSO]
    cv2.fillConvexPoly(seeds, cv2.convexHull(np.array(corners)), _SURELY)
    for a, b in skeleton.EDGE_INDICES:
        cv2.line(seeds, points[a], points[b], _SURELY, max(1, round(float(LIMB * length))))
    eyes = joints[[skeleton.INDEX["left_eye"], skeleton.INDEX["right_eye"]]].mean(axis=0)
    cv2.circle(
        seeds, (int(eyes[0]), int(eyes[1])), round(float(HEAD * length)), _SURELY, cv2.FILLED
    )
    return seeds


def _unlike_border(image: ImageArray, margin: int) -> BoolArray:
    """(H, W) which pixels differ from the left and right margins of their row."""
    lab = cv2.cvtColor(image, cv2.COLOR_BGR2LAB).astype(np.float32)
    sides = np.concatenate([lab[:, :margin], lab[:, -margin:]], axis=1)
    apart = np.linalg.norm(lab - np.median(sides, axis=1, keepdims=True), axis=-1)
    return np.asarray(apart > UNLIKE)


UNLIKE = 22.0
"""Colour distance in Lab from which a pixel is likely foreground."""

_TORSO = ("left_shoulder", "right_shoulder", "left_hip", "right_hip")

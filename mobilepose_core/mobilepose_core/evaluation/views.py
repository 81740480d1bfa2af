"""Views of annotated people as in a tracker's crops: off-centre, cut off, or occluded.

Views are generated at random from (H, W, 3) uint8 BGR photographs and (19, 2) joints of
`skeleton.ALL_19` in image pixels, NaN where not annotated.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import cv2
import numpy as np

from mobilepose_core import crop
from mobilepose_core.framing import Framing
from mobilepose_core.typing import Float32Array, ImageArray

SCALES = (0.75, 1.5)
"""Shortest and longest side of a tracker's crop, in sides of the fitted one."""

SHIFT = 0.15
"""Largest offset of a tracker's crop, in its sides."""

CUT = (0.25, 0.75)
"""Position at which a photograph is cut off within a person, in sides of their box."""

PATCH = (0.15, 0.4)
"""Shortest and longest side of an occluding patch, in sides of the crop."""

_A_FEW_PIXELS = np.array([-2, -2, 2, 2])


@dataclass(frozen=True)
class View:
    """A person in a photograph, and the region of their crop.

    Attributes:
        image: the photograph, or a part of it.
        joints: (19, 2) pixels of that image, also outside it.
        region: of the crop.
    """

    image: ImageArray
    joints: Float32Array
    region: crop.Region


Viewer = Callable[[ImageArray, Float32Array, ImageArray, np.random.Generator, Framing], View]
"""From a photograph, its joints, another photograph, a random generator and a framing to a view."""


def fitting(
    image: ImageArray,
    joints: Float32Array,
    other: ImageArray,
    random: np.random.Generator,
    framing: Framing,
) -> View:
    """The crop of the annotation."""
    del other, random
    return View(image, joints, framing.region(joints))


def tracked_crop(
    image: ImageArray,
    joints: Float32Array,
    other: ImageArray,
    random: np.random.Generator,
    framing: Framing,
) -> View:
    """A crop that is too large or too small, and off-centre."""
    del other
    return View(image, joints, _displaced(framing.region(joints), random))


def cut_off(
    image: ImageArray,
    joints: Float32Array,
    other: ImageArray,
    random: np.random.Generator,
    framing: Framing,
) -> View:
    """A photograph that is cut off within the person, in a crop of the remaining part."""
    del other
    height, width = image.shape[:2]
    x0, y0, x1, y1 = framing.box(joints)
    along = random.uniform(*CUT)
    x = int(np.clip(x0 + along * (x1 - x0), 1, width - 1))
    y = int(np.clip(y0 + along * (y1 - y0), 1, height - 1))
    left, top, right, bottom = (
        (x, 0, width, height),
        (0, y, width, height),
        (0, 0, x, height),
        (0, 0, width, y),
    )[random.integers(4)]
    rest, moved = image[top:bottom, left:right], joints - np.array([left, top], np.float32)
    extent = np.tile([right - left - 1, bottom - top - 1], 2)
    box = np.clip(framing.box(moved), 0, extent) + _A_FEW_PIXELS
    region = crop.region_of_box(box, aspect=framing.aspect)
    return View(rest, moved, _displaced(region, random))


def hidden(
    image: ImageArray,
    joints: Float32Array,
    other: ImageArray,
    random: np.random.Generator,
    framing: Framing,
) -> View:
    """A tracker's crop with a patch of another photograph in front of the person."""
    view = tracked_crop(image, joints, other, random, framing)
    region, (height, width) = view.region, image.shape[:2]
    extent = random.uniform(*PATCH, 2) * region.side
    corner = np.array([region.x, region.y]) + random.uniform(-0.5, 0.5, 2) * (region.side - extent)
    x0, y0 = np.clip(corner - extent / 2, 0, [width, height]).astype(int)
    x1, y1 = np.clip(corner + extent / 2, 0, [width, height]).astype(int)
    covered = image.copy()
    covered[y0:y1, x0:x1] = cv2.resize(other, (width, height))[y0:y1, x0:x1]
    return View(covered, joints, region)


VIEWS: Mapping[str, Viewer] = {
    "fitting": fitting,
    "followed": tracked_crop,
    "cut off": cut_off,
    "hidden": hidden,
}


def _displaced(region: crop.Region, random: np.random.Generator) -> crop.Region:
    x, y = np.array([region.x, region.y]) + random.uniform(-SHIFT, SHIFT, 2) * region.side
    return crop.Region(float(x), float(y), region.side * random.uniform(*SCALES))

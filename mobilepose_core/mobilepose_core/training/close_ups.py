"""Close-ups: people whom the border of a picture cuts off below the face, shoulders or chest.

A network that is shown whole upper bodies alone takes a face that fills the frame for nobody.
Everything is in the people's own frames of reference, see `crops`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from torch import Tensor

from mobilepose_core import crop, skeleton
from mobilepose_core.typing import BoolArray, Float32Array, Float64Array

VISIBLE = (0.05, 0.75)
"""Smallest and largest share that is visible of the height from the face down to the hips."""

ASIDE, CUT = 0.3, (0.1, 0.4)
"""Probability that a border at one side cuts a person too, and the share of their width beyond."""

_FAR = 100.0
"""Where there is no border, in sides of the fitted crop."""

_FACE = [skeleton.ALL_19.index[name] for name in ("left_eye", "right_eye", "nose")]


@dataclass(frozen=True)
class CloseUps:
    """What is visible of each of N people.

    Attributes:
        visible: (N,) share of the height below their faces; NaN for people who are shown whole.
        cut: (N,) share of their width that is beyond a border on the right, negative for one on the
            left, 0 for none.
    """

    visible: Float64Array
    cut: Float64Array

    def __getitem__(self, part: slice) -> CloseUps:
        """Those of some of the people."""
        return CloseUps(self.visible[part], self.cut[part])

    @property
    def are_close(self) -> BoolArray:
        """(N,) who is shown close up."""
        return np.isfinite(self.visible)

    def only(self, kept: BoolArray) -> CloseUps:
        """The close-ups of the people (N,) who are `kept`; the others are shown whole."""
        return CloseUps(np.where(kept, self.visible, np.nan), self.cut)

    def pictures(self, joints: Float32Array) -> Float64Array:
        """(N, 4) x0, y0, x1, y1, what the pictures show of people with joints (N, 19, 2)."""
        shown = np.tile([-_FAR, -_FAR, _FAR, _FAR], (len(joints), 1))
        boxes, faces = boxes_of(joints), _faces(joints)
        widths = boxes[:, 2] - boxes[:, 0]
        close, left, right = self.are_close, self.cut < 0, self.cut > 0
        shown[close, 3] = (faces + self.visible * (boxes[:, 3] - faces))[close]
        shown[close & right, 2] = (boxes[:, 2] - self.cut * widths)[close & right]
        shown[close & left, 0] = (boxes[:, 0] - self.cut * widths)[close & left]
        return shown


def draw(count: int, share: float, random: np.random.Generator) -> CloseUps:
    """Random close-ups of a share of so many people."""
    is_close = random.random(count) < share
    visible = random.uniform(*VISIBLE, count)
    side = np.where(random.random(count) < 0.5, -1, 1) * (random.random(count) < ASIDE)
    return CloseUps(np.where(is_close, visible, np.nan), side * random.uniform(*CUT, count))


def are_possible(joints: Float32Array) -> BoolArray:
    """(N,) whether somebody with joints (N, 19, 2) has a face above the rest; nobody has."""
    return np.asarray(boxes_of(joints)[:, 3] > _faces(joints))


def boxes_of(joints: Float32Array) -> Float64Array:
    """(N, 4) around the upper bodies of people with joints (N, 19, 2), and where nobody's are."""
    half = 1 / (2 * crop.MARGIN)
    boxes = np.tile([-half, -half, half, half], (len(joints), 1))
    for row in np.flatnonzero(_are_known(joints).any(axis=1)):
        boxes[row] = crop.box_of_joints(skeleton.select(joints[row]))
    return boxes


def region(box: Float64Array, picture: Float64Array, aspect: float = 1.0) -> crop.Region:
    """Where a network looks for somebody with a box (4,) in a picture (4,).

    A whole-body network, too, looks no further than the border below.
    """
    shown = np.clip(box, picture[[0, 1, 0, 1]], picture[[2, 3, 2, 3]])
    return crop.region_of_box(shown, aspect=aspect)


def without_the_rest(
    images: Tensor, joints: Float32Array, pictures: Float32Array
) -> tuple[Tensor, Float32Array]:
    """Crops and joints without what is outside the pictures.

    Args:
        images: (N, 3, S, S), 0 outside a picture.
        joints: (N, 19, 2) crop pixels.
        pictures: (N, 4) x0, y0, x1, y1, crop pixels.
    """
    x0, y0, x1, y1 = pictures.T[:, :, None]
    along = np.arange(images.shape[-1])
    columns = (along >= x0) & (along <= x1)
    rows = (along >= y0) & (along <= y1)
    is_shown = images.new_tensor(rows[:, None, :, None] & columns[:, None, None, :])
    x, y = joints[..., 0], joints[..., 1]
    is_inside = (x >= x0) & (x <= x1) & (y >= y0) & (y <= y1)
    return images * is_shown, np.where(is_inside[..., None], joints, np.float32(np.nan))


def _are_known(joints: Float32Array) -> BoolArray:
    """(N, 11) which joints of the upper bodies are annotated."""
    return np.asarray(np.isfinite(skeleton.select(joints)).all(axis=-1))


def _faces(joints: Float32Array) -> Float64Array:
    """(N,) the lowest y of eyes and nose; inf where they are not annotated, and nobody is above."""
    y = np.where(np.isfinite(joints[:, _FACE, 1]), joints[:, _FACE, 1], -np.inf).max(axis=1)
    nobody = ~_are_known(joints).any(axis=1)
    return np.where(nobody, boxes_of(joints)[:, 1], np.where(np.isfinite(y), y, np.inf))

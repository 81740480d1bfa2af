"""People cut out of photographs, put into whole frames for the finder to find.

Photographs in which everybody is known are few; pasting (Ghiasi et al., CVPR 2021) makes new ones
of them: somebody before a wall where nobody was, near or far, hiding others in part.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from mobilepose_core import crop
from mobilepose_core.datasets import cutouts
from mobilepose_core.datasets.cutouts import Cutout
from mobilepose_core.training.frames import Frame, coloured, within

Floats = npt.NDArray[np.float32]

MOST = 3
"""People put into one frame at most."""

SIZES = (0.2, 0.9)
"""Smallest and largest length of a person's box, in heights of the frame."""

TURN = 6.0
"""Standard deviation of most people's turn, degrees."""

LYING = 0.15
"""Probability that somebody may lie, or stand on their hands: any turn is as likely."""

HIDDEN = 0.5
"""Share of somebody's box behind one who was put before them from which they may be invisible."""


def crowded(
    frame: Frame, people: Sequence[Cutout], colour: float, random: np.random.Generator
) -> Frame:
    """A frame with one to three more people, anywhere in it and before whoever is there.

    Args:
        frame: what they are put into; stays as it is.
        people: to choose from.
        colour: strength of changes of their brightness and contrast, 0 for none.
        random: of all choices.

    Returns:
        The frame with their boxes; whom they hide is doubtful.
    """
    pixels = frame.pixels.copy()
    height, width = pixels.shape[:2]
    boxes, doubtful = frame.boxes, frame.doubtful
    for _ in range(int(random.integers(1, MOST + 1))):
        person = people[int(random.integers(len(people)))]
        matrix = _somewhere(person, width, height, random)
        changed = replace(person, picture=coloured(person.picture, colour, random))
        alpha = cutouts.paste(pixels, changed, matrix)
        is_hidden = _shares(alpha, boxes) >= HIDDEN
        box = crop.box_of_joints(crop.transform(matrix, person.joints))[None]
        doubtful = np.concatenate([doubtful, boxes[is_hidden]])
        boxes, doubtful = within(np.concatenate([boxes[~is_hidden], box]), doubtful, width, height)
    return Frame(pixels, boxes, doubtful)


def _somewhere(person: Cutout, width: int, height: int, random: np.random.Generator) -> crop.Matrix:
    """The affine from a cutout to a place in a frame; the middle of the joints is in the frame."""
    box = crop.box_of_joints(person.joints)
    length = float((box[2:] - box[:2]).max())
    scale = height * np.exp(random.uniform(*np.log(SIZES))) / length
    is_lying = random.random() < LYING
    angle = np.radians(random.uniform(-180, 180) if is_lying else random.normal(0, TURN))
    flip = -1 if random.random() < 0.5 else 1
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    linear = scale * turn @ np.diag([flip, 1])
    place = random.uniform([0, 0], [width - 1, height - 1])
    return np.column_stack([linear, place - linear @ ((box[:2] + box[2:]) / 2)])


def _shares(alpha: Floats, boxes: Floats) -> Floats:
    """(N,) how much of each box within the frame is covered."""
    height, width = alpha.shape
    corners = np.round(boxes).astype(int).clip(0, [width, height, width, height])
    parts = (alpha[y0:y1, x0:x1] for x0, y0, x1, y1 in corners)
    return np.array([part.mean() if part.size else 1.0 for part in parts], dtype=np.float32)

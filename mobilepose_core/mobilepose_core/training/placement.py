"""Random size, rotation and position of a photograph in a training frame of the detector."""

from __future__ import annotations

import numpy as np

from mobilepose_core.typing import Float32Array, Float64Array

SIZES = (0.5, 2.2)
"""Smallest and largest size of a photograph, relative to the one that fits the frame."""

SIZED = 0.55
"""Probability that the size of a person is drawn instead of the size of the photograph. The person
may then be anywhere in the frame, also cut off by its border."""

PERSON = (1 / 16, 5 / 4)
"""Smallest and largest longer side of that person's box, relative to the square root of the frame's
area: 20 to 400 pixels for a frame of 320x320 pixels in all."""

FURTHEST = (0.2, 4.0)
"""Smallest and largest size of a photograph in this case, relative to the one that fits."""

CLOSE_UP = 0.12
"""Probability that somebody is shown close up, mostly cut off by the frame, if there is anybody."""

HEAD = 0.35
"""Share of an upright person's box, from its top, with head and shoulders."""

CLOSE_HEAD = (0.25, 0.8)
"""Smallest and largest longer side of that part of a close-up, relative to the square root of the
frame's area."""

STRETCH = 0.1
"""Largest change of width and of height, as a logarithm."""

SWAY = 4.0
"""Standard deviation of a camera's tilt, degrees."""

TILTED, TILT = 0.12, 30.0
"""Probability of a larger tilt, and the largest tilt, degrees."""

LYING = 0.08
"""Probability of a turn by a quarter, which shows people lying."""


def drawn(
    boxes: Float32Array,
    photograph: tuple[int, ...],
    frame: tuple[int, int],
    random: np.random.Generator,
) -> Float64Array:
    """The (2, 3) affine from a photograph to a frame, both in pixels.

    Args:
        boxes: (N, 4) of the people in the photograph, its pixels.
        photograph: its width and height.
        frame: width and height.
        random: of all choices.
    """
    sides = np.array(photograph, float)
    extent = np.array(frame, float)
    fit = float((extent / sides).min())
    kind = random.random() if len(boxes) else 1.0
    if kind < CLOSE_UP + SIZED:
        is_close = kind < CLOSE_UP
        box = boxes[int(random.integers(len(boxes)))].astype(float)
        x0, y0, x1, y1 = heads_of(box[None])[0] if is_close else box
        limits = CLOSE_HEAD if is_close else PERSON
        side = np.sqrt(extent.prod()) * np.exp(random.uniform(*np.log(limits)))
        scale = float(np.clip(side / max(x1 - x0, y1 - y0), fit * FURTHEST[0], fit * FURTHEST[1]))
        pivot = np.array([(x0 + x1) / 2, (y0 + y1) / 2])
        place = random.uniform(0, 1, 2) * extent
    else:
        scale = fit * float(np.exp(random.uniform(*np.log(SIZES))))
        pivot = (sides - 1) / 2
        place = extent / 2 + random.uniform(-0.5, 0.5, 2) * (
            abs(extent - scale * sides) + 0.2 * extent
        )
    stretch = np.exp(random.uniform(-STRETCH, STRETCH, 2))
    mirror = -1 if random.random() < 0.5 else 1
    linear = _turn(_angle(random)) @ np.diag([mirror * scale * stretch[0], scale * stretch[1]])
    return np.column_stack([linear, place - linear @ pivot])


def heads_of(boxes: Float32Array | Float64Array) -> Float64Array:
    """Boxes (N, 4) of the heads and shoulders of upright people with the boxes (N, 4)."""
    heads = np.array(boxes, float)
    heads[:, 3] = heads[:, 1] + HEAD * (heads[:, 3] - heads[:, 1])
    return heads


def moved(matrix: Float64Array, boxes: Float32Array | Float64Array) -> Float32Array:
    """Boxes (N, 4) of people who went through a (2, 3) affine.

    A person fills the corners of their box no more than an ellipse does: where they are turned, the
    box is that around the ellipse, which does not grow as that around the corners would.
    """
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2 @ matrix[:, :2].T + matrix[:, 2]
    halves = (boxes[:, 2:] - boxes[:, :2]) / 2
    reach = np.sqrt((halves**2) @ (matrix[:, :2] ** 2).T)
    return np.concatenate([centres - reach, centres + reach], axis=1).astype(np.float32)


def _angle(random: np.random.Generator) -> float:
    """Of the photograph, degrees."""
    angle = float(random.normal(0, SWAY))
    kind = random.random()
    if kind < LYING:
        return angle + (90 if random.random() < 0.5 else -90)
    return angle + float(random.uniform(-TILT, TILT)) if kind < LYING + TILTED else angle


def _turn(degrees: float) -> Float64Array:
    cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([[cosine, -sine], [sine, cosine]])

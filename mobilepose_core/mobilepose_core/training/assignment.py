"""Which cells of a person map are trained to detect which person.

Feng et al., "TOOD: Task-aligned One-stage Object Detection", ICCV 2021: the cells whose box and
score are best already. So the network itself chooses where in a person it sees them, and a person
whose centre is hidden, or outside the frame, needs no less sure a score than others.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

CELLS = 10
"""Most cells of a person."""

SCORE_POWER, OVERLAP_POWER = 0.5, 6.0
"""Exponents of score and IoU in how well a cell fits a person."""

_TINY = 1e-9


@dataclass(frozen=True, eq=False)
class Assignment:
    """The training target of N person maps of C cells.

    Attributes:
        scores: (N, C) the score to predict: the IoU of the predicted box, for the cell that fits
            its person best, less for others, and 0 for cells of nobody.
        boxes: (N, C, 4) the box of the cell's person, input pixels; any for cells of nobody.
        is_person: (N, C) whether a cell is somebody's.
    """

    scores: Tensor
    boxes: Tensor
    is_person: Tensor


@torch.no_grad()
def assigned(
    scores: Tensor, found: Tensor, people: Tensor, is_there: Tensor, centres: Tensor
) -> Assignment:
    """Assigns the cells.

    Args:
        scores: (N, C) predicted, in [0, 1].
        found: (N, C, 4) predicted boxes, input pixels.
        people: (N, M, 4) boxes of the people, input pixels.
        is_there: (N, M) whether a row of `people` is a person.
        centres: (C, 2) x and y of the cells' centres, input pixels.
    """
    if not people.shape[1]:
        nobody = torch.zeros_like(scores, dtype=torch.bool)
        return Assignment(torch.zeros_like(scores), torch.zeros_like(found), nobody)
    overlaps = _overlaps(people, found)
    fits = scores[:, None] ** SCORE_POWER * overlaps**OVERLAP_POWER + _TINY
    fits = fits * (_may_detect(people, centres) & is_there[..., None])
    best = fits.topk(min(CELLS, fits.shape[-1]), dim=-1).indices
    is_theirs = torch.zeros_like(fits, dtype=torch.bool).scatter_(-1, best, True) & (fits > 0)
    overlap, owner = torch.where(is_theirs, overlaps, -1.0).max(dim=1)
    is_person = overlap >= 0
    is_theirs &= torch.arange(people.shape[1], device=owner.device)[:, None] == owner[:, None]
    fits = fits * is_theirs
    shares = fits / fits.amax(-1, keepdim=True).clamp(min=_TINY)
    wanted = shares * (overlaps * is_theirs).amax(-1, keepdim=True)
    boxes = people.gather(1, owner[..., None].expand(-1, -1, 4))
    return Assignment(wanted.amax(1), boxes, is_person)


def _may_detect(people: Tensor, centres: Tensor) -> Tensor:
    """(N, M, C) whether a cell's centre is inside a person's box, or the nearest to its centre."""
    x, y = centres.unbind(-1)
    x0, y0, x1, y1 = (edge[..., None] for edge in people.unbind(-1))
    is_inside = (x >= x0) & (x <= x1) & (y >= y0) & (y <= y1)
    away = ((x0 + x1) / 2 - x) ** 2 + ((y0 + y1) / 2 - y) ** 2
    return is_inside | (away <= away.amin(-1, keepdim=True))


def _overlaps(people: Tensor, found: Tensor) -> Tensor:
    """(N, M, C) IoU of boxes (N, M, 4) with boxes (N, C, 4)."""
    mine, theirs = people[:, :, None], found[:, None]
    low = torch.maximum(mine[..., :2], theirs[..., :2])
    high = torch.minimum(mine[..., 2:], theirs[..., 2:])
    common = (high - low).clamp(min=0).prod(-1)
    areas = [(boxes[..., 2:] - boxes[..., :2]).clamp(min=0).prod(-1) for boxes in (mine, theirs)]
    return common / (areas[0] + areas[1] - common).clamp(min=_TINY)

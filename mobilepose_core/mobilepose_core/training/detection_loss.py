"""The loss of the person detector."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from mobilepose_core import heatmap, person_map
from mobilepose_core.model.finder import finished
from mobilepose_core.training.assignment import assigned
from mobilepose_core.training.frames import FrameBatch

BOX_WEIGHT = 2.0
"""Weight of the box loss, relative to that of the scores."""

_TINY = 1e-4


def detection_loss(output: Tensor, batch: FrameBatch) -> Tensor:
    """Cross entropy of scores and generalised IoU loss of boxes, by the sum of wanted scores.

    Rezatofighi et al., "Generalized Intersection over Union", CVPR 2019.

    Args:
        output: (N, 5, h, w) of `FinderNetwork`.
        batch: the people to detect.
    """
    maps = finished(output.float())
    centres = cell_centres(output.shape[-1], output.shape[-2], output.device)
    found = boxes_of(maps[:, person_map.SCORE + 1 :], centres)
    scores = maps[:, person_map.SCORE].flatten(1)
    wanted = assigned(scores, found, batch.people, batch.is_there, centres)
    total = wanted.scores.sum().clamp(min=1.0)
    logits = output[:, person_map.SCORE].float().flatten(1)
    wrong = functional.binary_cross_entropy_with_logits(logits, wanted.scores, reduction="none")
    mine = wanted.is_person
    is_counted = batch.is_counted.flatten(1) | mine
    apart = 1 - generalised_overlaps(found[mine], wanted.boxes[mine])
    return ((wrong * is_counted).sum() + BOX_WEIGHT * (apart * wanted.scores[mine]).sum()) / total


def cell_centres(width: int, height: int, device: torch.device) -> Tensor:
    """(height x width, 2) x and y of the centres of a map's cells, input pixels."""
    x, y = (
        heatmap.crop_from_cells(np.arange(count, dtype=np.float32), person_map.STRIDE)
        for count in (width, height)
    )
    centres = np.stack(np.meshgrid(x, y), -1).reshape(-1, 2)
    return torch.from_numpy(centres).to(device)


def boxes_of(distances: Tensor, centres: Tensor) -> Tensor:
    """(N, C, 4) boxes by distances (N, 4, h, w) from the centres (C, 2) to their edges."""
    left, top, right, bottom = distances.flatten(2).unbind(1)
    x, y = centres.unbind(-1)
    return torch.stack([x - left, y - top, x + right, y + bottom], -1)


def generalised_overlaps(boxes: Tensor, others: Tensor) -> Tensor:
    """(K,) generalised IoU of boxes (K, 4) with others (K, 4), one by one."""
    inner = torch.minimum(boxes[:, 2:], others[:, 2:]) - torch.maximum(boxes[:, :2], others[:, :2])
    outer = torch.maximum(boxes[:, 2:], others[:, 2:]) - torch.minimum(boxes[:, :2], others[:, :2])
    common, hull = inner.clamp(min=0).prod(-1), outer.prod(-1).clamp(min=_TINY)
    areas = [(each[:, 2:] - each[:, :2]).prod(-1) for each in (boxes, others)]
    union = areas[0] + areas[1] - common
    return common / union.clamp(min=_TINY) - (hull - union) / hull

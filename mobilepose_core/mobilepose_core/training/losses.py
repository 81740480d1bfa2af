"""Mean squared error of heatmaps or coordinates over annotated joints."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from mobilepose_core import heatmap
from mobilepose_core.heading import headings
from mobilepose_core.typing import BoolArray, Float32Array


def heatmap_loss(heatmaps: Tensor, joints: Float32Array, crop_size: int) -> Tensor:
    """MSE to Gaussian targets; the target of a joint outside the crop is empty.

    Args:
        heatmaps: (N, K, H, W).
        joints: (N, K, 2) crop pixels, NaN where not annotated.
        crop_size: height of the crop, pixels.
    """
    height, width = heatmaps.shape[-2:]
    cells = heatmap.cells_from_crop(joints, crop_size // height)
    profiles = heatmap.profiles(cells, max(height, width))
    along_x, along_y = (torch.from_numpy(profile).to(heatmaps.device) for profile in profiles)
    along_x, along_y = along_x[..., :width], along_y[..., :height]
    targets = along_y[..., :, None] * along_x[..., None, :]
    errors = ((heatmaps.float() - targets) ** 2).mean((2, 3))
    return _over_annotated(errors, joints)


def coordinate_loss(coordinates: Tensor, joints: Float32Array, crop_size: int) -> Tensor:
    """MSE of coordinates in crop sides.

    Args:
        coordinates: (N, K, 2), 0 at the crop's left and upper edge, 1 at the others.
        joints: (N, K, 2) crop pixels, NaN where not annotated.
        crop_size: side of the crop, pixels.
    """
    targets = torch.from_numpy(np.nan_to_num((joints + np.float32(0.5)) / np.float32(crop_size)))
    errors = ((coordinates.float() - targets.to(coordinates.device)) ** 2).mean(-1)
    return _over_annotated(errors, joints)


def heading_loss(heading: Tensor, joints: Float32Array) -> Tensor:
    """MSE of cosine and sine, where they follow from the joints.

    Args:
        heading: (N, 2).
        joints: (N, 19, 2) crop pixels, NaN where not annotated.
    """
    targets = headings(joints)
    known = torch.from_numpy(np.isfinite(targets).astype(np.float32)).to(heading.device)
    wanted = torch.from_numpy(np.nan_to_num(targets)).to(heading.device)
    errors = (heading.float() - wanted) ** 2 * known
    return errors.sum() / known.sum().clamp(min=1)


def presence_loss(presence: Tensor, is_there: BoolArray) -> Tensor:
    """Cross entropy of whether a crop shows a person.

    Args:
        presence: (N,) logits.
        is_there: (N,) whether it does.
    """
    wanted = torch.from_numpy(is_there.astype(np.float32)).to(presence.device)
    return functional.binary_cross_entropy_with_logits(presence.float(), wanted)


def _over_annotated(errors: Tensor, joints: Float32Array) -> Tensor:
    annotated = np.isfinite(joints).all(axis=-1)
    weights = torch.from_numpy(annotated.astype(np.float32)).to(errors.device)
    return (errors * weights).sum() / weights.sum().clamp(min=1)

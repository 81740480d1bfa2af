"""Training of pose networks on crops of one person."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from mobilepose_core import heatmap, skeleton
from mobilepose_core.evaluation import sheet
from mobilepose_core.evaluation.comparison import Comparison
from mobilepose_core.framing import FRAMINGS
from mobilepose_core.model import ModelConfig, Network
from mobilepose_core.model.build import outputs_of
from mobilepose_core.model.hourglass import PoseOutputs
from mobilepose_core.training import augment
from mobilepose_core.training.crops import LooseCrops
from mobilepose_core.training.losses import (
    coordinate_loss,
    heading_loss,
    heatmap_loss,
    presence_loss,
)
from mobilepose_core.training.neighbours import Neighbours
from mobilepose_core.training.ranks import Ranks
from mobilepose_core.training.recipe import Recipe
from mobilepose_core.training.sources import People
from mobilepose_core.training.task import Order, Validation
from mobilepose_core.typing import Float32Array, ImageArray, IndexArray

VALIDATION_BATCH = 32
HEADING_SHARE, PRESENCE_SHARE = 1e-3, 2e-3
"""Weights of these losses relative to that of heatmaps, which is small: most cells are empty."""

SHOWN = 8
"""Number of people in the pictures."""

_HEADLINE_PARTS = ("elbows", "wrists", "mean")


class PoseTask:
    """Crops of people, and MSE of heatmaps or coordinates."""

    def __init__(
        self,
        people: People,
        held_out: LooseCrops,
        recipe: Recipe,
        model: ModelConfig,
        seed: int,
        neighbours: Neighbours | None = None,
    ) -> None:
        """Takes the data.

        Args:
            people: to train on.
            held_out: to validate on.
            recipe: of the augmentation.
            model: the network's configuration.
            seed: of order and augmentation.
            neighbours: cutouts for copy-paste augmentation.
        """
        self.people, self.held_out = people, held_out
        self.recipe, self.seed = recipe, seed
        self.size, self.joints = model.input_size, model.joints
        self.framing = FRAMINGS[model.framing]
        self.neighbours = neighbours
        pasted = [] if neighbours is None else [neighbours.joints]
        self.flic_hips = not any(map(skeleton.knows_hips, [people.crops.joints, *pasted]))
        self.order = Order(people.samples_per_epoch, seed)

    def to(self, device: str) -> None:
        """Moves the augmentation of crops to the network's device."""
        for crops in (self.people.crops, self.held_out):
            crops.device = device
        if self.neighbours is not None:
            self.neighbours = self.neighbours.to(device)

    def batch(self, step: int, ranks: Ranks) -> augment.PoseBatch:
        """This process's share of the step's people, augmented at random."""
        whole = self.recipe.batch * ranks.world
        random = np.random.default_rng((self.seed, step))
        drawn = augment.draw(whole, self.recipe, random)
        mine = ranks.share(whole)
        indices = self.order.of_step(step, whole)[mine]
        return augment.augmented(
            self.people.crops, indices, self.size, drawn[mine], self.neighbours, self.framing
        )

    def loss(self, output: Tensor | PoseOutputs, batch: augment.PoseBatch) -> Tensor:
        """The loss for the network's kind of output: heatmaps (N, K, S, S) or coordinates.

        FLIC's hips, another point than everybody else's, are learnt as hips only if no other hips
        are, and by streams of their own, if the network has them.
        """
        joints = skeleton.select(batch.joints, self.joints, flic_hips=self.flic_hips)
        if isinstance(output, PoseOutputs):
            error = heatmap_loss(output.heatmaps, joints, self.size)
            if output.heading is not None:
                error = error + HEADING_SHARE * heading_loss(output.heading, batch.joints)
            if output.presence is not None:
                error = error + PRESENCE_SHARE * presence_loss(output.presence, batch.is_there)
            return error
        return coordinate_loss(output, joints, self.size)

    def validate(self, network: Network) -> Validation:
        """Error and PCK on the fitted crops of the held-out people."""
        network.eval()
        losses: list[float] = []
        found: list[Float32Array] = []
        truth: list[Float32Array] = []
        with torch.inference_mode():
            for start in range(0, len(self.held_out), VALIDATION_BATCH):
                end = min(start + VALIDATION_BATCH, len(self.held_out))
                batch = self._fitting(np.arange(start, end))
                output = outputs_of(
                    network, batch.images.contiguous(memory_format=torch.channels_last)
                )
                losses.append(float(self.loss(output, batch)) * (end - start))
                found.append(joints_of(output, self.size))
                truth.append(batch.joints)
        comparison = Comparison(np.concatenate(found), np.concatenate(truth), self.joints)
        figures = comparison.figures(self.held_out.sources)
        return Validation(
            sum(losses) / len(self.held_out), figures, headline(figures["upper_body"])
        )

    def pictures(self, network: Network) -> dict[str, ImageArray]:
        """Skeletons of a few held-out people, and their heatmaps if the network has them."""
        count = min(SHOWN, len(self.held_out))
        indices = np.linspace(0, len(self.held_out) - 1, count).astype(np.intp)
        images = self._fitting(indices).images
        with torch.inference_mode():
            output = network.eval()(images).float().cpu()
        pixels = augment.pixels_of(images)
        drawn = Comparison(
            joints_of(output, self.size), np.empty(0, np.float32), self.joints
        ).upper_body()
        pictures = {"found": sheet.joined(sheet.skeletons(pixels, drawn))}
        if output.ndim == 4:
            pictures["heatmaps"] = sheet.joined(sheet.warmth(pixels, output.numpy()))
        return pictures

    def _fitting(self, indices: IndexArray) -> augment.PoseBatch:
        """The fitted crops of some held-out people."""
        return augment.plain(self.held_out, indices, self.size, self.framing)


def headline(figures: Mapping[str, float]) -> str:
    """PCK in a line: of elbows and wrists, as far as the network has them, and the mean."""
    parts = (part for part in _HEADLINE_PARTS if part in figures)
    return "PCK@0.2 " + " ".join(f"{part} {figures[part]:.1f}" for part in parts)


def joints_of(output: Tensor | PoseOutputs, crop_size: int) -> Float32Array:
    """(N, K, 2) crop pixels from a network's heatmaps or coordinates."""
    maps = output.heatmaps if isinstance(output, PoseOutputs) else output
    values = maps.float().cpu().numpy()
    if values.ndim == 4:
        cells, _ = heatmap.decode(values)
        return heatmap.crop_from_cells(cells, crop_size // values.shape[-2])
    return values * np.float32(crop_size) - np.float32(0.5)

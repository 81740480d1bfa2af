"""Training of the person detector on whole frames."""

from __future__ import annotations

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from mobilepose_core import center_map
from mobilepose_core.evaluation import detection_metrics, sheet
from mobilepose_core.model import Network
from mobilepose_core.model.finder import finished
from mobilepose_core.training import frames
from mobilepose_core.training.frames import (
    AnnotatedFrame,
    FinderData,
    FrameBatch,
    StoredFrame,
)
from mobilepose_core.training.ranks import Ranks
from mobilepose_core.training.recipe import Recipe
from mobilepose_core.training.task import Order, Validation
from mobilepose_core.typing import ImageArray

EMPTY_SHARE = 0.12
"""Share of frames without people."""

BOX_WEIGHT = 1.0
"""Weight of the box loss, relative to the center loss."""

THRESHOLD = 0.4
"""Confidence from which validation counts a detection."""

VALIDATED = 800
"""Most photographs with people, and most without, that a validation runs on."""

TILE = 192
SHOWN = 16


class FinderTask:
    """Whole frames, focal loss for centers, and generalised IoU loss for boxes.

    Lin et al., "Focal Loss for Dense Object Detection", ICCV 2017, as weakened near centres by Law
    and Deng, "CornerNet", ECCV 2018; Rezatofighi et al., "Generalized Intersection over Union",
    CVPR 2019.
    """

    def __init__(
        self, data: FinderData, held_out: FinderData, recipe: Recipe, size: int, seed: int
    ) -> None:
        """Takes the data.

        Args:
            data: to train on.
            held_out: to validate on.
            recipe: of the augmentation.
            size: side of a square with as many pixels as a frame.
            seed: of order and augmentation.
        """
        self.data, self.held_out = data, held_out
        self.recipe, self.size, self.seed = recipe, size, seed
        self.device = "cpu"
        self.order = Order(data.samples_per_epoch, seed)

    def to(self, device: str) -> None:
        """Sets the device to which batches are moved; they are made on the CPU."""
        self.device = device

    def batch(self, step: int, ranks: Ranks) -> FrameBatch:
        """This process's share of the step's frames, augmented at random."""
        whole = self.recipe.batch * ranks.world
        shape = np.random.default_rng((self.seed, step)).integers(len(frames.SHAPES))
        canvas = center_map.canvas_of(*frames.SHAPES[shape], self.size)
        indices = self.order.of_step(step, whole)
        mine = range(whole)[ranks.share(whole)]
        return frames.batch_of(
            [
                self._example(
                    int(indices[number]),
                    canvas,
                    np.random.default_rng((self.seed, step, number)),
                )
                for number in mine
            ],
            self.device,
        )

    def _example(
        self, index: int, canvas: center_map.Canvas, random: np.random.Generator
    ) -> AnnotatedFrame:
        peopled, empty = self.data.peopled.frames, self.data.empty.frames
        width, height, colour = canvas.width, canvas.height, self.recipe.colour
        if random.random() < EMPTY_SHARE:
            photograph = empty[random.integers(len(empty))].opened()
            return frames.changed(photograph, (), width, height, colour, random)
        if random.random() >= frames.MOSAIC:
            return frames.changed(peopled[index].opened(), empty, width, height, colour, random)
        others = [peopled[i] for i in random.integers(len(peopled), size=3)]
        return frames.mosaic(
            [
                frames.changed(frame.opened(), empty, width // 2, height // 2, colour, random)
                for frame in (peopled[index], *others)
            ]
        )

    def loss(self, output: Tensor, batch: FrameBatch) -> Tensor:
        """Sum of center and box loss, normalised by the number of people."""
        return _centres_loss(output[:, center_map.SCORE].float(), batch) + BOX_WEIGHT * _boxes_loss(
            finished(output.float())[:, center_map.SCORE + 1 :], batch
        )

    def validate(self, network: Network) -> Validation:
        """Loss on held-out photographs with people, and detection metrics on all held-out ones."""
        network.eval()
        losses = []
        tally = detection_metrics.DetectionTally()
        with torch.inference_mode():
            for photograph in self._validated():
                frame = frames.fitted(photograph.opened(), self.size)
                batch = frames.batch_of([frame], self.device)
                output = network(batch.images)
                if len(photograph.boxes):
                    losses.append(float(self.loss(output, batch)))
                maps = finished(output.float())[0].cpu().numpy()
                boxes, scores = center_map.decode(maps, detection_metrics.MIN_SCORE)
                tally.add(boxes, scores, frame.boxes, frame.doubtful, float(frame.pixels.shape[0]))
        figures = tally.figures(THRESHOLD)
        summary = (
            f"recall {100 * figures['recall']:.1f} %, "
            f"{figures['false_per_frame']:.2f} false positives/frame"
        )
        return Validation(float(np.mean(losses)), {f"found@{THRESHOLD:g}": figures}, summary)

    def _validated(self) -> list[StoredFrame]:
        """Held-out photographs, with and without people, sampled evenly."""
        parts = (self.held_out.peopled.frames, self.held_out.empty.frames)
        return [
            part[index]
            for part in parts
            for index in np.linspace(0, len(part) - 1, min(len(part), VALIDATED)).astype(int)
        ]

    def pictures(self, network: Network) -> dict[str, ImageArray]:
        """A few held-out photographs with their detections."""
        photographs = self._validated()
        tiles = []
        for index in np.linspace(0, len(photographs) - 1, SHOWN).astype(int):
            frame = frames.fitted(photographs[index].opened(), self.size)
            with torch.inference_mode():
                output = network.eval()(frames.batch_of([frame], self.device).images)
            maps = finished(output.float())[0].cpu().numpy()
            picture = np.ascontiguousarray(frame.pixels)
            for x0, y0, x1, y1 in center_map.decode(maps, THRESHOLD)[0].round().astype(int):
                cv2.rectangle(picture, (x0, y0), (x1, y1), (0, 255, 0), 2)
            tiles.append(np.asarray(cv2.resize(picture, (TILE, TILE)), np.uint8))
        return {"found": sheet.joined(tiles)}


def _centres_loss(logits: Tensor, batch: FrameBatch) -> Tensor:
    """Focal loss of (N, h, w) logits, reduced near centers, per person."""
    targets = batch.scores
    centres = (targets >= 1 - _ROUNDING).float()
    scores = logits.sigmoid()
    missed = -functional.logsigmoid(logits) * (1 - scores) ** 2 * centres
    false = -functional.logsigmoid(-logits) * scores**2 * (1 - targets) ** 4 * (1 - centres)
    return ((missed + false) * batch.counted).sum() / centres.sum().clamp(min=1)


def _boxes_loss(distances: Tensor, batch: FrameBatch) -> Tensor:
    """1 - generalised IoU of boxes, given as distances (N, 4, h, w) from the same cell."""
    truth, near = batch.distances, batch.near
    inner = torch.minimum(distances, truth)
    outer = torch.maximum(distances, truth)
    common = _area(inner)
    union = _area(distances) + _area(truth) - common
    hull = _area(outer).clamp(min=_ROUNDING)
    generalised = common / union.clamp(min=_ROUNDING) - (hull - union) / hull
    return ((1 - generalised) * near).sum() / near.sum().clamp(min=1)


def _area(distances: Tensor) -> Tensor:
    """(N, h, w) of boxes by distances to left, upper, right and lower edge; 0 for empty ones."""
    left, top, right, bottom = distances.unbind(1)
    return (left + right).clamp(min=0) * (top + bottom).clamp(min=0)


_ROUNDING = 1e-4

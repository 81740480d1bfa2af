"""Training of the person detector on whole frames."""

from __future__ import annotations

import cv2
import numpy as np
import torch
from torch import Tensor

from mobilepose_core import person_map
from mobilepose_core.evaluation import detection_metrics, sheet
from mobilepose_core.model import Network
from mobilepose_core.model.finder import finished
from mobilepose_core.training import frames
from mobilepose_core.training.detection_loss import detection_loss
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

THRESHOLD = 0.4
"""Confidence from which validation counts a detection."""

VALIDATED = 800
"""Most photographs with people, and most without, that a validation runs on."""

TILE = 192
SHOWN = 16


class FinderTask:
    """Whole frames and the boxes of their people."""

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
        canvas = person_map.canvas_of(*frames.SHAPES[shape], self.size)
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
        self, index: int, canvas: person_map.Canvas, random: np.random.Generator
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
        """See `detection_loss`."""
        return detection_loss(output, batch)

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
                boxes, scores = person_map.decode(maps, detection_metrics.MIN_SCORE)
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
            for x0, y0, x1, y1 in person_map.decode(maps, THRESHOLD)[0].round().astype(int):
                cv2.rectangle(picture, (x0, y0), (x1, y1), (0, 255, 0), 2)
            tiles.append(np.asarray(cv2.resize(picture, (TILE, TILE)), np.uint8))
        return {"found": sheet.joined(tiles)}

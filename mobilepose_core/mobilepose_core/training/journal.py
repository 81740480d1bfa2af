"""What a run writes down as it goes: one line per validation, and the same for TensorBoard."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch
from torch.utils.tensorboard import SummaryWriter

from mobilepose_core.evaluation import sheet
from mobilepose_core.model import PoseNetwork
from mobilepose_core.training import augment
from mobilepose_core.training.crops import LooseCrops
from mobilepose_core.training.validation import Validation, joints_of

HISTORY = "history.jsonl"
SHOWN = 8
"""How many people the pictures show, the same ones every time."""


class Journal:
    """Writes into a run's folder: `history.jsonl`, and TensorBoard's files beside it."""

    def __init__(self, folder: Path) -> None:
        self._history = folder / HISTORY
        self._board = SummaryWriter(str(folder))

    def validation(
        self,
        step: int,
        minutes: float,
        progress: float,
        rate: float,
        train_loss: float | None,
        validation: Validation,
    ) -> None:
        """One validation's figures.

        Args:
            step: steps trained.
            minutes: minutes trained.
            progress: share of the schedule done.
            rate: the learning rate.
            train_loss: mean over the steps since the last validation; None before the first step.
            validation: of the averaged weights.
        """
        line = {
            "step": step,
            "minutes": round(minutes, 2),
            "progress": round(progress, 4),
            "rate": rate,
            "train_loss": train_loss,
            "validation_loss": validation.loss,
            "pck@0.2": validation.pck,
            "pck@0.05": validation.strict,
        }
        with self._history.open("a", encoding="utf-8") as history:
            history.write(json.dumps(line) + "\n")
        scalars = {"loss/validation": validation.loss, "rate": rate}
        if train_loss is not None:
            scalars["loss/training"] = train_loss
        for part in ("shoulders", "elbows", "wrists", "hips", "eyes", "nose", "mean"):
            scalars[f"pck@0.2/{part}"] = validation.pck[part]
            scalars[f"pck@0.05/{part}"] = validation.strict[part]
        for name, value in scalars.items():
            self._board.add_scalar(name, value, step)
        self._board.flush()

    def pictures(self, step: int, network: PoseNetwork, crops: LooseCrops, size: int) -> None:
        """What the network finds in a few people, and its heatmaps where it has them."""
        indices = np.linspace(0, len(crops) - 1, min(SHOWN, len(crops))).astype(np.intp)
        images = augment.plain(crops, indices, size).images
        with torch.inference_mode():
            output = network.eval()(images).float().cpu()
        pixels = augment.pixels_of(images)
        found = joints_of(output, size)
        self._board.add_image(
            "found",
            sheet.joined(sheet.skeletons(pixels, found))[..., ::-1],
            step,
            dataformats="HWC",
        )
        if output.ndim == 4:
            warm = sheet.joined(sheet.warmth(pixels, output.numpy()))
            self._board.add_image("heatmaps", warm[..., ::-1], step, dataformats="HWC")
        self._board.flush()

    def close(self) -> None:
        """Writes what is left."""
        self._board.close()

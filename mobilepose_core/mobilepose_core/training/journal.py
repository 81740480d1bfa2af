"""The history of a run: one line per validation, also for TensorBoard."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from mobilepose_core.io import atomic, json_text
from mobilepose_core.training.board import Board
from mobilepose_core.training.task import Validation
from mobilepose_core.typing import ImageArray

HISTORY = "history.jsonl"


class Journal:
    """Writes into a run's folder: `history.jsonl`, and TensorBoard's files beside it."""

    def __init__(self, folder: Path) -> None:
        self._history = folder / HISTORY
        self._board = Board(folder)

    def validation(
        self,
        step: int,
        minutes: float,
        progress: float,
        rate: float,
        train_loss: float | None,
        validation: Validation,
    ) -> None:
        """Appends the figures of a validation.

        Args:
            step: steps trained.
            minutes: minutes trained.
            progress: completed share of the schedule.
            rate: the learning rate.
            train_loss: mean over the steps since the last validation; None before the first step.
            validation: of the averaged weights; NaN is written as null.

        Raises:
            WriteError: the history cannot be written; it is unchanged.
        """
        line = {
            "step": step,
            "minutes": round(minutes, 2),
            "progress": round(progress, 4),
            "rate": rate,
            "train_loss": train_loss,
            "validation_loss": validation.loss,
            **validation.figures,
        }
        self._write([*self._lines(), json_text.of(line)])
        scalars = {"loss/validation": validation.loss, "rate": rate}
        if train_loss is not None:
            scalars["loss/training"] = train_loss
        for group, figures in validation.figures.items():
            scalars |= {f"{group}/{name}": value for name, value in figures.items()}
        self._board.scalars(scalars, step)

    def drop_after(self, step: int) -> None:
        """Removes the validations after a step, from which a run is trained again.

        Raises:
            WriteError: the history cannot be written; it is unchanged.
        """
        lines = self._lines()
        kept = [line for line in lines if json.loads(line)["step"] <= step]
        if kept != lines:
            self._write(kept)

    def _lines(self) -> list[str]:
        exists = self._history.exists()
        return self._history.read_text(encoding="utf-8").splitlines() if exists else []

    def _write(self, lines: Sequence[str]) -> None:
        atomic.write_text(self._history, "".join(f"{line}\n" for line in lines))

    def pictures(self, step: int, pictures: Mapping[str, ImageArray]) -> None:
        """Adds pictures (H, W, 3) BGR of the network's predictions, by name."""
        self._board.pictures(pictures, step)

    def close(self) -> None:
        """Flushes and closes the files."""
        self._board.close()

"""What a run writes down as it goes: one line per validation, and the same for TensorBoard."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from torch.utils.tensorboard import SummaryWriter

from mobilepose_core import atomic
from mobilepose_core.training.task import Picture, Validation

HISTORY = "history.jsonl"


class Journal:
    """Writes into a run's folder: `history.jsonl`, and TensorBoard's files beside it."""

    def __init__(self, folder: Path) -> None:
        self._history = folder / HISTORY
        self._board = SummaryWriter(str(folder))
        self._has_complained = False

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

        Raises:
            WriteError: the history cannot be written; it is as it was before.
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
        earlier = self._history.read_text(encoding="utf-8") if self._history.exists() else ""
        atomic.write_text(self._history, earlier + json.dumps(line) + "\n")
        scalars = {"loss/validation": validation.loss, "rate": rate}
        if train_loss is not None:
            scalars["loss/training"] = train_loss
        for group, figures in validation.figures.items():
            scalars |= {f"{group}/{name}": value for name, value in figures.items()}
        with self._watching_board() as board:
            for name, value in scalars.items():
                board.add_scalar(name, value, step)

    def pictures(self, step: int, pictures: Mapping[str, Picture]) -> None:
        """Pictures (H, W, 3) BGR of what the network finds, by name."""
        with self._watching_board() as board:
            for name, picture in pictures.items():
                board.add_image(name, picture[..., ::-1], step, dataformats="HWC")

    def close(self) -> None:
        """Writes what is left."""
        with self._watching_board() as board:
            board.close()

    @contextmanager
    def _watching_board(self) -> Iterator[SummaryWriter]:
        """TensorBoard's writer, whose files are for looking at only: a run goes on without them."""
        try:
            yield self._board
            self._board.flush()
        except OSError as error:
            if not self._has_complained:
                print(f"mobilepose: TensorBoard's files are incomplete: {error}", file=sys.stderr)
            self._has_complained = True

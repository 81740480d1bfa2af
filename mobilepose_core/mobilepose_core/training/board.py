"""TensorBoard files of a run. They are optional: a run continues if they cannot be written."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from torch.utils.tensorboard import SummaryWriter

from mobilepose_core.typing import ImageArray

log = logging.getLogger(__name__)


class Board:
    """Scalars and pictures for TensorBoard; reports once if they cannot be written."""

    def __init__(self, folder: Path) -> None:
        self._writer: SummaryWriter | None = None
        self._before = threading.excepthook
        threading.excepthook = self._on_thread_failure
        with self._complaining():
            self._writer = SummaryWriter(str(folder))

    def scalars(self, values: Mapping[str, float], step: int) -> None:
        """Adds scalars by name."""
        with self._complaining():
            if self._writer is not None:
                for name, value in values.items():
                    self._writer.add_scalar(name, value, step)
                self._writer.flush()

    def pictures(self, pictures: Mapping[str, ImageArray], step: int) -> None:
        """Adds pictures (H, W, 3) BGR by name."""
        with self._complaining():
            if self._writer is not None:
                for name, picture in pictures.items():
                    self._writer.add_image(name, picture[..., ::-1], step, dataformats="HWC")
                self._writer.flush()

    def close(self) -> None:
        """Flushes and closes the files."""
        with self._complaining():
            if self._writer is not None:
                self._writer.close()
        if threading.excepthook == self._on_thread_failure:
            threading.excepthook = self._before

    @contextmanager
    def _complaining(self) -> Iterator[None]:
        """Reports the first error, and stops writing."""
        try:
            yield
        except OSError as error:
            self._writer = None
            log.warning("TensorBoard's files are incomplete: %s", error)

    def _on_thread_failure(self, failure: threading.ExceptHookArgs) -> None:
        """Ignores errors of TensorBoard's own thread: they are raised again by the next write."""
        is_board = type(failure.thread).__module__.startswith("tensorboard.")
        if not (is_board and issubclass(failure.exc_type, OSError)):
            self._before(failure)

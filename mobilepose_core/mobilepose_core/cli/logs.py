"""What is not a result: log lines, on standard error, clear of progress bars."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from mobilepose_core.io.file_names import shown

_LOGGER = "mobilepose_core"

_HIDDEN_BARS = "TQDM_DISABLE"
"""Environment variable that hides progress bars; read as tqdm is imported."""


@contextmanager
def on_standard_error() -> Iterator[None]:
    """Writes log lines to standard error within the block, and leaves the process as it was.

    Once, even if a library configures the root logger, as ONNX Runtime's quantisation does.
    """
    logger, handler = logging.getLogger(_LOGGER), _StandardError()
    handler.setFormatter(logging.Formatter("mobilepose: %(message)s"))
    level, propagates = logger.level, logger.propagate
    bars = os.environ.get(_HIDDEN_BARS)
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    try:
        yield
    finally:
        logger.setLevel(level)
        logger.propagate = propagates
        logger.removeHandler(handler)
        os.environ.pop(_HIDDEN_BARS, None)
        if bars is not None:
            os.environ[_HIDDEN_BARS] = bars


def add_options(parser: argparse.ArgumentParser, help_texts: tuple[str, str] | None = None) -> None:
    """`--verbose` and `--quiet`; they may be given before a command or among its options.

    Args:
        parser: takes them.
        help_texts: of the one and the other; without, they are not in the help.
    """
    verbose, quiet = help_texts or (argparse.SUPPRESS, argparse.SUPPRESS)
    levels = parser.add_mutually_exclusive_group()
    for name, level, text in (
        ("verbose", logging.DEBUG, verbose),
        ("quiet", logging.ERROR, quiet),
    ):
        levels.add_argument(
            f"--{name}",
            action="store_const",
            const=level,
            dest="log_level",
            default=argparse.SUPPRESS,
            help=text,
        )


def set_level(options: argparse.Namespace) -> None:
    """Writes what `--verbose` and `--quiet` ask for; `--quiet` hides progress bars as well."""
    level = getattr(options, "log_level", logging.INFO)
    logging.getLogger(_LOGGER).setLevel(level)
    if level > logging.INFO:
        os.environ[_HIDDEN_BARS] = "1"


class _StandardError(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        from tqdm import tqdm

        try:
            tqdm.write(shown(self.format(record)), file=sys.stderr)
        except Exception:
            self.handleError(record)

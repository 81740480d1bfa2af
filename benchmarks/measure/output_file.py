"""Output files of programs, checked before the work starts."""

from __future__ import annotations

import argparse
from pathlib import Path


def output_file(text: str) -> Path:
    """The path of a writable file, for argparse's `type`; its folder is created.

    Raises:
        argparse.ArgumentTypeError: it cannot be written.
    """
    path = Path(text)
    is_there = path.exists()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.open("ab").close()
        if not is_there:
            path.unlink()
    except OSError as error:
        raise argparse.ArgumentTypeError(f"{text} cannot be written: {error.strerror}") from None
    return path

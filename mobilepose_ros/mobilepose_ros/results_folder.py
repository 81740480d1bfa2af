"""The folder of a program's results: checked before the work, and removed if it stays empty."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def writable(folder: Path) -> Iterator[None]:
    """Makes a folder, and checks that files can be written to it.

    At the end of the block, folders that were made for it and are empty are removed.

    Raises:
        ValueError: it cannot be made or written to.
    """
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder, buffering=0) as trial:
                trial.write(b"trial")
        except OSError as error:
            raise ValueError(
                f"the results cannot be written to {folder} ({error.strerror}): choose another "
                "folder with --out"
            ) from None
        yield
    finally:
        with contextlib.suppress(OSError):  # a folder with results stays
            for path in made:
                path.rmdir()

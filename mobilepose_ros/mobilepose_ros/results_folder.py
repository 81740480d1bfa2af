"""The folder of a program's results: tried before the work, and left as it was without any."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path


@contextlib.contextmanager
def writable(folder: Path) -> Iterator[None]:
    """A folder that can be written, for as long as the block runs.

    Folders that are made for it and stay empty are gone afterwards.

    Raises:
        ValueError: it cannot be made or written.
    """
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder, buffering=0) as trial:
                trial.write(b"trial")
        except OSError as error:
            raise ValueError(
                f"the results cannot be written to {folder} ({error.strerror}): give another "
                "folder with --out"
            ) from None
        yield
    finally:
        with contextlib.suppress(OSError):  # what is in it stays
            for path in made:
                path.rmdir()


def write(path: Path, fill: Callable[[Path], None]) -> None:
    """Writes a file as a whole or not at all.

    Args:
        path: of the file.
        fill: writes a file of the same ending.

    Raises:
        ValueError: it cannot be written, for want of space, say.
    """
    part = path.with_name(f".{os.getpid()}-{path.name}")
    try:
        fill(part)
        part.replace(path)
    except OSError as error:
        raise ValueError(f"{path} cannot be written ({error.strerror})") from None
    finally:
        part.unlink(missing_ok=True)

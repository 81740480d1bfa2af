"""Errors of writing that say where, and what to do about a full disk."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_FULL_DATABASE = "disk is full"
"""SQLite's words."""

_ADVICE = "make room there, and run the same command again: it goes on from here"


@contextmanager
def written(folder: Path) -> Iterator[None]:
    """Has errors of writing tell the folder: those of files that are open do not.

    Raises:
        OSError: with a whole sentence, for any error of writing.
    """
    try:
        yield
    except OSError as error:
        advice = f"; {_ADVICE}" if error.errno in _FULL else ""
        place = error.filename or folder
        raise OSError(f"{place}: {error.strerror or error}{advice}") from error
    except Exception as error:
        if _FULL_DATABASE not in str(error):
            raise
        raise OSError(f"{folder}: {error}; {_ADVICE}") from error

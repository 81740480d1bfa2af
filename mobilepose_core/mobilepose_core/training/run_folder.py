"""The folder of a run: an earlier run in it is only replaced on request."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mobilepose_core.training import checkpoint
from mobilepose_core.training.journal import HISTORY

SETTINGS = "run.json"

_FILES = (checkpoint.STATE, checkpoint.BEST, checkpoint.LAST, HISTORY, SETTINGS)


def files_of_run(folder: Path) -> list[Path]:
    """The files of a run in a folder, without TensorBoard's."""
    return [path for name in _FILES if (path := folder / name).exists()]


def settings(folder: Path) -> dict[str, Any]:
    """What `SETTINGS` says about the run in a folder.

    Raises:
        ValueError: there is no such file, or it is damaged.
    """
    path = folder / SETTINGS
    if not path.is_file():
        raise ValueError(
            f"{folder} is not the folder of a run: it has no {SETTINGS}; expected what "
            "`mobilepose train --out` wrote"
        )
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ValueError(f"{path} cannot be read as JSON: {error}") from error
    if not isinstance(content, dict):
        raise ValueError(f"{path} has no settings of a run: expected a JSON object")
    return content


def require_free(folder: Path) -> None:
    """Refuses a folder that holds a run.

    Raises:
        ValueError: there are files of a run, or the path is a file.
    """
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"{folder} is a file; give a folder for the run with --out")
    if files := files_of_run(folder):
        resume = "continue it with --resume, " if (folder / checkpoint.STATE).exists() else ""
        raise ValueError(
            f"{folder} holds a run already{_step(folder)} ({files[0].name}), which a new one would "
            f"replace; {resume}train into another folder with --out FOLDER, or replace it with "
            "--overwrite"
        )


def clear(folder: Path) -> None:
    """Removes the files of a run in a folder, including TensorBoard's, and no others."""
    for path in [*files_of_run(folder), *folder.glob("events.out.tfevents.*")]:
        path.unlink()


def _step(folder: Path) -> str:
    """The number of steps of a run, as part of a sentence; empty if unknown."""
    try:
        lines = (folder / HISTORY).read_text(encoding="utf-8").splitlines()
        return f" of {int(json.loads(lines[-1])['step'])} steps"
    except (OSError, ValueError, LookupError, TypeError):
        return ""

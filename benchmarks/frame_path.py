"""The files of the package that a frame passes on its way from pixels to poses.

    python -m benchmarks.frame_path --json

Counts, with `sys.setprofile`, the files of `mobilepose_core` in which a function is called while
one frame is processed, and how often the way changes from one file to another. Code that Python
generates (dataclasses, named tuples) has no file and is left out.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import mobilepose_core
from benchmarks.picture import astronaut
from mobilepose_core import PoseEstimator

PACKAGE = str(Path(mobilepose_core.__file__).parent)
FRAME_TIME = 1 / 30


@dataclass(frozen=True)
class FramePath:
    """A frame's way through the package.

    Attributes:
        files: those passed, in the order in which each was first entered, relative to the package.
        changes: how often the way went from one file to another.
    """

    files: list[str]
    changes: int


def trace(process: Callable[[], object]) -> FramePath:
    """The way through the package while `process` runs."""
    files: list[str] = []
    last = ""
    changes = 0

    def profile(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal last, changes
        path = frame.f_code.co_filename
        if event != "call" or not path.startswith(PACKAGE):
            return
        if path != last:
            changes += bool(last)
            last = path
        if path not in files:
            files.append(path)

    sys.setprofile(profile)
    try:
        process()
    finally:
        sys.setprofile(None)
    return FramePath([str(Path(path).relative_to(PACKAGE)) for path in files], changes)


def measure() -> dict[str, FramePath]:
    """The paths of the first frame, of one with the detector due, and of one with tracking only.

    Of frames of a kind, the one with the most changes of file counts.
    """
    frame = astronaut(640, 480)
    estimator = PoseEstimator("final", "cpu", threads=1)
    interval = estimator.tracking.find_interval
    paths: dict[str, FramePath] = {}
    for number in range(interval + 1):
        path = trace(lambda: estimator(frame, number * FRAME_TIME))  # noqa: B023
        kind = "detected" if any("detector" in name for name in path.files) else "followed"
        kind = kind if number else "first"
        paths[kind] = max(path, paths.get(kind, path), key=lambda path: path.changes)
    return paths


def main() -> int:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
    options = parser.parse_args()
    paths = measure()
    if options.json:
        print(json.dumps({name: asdict(path) for name, path in paths.items()}, indent=2))
        return 0
    for name, path in paths.items():
        print(f"{name}: {len(path.files)} files, {path.changes} changes of file")
        print("  " + " ".join(path.files))
    return 0


if __name__ == "__main__":
    sys.exit(main())

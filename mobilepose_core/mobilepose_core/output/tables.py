"""Poses as text that programs read: JSON lines and CSV, each frame whole or not at all."""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path
from typing import Any, TextIO

from mobilepose_core.output.result import Result

STANDARD_OUTPUT = "-"

COLUMNS = (
    "source",
    "frame",
    "time",
    "track_id",
    "person_score",
    "joint",
    "x",
    "y",
    "score",
)


class _Table:
    """A file, or standard output, that grows by the text of a frame at a time."""

    def __init__(self, path: str) -> None:
        """Opens the file anew.

        Args:
            path: of the file; `-` is standard output.

        Raises:
            ValueError: it cannot be written.
        """
        self._is_own = path != STANDARD_OUTPUT
        self._stream = _opened(Path(path)) if self._is_own else sys.stdout

    def close(self) -> None:
        """Closes the file; standard output stays open."""
        if self._is_own:
            self._stream.close()

    def _add(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()


class JsonLines(_Table):
    """A line of JSON for each frame, also when nobody is in it.

    A photograph's has `image` and `poses`; that of a video or webcam has `source`, `frame`, `time`
    in seconds, and `poses`.
    """

    def write(self, result: Result) -> None:
        """Adds a line."""
        frame = result.frame
        line: dict[str, object] = {"image": frame.source}
        if frame.time is not None:
            line = {"source": frame.source, "frame": frame.index, "time": round(frame.time, 4)}
        line["poses"] = [pose.to_dict() for pose in result.poses]
        self._add(json.dumps(line) + "\n")


class Csv(_Table):
    """A row for each joint of each person in each frame, under a header; see `COLUMNS`.

    A photograph's frame is 0 and its time is empty.
    """

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self._add(_rows([COLUMNS]))

    def write(self, result: Result) -> None:
        """Adds the rows of one frame."""
        frame = result.frame
        time = "" if frame.time is None else round(frame.time, 4)
        rows: list[tuple[object, ...]] = []
        for pose in result.poses:
            person: dict[str, Any] = pose.to_dict()
            head = (frame.source, frame.index, time, person["track_id"], person["score"])
            rows += [(*head, *joint.values()) for joint in person["joints"]]
        self._add(_rows(rows))


def _rows(rows: list[tuple[object, ...]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def _opened(path: Path) -> TextIO:
    try:
        return path.open("w", encoding="utf-8", newline="")
    except OSError as error:
        raise ValueError(
            f"{path} cannot be written ({error.strerror}); is its folder there and writable?"
        ) from error

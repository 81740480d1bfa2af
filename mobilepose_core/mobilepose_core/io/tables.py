"""Poses as text that programs read: JSON lines and CSV, each frame whole or not at all."""

from __future__ import annotations

import csv
import errno
import io
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from mobilepose_core.io import atomic, file_names, json_text
from mobilepose_core.io.result import Result

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

    def __init__(self, path: str, grows_in_place: bool = True) -> None:
        """Opens the file anew.

        Args:
            path: of the file; `-` is standard output.
            grows_in_place: whether others read the file while it grows, as they do a webcam's.
                Otherwise it gets its name once it is whole, and replaces what is there only then.

        Raises:
            ValueError: it cannot be written.
        """
        self._file: BinaryIO | None = None
        self._size = 0
        self._is_printed = path == STANDARD_OUTPUT
        if self._is_printed:
            return
        self._replacement = atomic.Replacement(Path(path))
        self._is_renamed = not grows_in_place and not self._replacement.is_direct
        target = self._replacement.temporary if self._is_renamed else Path(path)
        try:
            if os.path.exists(path) and not os.access(path, os.W_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            self._file = target.open("wb", buffering=0)
        except OSError as error:
            raise self._error(error) from error

    def close(self) -> None:
        """Ends the file; standard output stays open.

        Raises:
            ValueError: it is not whole on the disk.
        """
        if self._file is None:
            return
        file, self._file = self._file, None
        try:
            if not self._replacement.is_direct:
                file.truncate(self._size)  # of a frame in which an interrupt came nothing stays
            file.close()
        except OSError as error:  # some file systems say only now that they are full
            raise self._error(error) from error
        if self._is_renamed and self._size:
            self._replacement.commit(self._fault)
        elif self._is_renamed:  # no frame could be read
            self._replacement.temporary.replace(self._replacement.path)

    def _add(self, text: str) -> None:
        if self._is_printed:
            _print(text)
        if self._file is None:
            return
        rest = memoryview(text.encode("utf-8"))
        size = self._size + len(rest)
        try:
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError as error:
            fault = self._error(error)
            self._give_up()
            raise fault from error
        self._size = size

    def _give_up(self) -> None:
        """After an error: what grew in place keeps its whole frames, anything else is removed."""
        file, self._file = self._file, None
        with suppress(OSError):
            if file is not None:
                if not self._is_renamed and not self._replacement.is_direct:
                    file.truncate(self._size)
                file.close()
        if self._is_renamed:
            self._replacement.discard()

    def _fault(self, temporary: Path) -> str | None:
        size = temporary.stat().st_size
        return None if size == self._size else f"{size} of {self._size} bytes are there"

    def _error(self, error: OSError) -> ValueError:
        return self._replacement.error(error)


class JsonLines(_Table):
    """A line of JSON for each frame, also without people.

    A photograph's has `image` and `poses`; that of a video or webcam has `source`, `frame`, `time`
    in seconds, and `poses`.
    """

    def write(self, result: Result) -> None:
        """Adds a line."""
        frame = result.frame
        source = file_names.shown(frame.source)
        line: dict[str, object] = {"image": source}
        if frame.time is not None:
            line = {"source": source, "frame": frame.index, "time": round(frame.time, 4)}
        line["poses"] = [pose.to_dict() for pose in result.poses]
        self._add(json_text.of(line) + "\n")


class Csv(_Table):
    """A row for each joint of each person in each frame, under a header; see `COLUMNS`.

    A photograph's frame is 0 and its time is empty.
    """

    def __init__(self, path: str, grows_in_place: bool = True) -> None:
        super().__init__(path, grows_in_place)
        self._add(_rows([COLUMNS]))

    def write(self, result: Result) -> None:
        """Adds the rows of one frame."""
        frame, source = result.frame, file_names.shown(result.frame.source)
        time = "" if frame.time is None else round(frame.time, 4)
        rows: list[tuple[object, ...]] = []
        for pose in result.poses:
            person: dict[str, Any] = pose.to_dict()
            head = (source, frame.index, time, person["track_id"], person["score"])
            rows += [(*head, *joint.values()) for joint in person["joints"]]
        self._add(_rows(rows))


def _print(text: str) -> None:
    """Writes to standard output.

    Raises:
        ValueError: it is full.
    """
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise ValueError(f"standard output cannot be written: {error.strerror}") from error


def _rows(rows: list[tuple[object, ...]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()

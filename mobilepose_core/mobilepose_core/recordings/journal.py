"""`ResultJournal`: results on the disk as they are made, from which a killed run goes on.

A file of records, each with its checksum, that only grows. What follows the last checkpoint is
dropped when it is opened again, and those frames are processed anew: nothing is lost or doubled.
"""

from __future__ import annotations

import json
import os
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

_RECORD = struct.Struct("<BHqII")
"""Kind, number of the topic, time, ns, length and checksum."""

_HEAD, _RESULT, _CHECKPOINT = range(3)


class JournalEntry(NamedTuple):
    """Where a result is in the journal: number of its topic, time, ns, place and length, bytes."""

    topic: int
    time: int
    place: int
    length: int


class ResultJournal:
    """Results of one recording.

    Attributes:
        entries: the results so far.
        state: of the last checkpoint; None before the first.
    """

    def __init__(self, path: Path, job: Any) -> None:
        """Opens the journal, or begins a new one where there is none of the same job.

        Args:
            path: of the file.
            job: what is done, as JSON can write it.

        Raises:
            OSError: it cannot be written.
        """
        self.entries: list[JournalEntry] = []
        self.state: bytes | None = None
        head = json.dumps(job, sort_keys=True).encode()
        self._file: BinaryIO = path.open("r+b" if path.exists() else "w+b")
        end = self._recover(head)
        self._file.truncate(end)
        self._file.seek(end)
        if not end:
            self._append(_HEAD, 0, 0, head)

    def close(self) -> None:
        """Closes the file, which stays."""
        self._file.close()

    def add(self, topic: int, time: int, data: bytes) -> None:
        """Adds a result.

        Args:
            topic: its number.
            time: ns.
            data: CDR.
        """
        place = self._append(_RESULT, topic, time, data)
        self.entries.append(JournalEntry(topic, time, place, len(data)))

    def checkpoint(self, state: bytes) -> None:
        """Makes sure that all results so far, and a state to go on from, are on the disk."""
        self._sync()
        self._append(_CHECKPOINT, 0, 0, state)
        self._sync()
        self.state = state

    def read(self, entry: JournalEntry) -> bytes:
        """A result."""
        return os.pread(self._file.fileno(), entry.length, entry.place)

    def flush(self) -> None:
        """Makes all results readable."""
        self._file.flush()

    def _append(self, kind: int, topic: int, time: int, data: bytes) -> int:
        checksum = _checksum(kind, topic, time, data)
        self._file.write(_RECORD.pack(kind, topic, time, len(data), checksum))
        place = self._file.tell()
        self._file.write(data)
        return place

    def _sync(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())

    def _recover(self, head: bytes) -> int:
        """Where to go on writing: behind the last checkpoint of this job, or at the beginning."""
        found: list[JournalEntry] = []
        end = kept = 0
        for index, (kind, topic, time, place, data) in enumerate(self._records()):
            if (index == 0) != (kind == _HEAD) or (kind == _HEAD and data != head):
                return 0
            if kind == _RESULT:
                found.append(JournalEntry(topic, time, place, len(data)))
            else:
                end, kept = place + len(data), len(found)
                self.state = data if kind == _CHECKPOINT else None
        self.entries = found[:kept]
        return end

    def _records(self) -> Iterator[tuple[int, int, int, int, bytes]]:
        """The records up to the first that was not written whole."""
        size = os.fstat(self._file.fileno()).st_size
        while True:
            head = self._file.read(_RECORD.size)
            if len(head) < _RECORD.size:
                return
            kind, topic, time, length, checksum = _RECORD.unpack(head)
            place = self._file.tell()
            if place + length > size:
                return
            data = self._file.read(length)
            if _checksum(kind, topic, time, data) != checksum:
                return
            yield kind, topic, time, place, data


def _checksum(kind: int, topic: int, time: int, data: bytes) -> int:
    return zlib.crc32(data, zlib.crc32(_RECORD.pack(kind, topic, time, len(data), 0)))

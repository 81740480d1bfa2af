"""MCAP files without an index, cut off or damaged: read as far as they go.

The layout of records is that of https://mcap.dev/spec.
"""

from __future__ import annotations

import bisect
import struct
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple

from mobilepose_core.recordings import mcap_search
from mobilepose_core.recordings.compression import MAX_SIZE, unpacked
from mobilepose_core.recordings.mcap_search import (
    CHANNEL,
    CHUNK,
    CHUNK_INDEX,
    DATA_END,
    FOOTER,
    HEAD,
    MAGIC,
    MESSAGE,
    SCHEMA,
    STATISTICS,
)

_COUNT = struct.Struct("<HQ")
_COUNTS = 46
"""Bytes of the statistics in front of the numbers of messages by channel."""


class Schema(NamedTuple):
    """The definition of a message type, in one of the `ENCODINGS` of rosbags."""

    name: str
    encoding: str
    text: str


class Channel(NamedTuple):
    """A topic, the number of its schema, and its quality of service as YAML."""

    topic: str
    schema: int
    encoding: str
    qos: str


class StoredMessage(NamedTuple):
    """A message: number of its channel, log time, ns, and contents."""

    channel: int
    time: int
    data: bytes


class DamagedMcap:
    """Reads what is there.

    Attributes:
        schemas: by number, as far as the file was read.
        channels: by number.
        has_end: whether the file was closed by its writer.
        losses: what could not be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.schemas: dict[int, Schema] = {}
        self.channels: dict[int, Channel] = {}
        self.has_end = False
        self.losses: list[str] = []

    def __iter__(self) -> Iterator[StoredMessage]:
        """The messages, in the order of the file."""
        self.losses, self.has_end = [], False
        size = self.path.stat().st_size
        with self.path.open("rb") as file:
            chunks = self._read_summary(file, size)
            file.seek(0)
            if file.read(len(MAGIC)) != MAGIC:
                self.losses.append("it does not begin as an MCAP file does")
                self._skip(file, 0, size, chunks)
            while not self.has_end and file.tell() < size:
                yield from self._record(file, size, chunks)

    def _read_summary(self, file: BinaryIO, size: int) -> list[int]:
        """Takes schemas and channels from the summary; returns where chunks begin."""
        chunks: list[int] = []
        for kind, record in mcap_search.summary(file, size):
            if kind == CHUNK_INDEX and len(record) >= 24:
                chunks += struct.unpack_from("<Q", record, 16)
            elif kind in (SCHEMA, CHANNEL):
                list(self._contents(kind, record))
        return sorted(chunks)

    def counts(self) -> dict[int, int] | None:
        """The numbers of messages by channel, as its summary tells them; None without one.

        Sets schemas and channels, and reads no messages.

        Raises:
            OSError: it cannot be read.
        """
        counts = None
        size = self.path.stat().st_size
        with self.path.open("rb") as file:
            self._read_summary(file, size)
            for kind, record in mcap_search.summary(file, size):
                if kind == STATISTICS and len(record) >= _COUNTS:
                    pairs = record[_COUNTS : len(record) - (len(record) - _COUNTS) % _COUNT.size]
                    counts = dict(_COUNT.iter_unpack(pairs))
        return counts

    def _record(self, file: BinaryIO, size: int, chunks: Sequence[int]) -> Iterator[StoredMessage]:
        start = file.tell()
        head = file.read(HEAD.size)
        kind, length = HEAD.unpack(head) if len(head) == HEAD.size else (0, 0)
        end = start + HEAD.size + length
        is_whole = end <= _following(chunks, start, size)
        if not is_whole or not mcap_search.is_plausible(kind, length):
            self.losses.append(f"it is cut off or damaged from byte {start} on")
            rest = file.read() if kind == CHUNK and size < end <= size + MAX_SIZE else b""
            if mcap_search.is_chunk(rest[:44], length):  # cut off
                yield from self._chunk(rest, start)
            else:
                self._skip(file, start, size, chunks)
        elif kind in (FOOTER, DATA_END):
            self.has_end = True
        elif kind == CHUNK and length <= MAX_SIZE:
            yield from self._chunk(file.read(length), start)
        elif kind in (SCHEMA, CHANNEL, MESSAGE) and length <= MAX_SIZE:
            yield from self._contents(kind, file.read(length))
        else:
            file.seek(end)

    def _skip(self, file: BinaryIO, start: int, size: int, chunks: Sequence[int]) -> None:
        """Goes to the next chunk of the index, else to the next that looks like a record."""
        if chunks:
            file.seek(_following(chunks, start, size))
            self.has_end = file.tell() == size
        else:
            file.seek(mcap_search.next_record(file, start + 1, size))

    def _chunk(self, record: bytes, start: int) -> Iterator[StoredMessage]:
        damage = f"a part that begins at byte {start} is damaged"
        try:
            _, _, size, crc, name_length = struct.unpack_from("<QQQII", record)
            name = record[32 : 32 + name_length].decode()
            (packed,) = struct.unpack_from("<Q", record, 32 + name_length)
            begin = 40 + name_length
            if size > MAX_SIZE:
                raise ValueError
            records, is_whole = unpacked(record[begin : begin + packed], name)
        except (struct.error, ValueError):
            self.losses.append(damage)
            return
        is_whole = is_whole and len(records) == size
        if is_whole and crc and zlib.crc32(records) != crc:
            self.losses.append(damage)
            return
        if not is_whole and begin + packed <= len(record):
            self.losses.append(damage)
        yield from self._records(records)

    def _records(self, records: bytes) -> Iterator[StoredMessage]:
        position = 0
        while position + 9 <= len(records):
            operation, length = struct.unpack_from("<BQ", records, position)
            position += 9
            if position + length > len(records):
                return
            yield from self._contents(operation, records[position : position + length])
            position += length

    def _contents(self, operation: int, record: bytes) -> Iterator[StoredMessage]:
        try:
            if operation == MESSAGE:
                channel, _, time, _ = struct.unpack_from("<HIQQ", record)
                yield StoredMessage(channel, time, record[22:])
            elif operation == SCHEMA:
                (number,) = struct.unpack_from("<H", record)
                name, encoding, text = _strings(record, 2, 3)
                self.schemas[number] = Schema(name, encoding, text)
            elif operation == CHANNEL:
                number, schema = struct.unpack_from("<HH", record)
                topic, encoding = _strings(record, 4, 2)
                start = 12 + len(topic.encode()) + len(encoding.encode())
                qos = _map(record, start).get("offered_qos_profiles", "")
                self.channels[number] = Channel(topic, schema, encoding, qos)
        except (struct.error, UnicodeDecodeError):
            self.losses.append("a record is damaged")


def _following(chunks: Sequence[int], start: int, size: int) -> int:
    """Where the next chunk behind a place begins, by the index; the file's size without one."""
    return next(iter(chunks[bisect.bisect_right(chunks, start) :]), size)


def _strings(record: bytes, start: int, count: int) -> list[str]:
    found = []
    for _ in range(count):
        (length,) = struct.unpack_from("<I", record, start)
        found.append(record[start + 4 : start + 4 + length].decode())
        start += 4 + length
    return found


def _map(record: bytes, start: int) -> dict[str, str]:
    (length,) = struct.unpack_from("<I", record, start)
    position, end = start + 4, min(start + 4 + length, len(record))
    found = {}
    while position < end:
        key, value = _strings(record, position, 2)
        found[key] = value
        position += 8 + len(key.encode()) + len(value.encode())
    return found

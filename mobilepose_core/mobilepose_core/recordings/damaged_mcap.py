"""MCAP files without an index, cut off or damaged: read from the front, as far as they go.

The layout of records is that of https://mcap.dev/spec.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from mobilepose_core.recordings.compression import MAX_SIZE, unpacked

MAGIC = b"\x89MCAP0\r\n"
_HEADER, _FOOTER, _SCHEMA, _CHANNEL, _MESSAGE, _CHUNK, _DATA_END = 1, 2, 3, 4, 5, 6, 15


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
            if file.read(len(MAGIC)) != MAGIC:
                self.losses.append("it does not begin as an MCAP file does")
                return
            while not self.has_end and file.tell() < size:
                yield from self._record(file, size)

    def _record(self, file: BinaryIO, size: int) -> Iterator[StoredMessage]:
        start = file.tell()
        head = file.read(9)
        operation, length = struct.unpack("<BQ", head) if len(head) == 9 else (0, size)
        is_whole = start + 9 + length <= size
        if operation in (_FOOTER, _DATA_END):
            self.has_end = True
            return
        if not is_whole:
            self.losses.append(f"it is cut off or damaged from byte {start} on")
        if operation == _CHUNK and length <= MAX_SIZE:
            yield from self._chunk(file.read(min(length, size - start - 9)), start)
        elif not is_whole:
            file.seek(size)
        elif operation in (_SCHEMA, _CHANNEL, _MESSAGE) and length <= MAX_SIZE:
            yield from self._contents(operation, file.read(length))
        else:
            file.seek(length, 1)

    def _chunk(self, record: bytes, start: int) -> Iterator[StoredMessage]:
        damage = f"a part that begins at byte {start} is damaged"
        try:
            _, _, size, crc, name_length = struct.unpack_from("<QQQII", record)
            name = record[32 : 32 + name_length].decode()
            (packed,) = struct.unpack_from("<Q", record, 32 + name_length)
            begin = 40 + name_length
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
            if operation == _MESSAGE:
                channel, _, time, _ = struct.unpack_from("<HIQQ", record)
                yield StoredMessage(channel, time, record[22:])
            elif operation == _SCHEMA:
                (number,) = struct.unpack_from("<H", record)
                name, encoding, text = _strings(record, 2, 3)
                self.schemas[number] = Schema(name, encoding, text)
            elif operation == _CHANNEL:
                number, schema = struct.unpack_from("<HH", record)
                topic, encoding = _strings(record, 4, 2)
                start = 12 + len(topic.encode()) + len(encoding.encode())
                qos = _map(record, start).get("offered_qos_profiles", "")
                self.channels[number] = Channel(topic, schema, encoding, qos)
        except (struct.error, UnicodeDecodeError):
            self.losses.append("a record is damaged")


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

"""Where records of a damaged MCAP file are: from its index, else from what looks like one."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from typing import BinaryIO

from mobilepose_core.recordings.compression import MAX_SIZE

MAGIC = b"\x89MCAP0\r\n"
HEADER, FOOTER, SCHEMA, CHANNEL, MESSAGE, CHUNK, CHUNK_INDEX, DATA_END = 1, 2, 3, 4, 5, 6, 8, 15
STATISTICS = 11

HEAD = struct.Struct("<BQ")
"""Of a record: its kind and length, bytes."""

_FOOTER = struct.Struct("<BQQQI8s")
_LEAST = {1: 8, 2: 20, 3: 14, 4: 16, 5: 22, 6: 40, 7: 6, 8: 64, 9: 36, 10: 48, 11: 46, 12: 8}
_LEAST |= {13: 20, 14: 17, 15: 4}
"""Least lengths of records, bytes, by kind."""

_WINDOW = 2**22
_CANDIDATE = re.compile(rb"[\x03-\x06](?=.{4}\0{4})", re.DOTALL)
_CHAIN = 3
"""How many records in a row must be plausible, where one alone says little."""


def summary(file: BinaryIO, size: int) -> Iterator[tuple[int, bytes]]:
    """Kind and contents of the records of the summary behind the data; none without one."""
    if size < 2 * len(MAGIC) + _FOOTER.size:
        return
    file.seek(size - _FOOTER.size)
    kind, length, start, _, _, magic = _FOOTER.unpack(file.read(_FOOTER.size))
    end = size - _FOOTER.size
    if (kind, length, magic) != (FOOTER, 20, MAGIC) or not 0 < start <= end <= start + MAX_SIZE:
        return
    while start + HEAD.size <= end:
        file.seek(start)
        kind, length = HEAD.unpack(file.read(HEAD.size))
        start += HEAD.size + length
        if start > end:
            return
        yield kind, file.read(length)


def is_plausible(kind: int, length: int) -> bool:
    """Whether there are records of a kind and length; kinds from 128 on are anybody's own."""
    if kind in (FOOTER, DATA_END):
        return length == _LEAST[kind]
    return kind >= 128 or length >= _LEAST.get(kind, 2**64)


def is_chunk(head: bytes, length: int) -> bool:
    """Whether the beginning of a chunk, 44 bytes behind its head, agrees with its length."""
    if len(head) < 40:
        return False
    begin, end, size, _, name = struct.unpack_from("<QQQII", head)
    if name > 4 or begin > end or size > MAX_SIZE or len(head) < 40 + name:
        return False
    (packed,) = struct.unpack_from("<Q", head, 32 + name)
    return head[32 : 32 + name] in (b"", b"lz4", b"zstd") and length == 40 + name + int(packed)


def next_record(file: BinaryIO, start: int, size: int) -> int:
    """Where the next record begins, as far as can be told; `size` without one."""
    while start + HEAD.size < size:
        file.seek(start)
        window = file.read(_WINDOW)
        for found in _CANDIDATE.finditer(window):
            if _is_record(file, start + found.start(), size):
                return start + found.start()
        start += max(1, len(window) - HEAD.size)
    return size


def _is_record(file: BinaryIO, place: int, size: int) -> bool:
    for number in range(_CHAIN):
        file.seek(place)
        head = file.read(HEAD.size + 44)
        if len(head) < HEAD.size:
            return number > 0 and place == size
        kind, length = HEAD.unpack_from(head)
        if not is_plausible(kind, length):
            return False
        if kind == CHUNK:
            return is_chunk(head[HEAD.size :], length)
        if kind == DATA_END:
            return number > 0
        place += HEAD.size + length
        if place > size:
            return False
    return True

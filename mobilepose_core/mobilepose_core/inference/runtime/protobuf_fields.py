"""Protocol buffers by field numbers, without their descriptions: models are checked with it."""

from __future__ import annotations

from collections.abc import Iterator

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


class FormatError(Exception):
    """The bytes are not what the format says."""


def messages(message: memoryview, number: int) -> Iterator[memoryview]:
    """The values of a field that are messages."""
    for found, value in fields(message):
        if found == number:
            if isinstance(value, int):
                raise FormatError(f"field {number} is a number")
            yield value


def numbers(message: memoryview, number: int) -> Iterator[int]:
    """The values of a repeated field of signed numbers, packed or not."""
    for found, value in fields(message):
        if found != number:
            continue
        if isinstance(value, int):
            yield _signed(value)
            continue
        start = 0
        while start < len(value):
            size, start = _varint(value, start)
            yield _signed(size)


def text(message: memoryview, number: int) -> str:
    """A field of text; empty if it is missing."""
    return next((bytes(value).decode(errors="replace") for value in messages(message, number)), "")


def fields(message: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Field numbers and values of a message: numbers, or bytes that are not read yet."""
    start = 0
    while start < len(message):
        key, start = _varint(message, start)
        kind = key & 7
        value: int | memoryview
        if kind == _VARINT:
            value, start = _varint(message, start)
        elif kind in (_FIXED64, _FIXED32):
            end = start + (8 if kind == _FIXED64 else 4)
            value, start = int.from_bytes(message[start:end], "little"), end
        elif kind == _BYTES:
            size, start = _varint(message, start)
            value, start = message[start : start + size], start + size
        else:
            raise FormatError(f"byte {start} begins no field")
        if start > len(message):
            raise FormatError("it ends early")
        yield key >> 3, value


def _varint(message: memoryview, start: int) -> tuple[int, int]:
    value = 0
    for place, byte in enumerate(message[start : start + 10]):
        value |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            return value, start + place + 1
    raise FormatError("it ends within a number")


def _signed(value: int) -> int:
    return value - 2**64 if value >= 2**63 else value

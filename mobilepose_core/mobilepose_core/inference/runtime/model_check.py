"""What a model's file is checked for before ONNX Runtime loads it: it may come from anybody.

A model can name other files to read (external data), operators that only a plug-in has, or claim
sizes that fill the memory. None of that is in a network that this package runs. The file is read as
protocol buffers of onnx.proto, by field numbers, so that the runtime needs no `onnx`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mobilepose_core.errors import ModelError

LARGEST_FILE = 2**29
"""Bytes. A file of more is not read; the released models have 8 MB."""

DOMAINS = frozenset({"", "ai.onnx", "ai.onnx.ml", "com.microsoft"})
"""Operator sets that ONNX Runtime has built in."""

LARGEST_SIDE = 2**14
"""Of an input's dimensions."""

LARGEST_WEIGHT = 2**28
"""Elements of one stored tensor."""

_DEEPEST = 16
"""Graphs within graphs."""

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


def check(content: bytes, path: Path) -> None:
    """Checks the content of a model's file.

    Args:
        content: of the file.
        path: of the file, for messages.

    Raises:
        ModelError: it is no ONNX file, or truncated; or it refers to other files, to operators that
            ONNX Runtime does not have, or to sizes that no such network has.
    """
    try:
        fields = list(_fields(memoryview(content)))
        graphs = [value for number, value in fields if number == 7 and not isinstance(value, int)]
        if not graphs:
            raise _FormatError("it has no graph")
        for graph in graphs:
            _check_graph(graph, path, 0)
        for number, value in fields:
            if number == 25 and not isinstance(value, int):  # functions of the model
                for node in _messages(value, 7):
                    _check_node(node, path, 0, in_function=True)
    except _FormatError as error:
        raise ModelError(
            f"{path} cannot be loaded as an ONNX model: {error}; download or export it again"
        ) from None


class _FormatError(Exception):
    """The bytes are not what onnx.proto says."""


def _check_graph(graph: memoryview, path: Path, depth: int) -> None:
    if depth > _DEEPEST:
        raise ModelError(f"{path} is refused: its graphs are nested more than {_DEEPEST} deep")
    for node in _messages(graph, 1):
        _check_node(node, path, depth)
    for tensor in _messages(graph, 5):
        _check_tensor(tensor, path)
    for sparse in _messages(graph, 15):
        for tensor in (*_messages(sparse, 1), *_messages(sparse, 2)):
            _check_tensor(tensor, path)
    for entry in _messages(graph, 11):
        _check_input(entry, path)


def _check_node(node: memoryview, path: Path, depth: int, in_function: bool = False) -> None:
    domain = _text(node, 7)
    if domain not in DOMAINS and not in_function:
        raise ModelError(
            f"{path} is refused: it needs the operator {_text(node, 4)!r} of {domain!r}, which "
            "ONNX Runtime does not have; export the model without custom operators"
        )
    for attribute in _messages(node, 5):
        for tensor in (*_messages(attribute, 5), *_messages(attribute, 10)):
            _check_tensor(tensor, path)
        for graph in (*_messages(attribute, 6), *_messages(attribute, 11)):
            _check_graph(graph, path, depth + 1)


def _check_tensor(tensor: memoryview, path: Path) -> None:
    is_external = any(value == 1 for number, value in _fields(tensor) if number == 14)
    if is_external or any(True for _ in _messages(tensor, 13)):
        raise ModelError(
            f"{path} is refused: its weights are in another file; export it as one file, with "
            "`onnx.save(model, path, save_as_external_data=False)`"
        )
    elements = 1
    for size in _numbers(tensor, 1):
        elements *= size
    if not 0 <= elements <= LARGEST_WEIGHT:
        raise ModelError(
            f"{path} is refused: it claims a tensor of {elements} numbers; at most "
            f"{LARGEST_WEIGHT} are allowed"
        )


def _check_input(entry: memoryview, path: Path) -> None:
    for kind in _messages(entry, 2):
        for tensor in _messages(kind, 1):
            for shape in _messages(tensor, 2):
                for dimension in _messages(shape, 1):
                    for size in _numbers(dimension, 1):
                        if size > LARGEST_SIDE:
                            raise ModelError(
                                f"{path} is refused: its input {_text(entry, 1)!r} has a side of "
                                f"{size}; at most {LARGEST_SIDE} is allowed"
                            )


def _messages(message: memoryview, number: int) -> Iterator[memoryview]:
    """The values of a field that are messages."""
    for found, value in _fields(message):
        if found == number:
            if isinstance(value, int):
                raise _FormatError(f"field {number} is a number")
            yield value


def _numbers(message: memoryview, number: int) -> Iterator[int]:
    """The values of a repeated field of signed numbers, packed or not."""
    for found, value in _fields(message):
        if found != number:
            continue
        if isinstance(value, int):
            yield _signed(value)
            continue
        start = 0
        while start < len(value):
            size, start = _varint(value, start)
            yield _signed(size)


def _text(message: memoryview, number: int) -> str:
    return next((bytes(value).decode(errors="replace") for value in _messages(message, number)), "")


def _fields(message: memoryview) -> Iterator[tuple[int, int | memoryview]]:
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
            raise _FormatError(f"byte {start} begins no field")
        if start > len(message):
            raise _FormatError("it ends early")
        yield key >> 3, value


def _varint(message: memoryview, start: int) -> tuple[int, int]:
    value = 0
    for place, byte in enumerate(message[start : start + 10]):
        value |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            return value, start + place + 1
    raise _FormatError("it ends within a number")


def _signed(value: int) -> int:
    return value - 2**64 if value >= 2**63 else value

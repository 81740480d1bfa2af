"""How large a node's output is, where a constant of the file says so.

Shapes that a network computes from others are not followed.
"""

from __future__ import annotations

import math
import struct

from mobilepose_core.inference.runtime.protobuf_fields import messages, numbers, text

Constants = dict[str, memoryview]
"""Tensors of a file (TensorProto), by the names under which nodes read them."""

_MOST_NUMBERS = 64
"""Of a shape; what has more is none."""

_SHAPES = {"ConstantOfShape": (0,), "Expand": (1,), "Tile": (1,), "Resize": (3, 2)}
_SHAPES |= {"OneHot": (1,), "Upsample": (1,), "Range": (1,)}
"""The inputs that say how large something becomes: sizes, scales, repeats."""

_RANDOM = frozenset({"RandomNormal", "RandomUniform"})
"""Operators with an attribute `shape`."""

_FLOAT, _INT32, _INT64, _DOUBLE = 1, 6, 7, 11
_RAW = {_FLOAT: "f", _INT32: "i", _INT64: "q", _DOUBLE: "d"}


def claimed_elements(node: memoryview, constants: Constants) -> int:
    """How many numbers a node makes at least; 0 where no constant says so.

    Args:
        node: NodeProto.
        constants: known before it; what a node `Constant` holds is added.
    """
    operator = text(node, 4)
    if operator == "Constant":
        _add_constant(node, constants)
        return 0
    if operator in _RANDOM:
        shapes = [numbers(one, 8) for one in messages(node, 5) if text(one, 1) == "shape"]
        return max((_product(list(shape)) for shape in shapes), default=0)
    names = [bytes(name).decode(errors="replace") for name in messages(node, 1)]
    places = [place for place in _SHAPES.get(operator, ()) if place < len(names)]
    found = [constants[names[place]] for place in places if names[place] in constants]
    return max((_product(_values(tensor)) for tensor in found), default=0)


def _add_constant(node: memoryview, constants: Constants) -> None:
    outputs = [bytes(name).decode(errors="replace") for name in messages(node, 2)]
    for attribute in messages(node, 5):
        for tensor in messages(attribute, 5):
            constants.update(dict.fromkeys(outputs[:1], tensor))
        if text(attribute, 1) in ("value_int", "value_ints"):
            values = [*numbers(attribute, 3), *numbers(attribute, 8)][:_MOST_NUMBERS]
            tensor = memoryview(_int64_tensor(values))
            constants.update(dict.fromkeys(outputs[:1], tensor))


def _int64_tensor(values: list[int]) -> bytes:
    """A TensorProto with these values as raw data of at most 64 numbers."""
    raw = struct.pack(f"<{len(values)}q", *values)
    size = bytes([len(raw)]) if len(raw) < 0x80 else bytes([len(raw) & 0x7F | 0x80, len(raw) >> 7])
    return bytes([0x10, _INT64, 0x4A]) + size + raw


def _values(tensor: memoryview) -> list[float]:
    """The numbers of a small tensor; empty where it is large, or of another type."""
    kind = next(iter(numbers(tensor, 2)), 0)
    if kind not in _RAW:
        return []
    size = struct.calcsize(_RAW[kind])
    for raw in messages(tensor, 9):
        count = len(raw) // size
        return list(struct.unpack_from(f"<{count}{_RAW[kind]}", raw)) if _is_small(count) else []
    if kind in (_FLOAT, _DOUBLE):
        return _stored(tensor, kind, size)
    values = list(numbers(tensor, 5 if kind == _INT32 else 7))
    return list(map(float, values)) if _is_small(len(values)) else []


def _stored(tensor: memoryview, kind: int, size: int) -> list[float]:
    """Numbers with a fraction in the fields `float_data` or `double_data`, packed."""
    field = 4 if kind == _FLOAT else 10
    packed = b"".join(bytes(part) for part in messages(tensor, field))
    count = len(packed) // size
    return list(struct.unpack_from(f"<{count}{_RAW[kind]}", packed)) if _is_small(count) else []


def _is_small(count: int) -> bool:
    return count <= _MOST_NUMBERS


def _product(values: list[float] | list[int]) -> int:
    """Of the sizes above 1: 0 and -1 stand for others, and one dimension cannot shrink another."""
    large = [float(value) for value in values if value > 1]
    product = math.prod(large)
    return int(min(product, 2.0**62)) if large and not math.isnan(product) else 0

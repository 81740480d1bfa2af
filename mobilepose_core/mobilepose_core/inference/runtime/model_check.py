"""What a model's file is checked for before ONNX Runtime loads it: it may come from anybody.

A model can name other files to read (external data), operators that only a plug-in has, or claim
sizes that fill the memory. None of that is in a network that this package runs. The file is read as
protocol buffers of onnx.proto, by field numbers, so that the runtime needs no `onnx`.
"""

from __future__ import annotations

import math
from pathlib import Path

from mobilepose_core.errors import ModelError
from mobilepose_core.inference.runtime.model_shapes import Constants, claimed_elements
from mobilepose_core.inference.runtime.protobuf_fields import (
    FormatError,
    fields,
    messages,
    numbers,
    text,
)

LARGEST_FILE = 2**29
"""Bytes. A file of more is not read; the released models have 8 MB."""

DOMAINS = frozenset({"", "ai.onnx", "ai.onnx.ml", "com.microsoft"})
"""Operator sets that ONNX Runtime has built in."""

LARGEST_SIDE = 2**14
"""Of an input's dimensions."""

LARGEST_WEIGHT = 2**28
"""Elements of one tensor, stored or made from a constant shape."""

_DEEPEST = 16
"""Graphs within graphs."""


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
        model = memoryview(content)
        graphs = list(messages(model, 7))
        if not graphs:
            raise FormatError("it has no graph")
        for graph in graphs:
            _check_graph(graph, path, 0, DOMAINS, {})
        functions = list(messages(model, 25))
        own = DOMAINS | {text(function, 10) for function in functions}
        for function in functions:
            _check_nodes(list(messages(function, 7)), path, 0, own, {})
    except FormatError as error:
        raise ModelError(
            f"{path} cannot be loaded as an ONNX model: {error}; download or export it again"
        ) from None


def _check_graph(
    graph: memoryview, path: Path, depth: int, domains: frozenset[str], outside: Constants
) -> None:
    if depth > _DEEPEST:
        raise ModelError(f"{path} is refused: its graphs are nested more than {_DEEPEST} deep")
    tensors = list(messages(graph, 5))
    for tensor in tensors:
        _check_tensor(tensor, path)
    for sparse in messages(graph, 15):
        _check_sparse(sparse, path)
    for entry in messages(graph, 11):
        _check_input(entry, path)
    constants = outside | {text(tensor, 8): tensor for tensor in tensors}
    _check_nodes(list(messages(graph, 1)), path, depth, domains, constants)


def _check_nodes(
    nodes: list[memoryview],
    path: Path,
    depth: int,
    domains: frozenset[str],
    constants: Constants,
) -> None:
    constants = dict(constants)
    for node in nodes:  # in the order in which they are computed
        _check_node(node, path, depth, domains, constants)
        elements = claimed_elements(node, constants)
        if elements > LARGEST_WEIGHT:
            raise ModelError(
                f"{path} is refused: its operator {text(node, 4)} makes {elements} numbers; at "
                f"most {LARGEST_WEIGHT} are allowed"
            )


def _check_node(
    node: memoryview, path: Path, depth: int, domains: frozenset[str], constants: Constants
) -> None:
    domain = text(node, 7)
    if domain not in domains:
        raise ModelError(
            f"{path} is refused: it needs the operator {text(node, 4)!r} of {domain!r}, which "
            "ONNX Runtime does not have; export the model without custom operators"
        )
    for attribute in messages(node, 5):
        for tensor in (*messages(attribute, 5), *messages(attribute, 10)):
            _check_tensor(tensor, path)
        for sparse in (*messages(attribute, 22), *messages(attribute, 23)):
            _check_sparse(sparse, path)
        for graph in (*messages(attribute, 6), *messages(attribute, 11)):
            _check_graph(graph, path, depth + 1, domains, constants)


def _check_sparse(sparse: memoryview, path: Path) -> None:
    """A sparse tensor: its numbers, their places, and its size, to which ONNX Runtime fills it."""
    for tensor in (*messages(sparse, 1), *messages(sparse, 2)):
        _check_tensor(tensor, path)
    _check_elements(sparse, 3, path)


def _check_tensor(tensor: memoryview, path: Path) -> None:
    is_external = any(value == 1 for number, value in fields(tensor) if number == 14)
    if is_external or any(True for _ in messages(tensor, 13)):
        raise ModelError(
            f"{path} is refused: its weights are in another file; export it as one file, with "
            "`onnx.save(model, path, save_as_external_data=False)`"
        )
    _check_elements(tensor, 1, path)


def _check_elements(tensor: memoryview, dimensions: int, path: Path) -> None:
    """Checks the size that a tensor claims in a field."""
    elements = math.prod(numbers(tensor, dimensions))
    if not 0 <= elements <= LARGEST_WEIGHT:
        raise ModelError(
            f"{path} is refused: it claims a tensor of {elements} numbers; at most "
            f"{LARGEST_WEIGHT} are allowed"
        )


def _check_input(entry: memoryview, path: Path) -> None:
    for kind in messages(entry, 2):
        for tensor in messages(kind, 1):
            for shape in messages(tensor, 2):
                for dimension in messages(shape, 1):
                    for size in numbers(dimension, 1):
                        if size > LARGEST_SIDE:
                            raise ModelError(
                                f"{path} is refused: its input {text(entry, 1)!r} has a side of "
                                f"{size}; at most {LARGEST_SIDE} is allowed"
                            )

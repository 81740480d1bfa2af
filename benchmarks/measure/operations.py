"""Counts multiply-adds and parameters in a network's file."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

WEIGHTED = {
    "Conv": (1, 2),
    "ConvTranspose": (1, 2),
    "Gemm": (1, 2),
    "MatMul": (1,),
    "ConvInteger": (1,),
    "MatMulInteger": (1,),
    "QLinearConv": (3, 8),
    "QLinearMatMul": (3,),
    "BatchNormalization": (1, 2),
    "PRelu": (1,),
}
"""ONNX operators with trained values, and the indices of these inputs, weights first."""

_ELEMENTWISE = ("BatchNormalization", "PRelu")
_LARGE = 1000
"""Number of values from which a constant is taken for weights, not for a shape."""

_CARRIERS = ("DequantizeLinear", "Identity", "Transpose", "Reshape", "Cast", "Mul")
"""Operators between a trained value and what uses it."""


@dataclass(frozen=True)
class Operations:
    """The work of a network for one picture.

    Attributes:
        macs: multiply-adds of convolutions and matrix products.
        parameters: trained values: weights, biases, scales and offsets of batch normalisation.
        precision: `INT8` or `FP32`, of the arithmetic.
    """

    macs: int
    parameters: int
    precision: str


def count(path: Path, shape: tuple[int, ...]) -> Operations | None:
    """Counts the work in an .onnx or .tflite file; None if its reader is not installed.

    Args:
        path: of the file.
        shape: of the input, for files with free dimensions.
    """
    try:
        if path.suffix == ".tflite":
            from benchmarks.measure import litert_operations

            return Operations(*litert_operations.count(path))
        return _count_onnx(path, shape)
    except ImportError:
        return None


def _count_onnx(path: Path, shape: tuple[int, ...]) -> Operations:
    import onnx

    model = onnx.load(str(path))
    _fix(model.graph, shape)
    graph = onnx.shape_inference.infer_shapes(model, data_prop=True).graph
    shapes = {
        value.name: [side.dim_value for side in value.type.tensor_type.shape.dim]
        for value in (*graph.value_info, *graph.input, *graph.output)
    }
    shapes |= {constant.name: list(constant.dims) for constant in graph.initializer}
    origin = {node.output[0]: node.input[0] for node in graph.node if node.op_type in _CARRIERS}
    constants = {constant.name for constant in graph.initializer}
    macs = 0
    trained: set[str] = set()
    for node in graph.node:
        places = WEIGHTED.get(node.op_type, ())
        trained |= {node.input[i] for i in places if i < len(node.input)}
        if places and node.op_type not in _ELEMENTWISE:
            macs += _macs(node, shapes)
    # Equal values may be stored once, and forwarded to each use.
    sources = [_source(name, origin) for name in trained]
    parameters = sum(math.prod(shapes[name]) for name in sources if name in constants)
    quantised = any(node.op_type == "QuantizeLinear" for node in graph.node)
    return Operations(macs, parameters, "INT8" if quantised else "FP32")


def _fix(graph: Any, shape: tuple[int, ...]) -> None:
    """Sets the input's shape, and drops inferred shapes and large weights."""
    for side, extent in zip(graph.input[0].type.tensor_type.shape.dim, shape, strict=True):
        side.dim_value = extent
    del graph.value_info[:]
    for output in graph.output:
        output.type.tensor_type.ClearField("shape")
    for constant in graph.initializer:
        if math.prod(constant.dims) > _LARGE:
            constant.ClearField("raw_data")


def _source(name: str, origin: dict[str, str]) -> str:
    while name in origin:
        name = origin[name]
    return name


def _macs(node: Any, shapes: dict[str, list[int]]) -> int:
    """A convolution sums over a kernel per output, a matrix product over the inner dimension."""
    weights = shapes[node.input[WEIGHTED[node.op_type][0]]]
    if node.op_type == "ConvTranspose":  # a kernel per input value
        return math.prod(shapes[node.input[0]]) * math.prod(weights[1:])
    outputs = math.prod(shapes[node.output[0]])
    if "Conv" in node.op_type:
        return outputs * math.prod(weights[1:])
    turned = any(a.name == "transB" and a.i for a in node.attribute)
    return outputs * weights[-1 if turned else -2]

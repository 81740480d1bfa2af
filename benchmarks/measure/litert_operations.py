"""Counts multiply-adds and parameters in a LiteRT file."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from ai_edge_litert import schema_py_generated as schema

_WEIGHTS = {"CONV_2D": 1, "DEPTHWISE_CONV_2D": 1, "FULLY_CONNECTED": 1, "TRANSPOSE_CONV": 1}
"""Operators with weights, and the index of that input."""

_BIASES = {"CONV_2D": 2, "DEPTHWISE_CONV_2D": 2, "FULLY_CONNECTED": 2, "TRANSPOSE_CONV": 3}


def count(path: Path) -> tuple[int, int, str]:
    """Multiply-adds, parameters and precision, see `operations.Operations`."""
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(path.read_bytes(), 0))
    graph = model.subgraphs[0]
    kinds = {value: name for name, value in vars(schema.BuiltinOperator).items()}
    macs, quantised = 0, False
    trained: set[int] = set()
    origin: dict[int, int] = {}
    for operator in graph.operators:
        code = model.operatorCodes[operator.opcodeIndex]
        kind = kinds[max(code.builtinCode, code.deprecatedBuiltinCode)]
        inputs = [int(index) for index in operator.inputs]
        output = graph.tensors[operator.outputs[0]]
        if kind == "DEQUANTIZE":
            origin[int(operator.outputs[0])] = inputs[0]
        if kind not in _WEIGHTS:
            continue
        weights = graph.tensors[inputs[_WEIGHTS[kind]]]
        places = (_WEIGHTS[kind], _BIASES[kind])
        used = [inputs[place] for place in places if place < len(inputs)]
        trained |= {origin.get(index, index) for index in used if index >= 0}
        quantised |= output.type == schema.TensorType.INT8
        macs += _macs(kind, _shape(weights), [graph.tensors[index] for index in inputs], output)
    parameters = sum(math.prod(_shape(graph.tensors[index])) for index in trained)
    return macs, parameters, "INT8" if quantised else "FP32"


def _macs(kind: str, weights: list[int], inputs: list[Any], output: Any) -> int:
    """Weights are (out, h, w, in), depthwise (1, h, w, out), fully connected (out, in)."""
    if kind == "TRANSPOSE_CONV":  # a kernel per input value; the input is the third
        return math.prod(_shape(inputs[2])) * math.prod(weights[:-1])
    outputs = math.prod(_shape(output))
    return outputs * math.prod(weights[1:3] if kind == "DEPTHWISE_CONV_2D" else weights[1:])


def _shape(tensor: Any) -> list[int]:
    return [int(side) for side in tensor.shape]

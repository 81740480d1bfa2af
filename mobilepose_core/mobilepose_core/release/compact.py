"""Weights of 16 or 8 bits in a file, at a half or a quarter of the size; computed with 32 bits."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import NodeProto, TensorProto, helper, numpy_helper

_LARGEST = 127

_MANY = 2**17
"""Weights of a convolution from which on a byte each is enough. Smaller ones are few together, and
depthwise ones and the joints' last would cost five times as much accuracy. Those of the joints'
streams are smaller, too: how they are stored may not depend on which joints are exported."""


def store_weights(proto: onnx.ModelProto, bits: int) -> None:
    """Rounds a model's weights to fewer bits and stores them so.

    They are converted back by nodes that ONNX Runtime computes once, when it loads the file. With
    16 bits a weight changes by 0.05 % at most. With 8 bits, those of each filter of a large
    convolution are multiples of 1/127 of the largest of them, and change by half of that at most;
    other tensors get 16. Vectors, such as biases, stay as they are, and so does a tensor with a
    value beyond the range of 16 bits.

    Args:
        proto: changed in place.
        bits: 16 or 8.
    """
    stored: list[TensorProto] = []
    nodes: list[NodeProto] = []
    convolutions = _convolutions(proto.graph) if bits == 8 else set()
    for tensor in proto.graph.initializer:
        if tensor.data_type != TensorProto.FLOAT or len(tensor.dims) < 2:
            stored.append(tensor)
        elif tensor.name in convolutions and np.prod(tensor.dims) >= _MANY:
            _store_as_bytes(tensor, stored, nodes)
        else:
            _store_as_half(tensor, stored, nodes)
    nodes.extend(proto.graph.node)
    del proto.graph.initializer[:], proto.graph.node[:]
    proto.graph.initializer.extend(stored)
    proto.graph.node.extend(nodes)


def _convolutions(graph: onnx.GraphProto) -> set[str]:
    """Names of the weights of convolutions, whose first axis is that of the filters."""
    return {node.input[1] for node in graph.node if node.op_type == "Conv"}


def _store_as_half(tensor: TensorProto, stored: list[TensorProto], nodes: list[NodeProto]) -> None:
    with np.errstate(over="ignore"):
        values = numpy_helper.to_array(tensor).astype(np.float16)
    if not np.isfinite(values).all():
        stored.append(tensor)
        return
    half = f"{tensor.name}.half"
    stored.append(numpy_helper.from_array(values, half))
    nodes.append(helper.make_node("Cast", [half], [tensor.name], to=TensorProto.FLOAT))


def _store_as_bytes(tensor: TensorProto, stored: list[TensorProto], nodes: list[NodeProto]) -> None:
    values = numpy_helper.to_array(tensor)
    scale = np.abs(values).max(axis=tuple(range(1, values.ndim)), keepdims=True) / _LARGEST
    scale[scale == 0] = 1  # a filter of zeros
    byte, of_filter, unscaled = (f"{tensor.name}.{part}" for part in ("byte", "scale", "unscaled"))
    stored.append(numpy_helper.from_array(np.rint(values / scale).astype(np.int8), byte))
    stored.append(numpy_helper.from_array(scale, of_filter))
    nodes.append(helper.make_node("Cast", [byte], [unscaled], to=TensorProto.FLOAT))
    nodes.append(helper.make_node("Mul", [unscaled, of_filter], [tensor.name]))

"""Weights of 16 bits in a file: half the size, with computation in 32 bits as before."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def store_as_half(proto: onnx.ModelProto) -> None:
    """Rounds a model's weights to 16 bits and stores them so.

    Each is converted back by a `Cast`, which ONNX Runtime computes once, when it loads the file.
    A weight changes by 0.05 % at most; one beyond the range of 16 bits leaves its tensor as it is,
    and so are vectors, such as biases.

    Args:
        proto: changed in place.
    """
    stored, casts = [], []
    for tensor in proto.graph.initializer:
        half = _as_half(tensor)
        stored.append(half or tensor)
        if half is not None:
            casts.append(helper.make_node("Cast", [half.name], [tensor.name], to=TensorProto.FLOAT))
    nodes = [*casts, *proto.graph.node]
    del proto.graph.initializer[:], proto.graph.node[:]
    proto.graph.initializer.extend(stored)
    proto.graph.node.extend(nodes)


def _as_half(tensor: onnx.TensorProto) -> onnx.TensorProto | None:
    if tensor.data_type != TensorProto.FLOAT or len(tensor.dims) < 2:
        return None
    with np.errstate(over="ignore"):
        values = numpy_helper.to_array(tensor).astype(np.float16)
    return (
        numpy_helper.from_array(values, f"{tensor.name}.half")
        if np.isfinite(values).all()
        else None
    )

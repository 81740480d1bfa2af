"""TensorFlow operators of MoveNet and NanoDet as ONNX operators.

Tensors keep TensorFlow's layout, channels last; convolutions are wrapped in transposes, which ONNX
Runtime eliminates when it loads the file.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import numpy as np
from onnx import TensorProto, helper

from benchmarks.peers.onnx_graph import OnnxGraph

Attributes = dict[str, Any]

TYPES = {"DT_FLOAT": TensorProto.FLOAT, "DT_INT32": TensorProto.INT32}
_PADDING = {"SAME": "SAME_UPPER", "VALID": "VALID"}
_TO_NCHW, _TO_NHWC = [0, 3, 1, 2], [0, 2, 3, 1]


def tensor(name: str) -> str:
    """A tensor's name: TensorFlow omits the number 0 of a node's first output."""
    return name.removesuffix(":0")


def _listed(attributes: Attributes, name: str) -> list[int]:
    return [int(value) for value in attributes[name]["list"]["i"]]


def _plain(operator: str) -> Callable[..., None]:
    """An operator with an equivalent in ONNX."""

    def add(graph: OnnxGraph, name: str, inputs: list[str], attributes: Attributes) -> None:
        graph.put(operator, inputs, name)

    return add


def _convolution(depthwise: bool) -> Callable[..., None]:
    def add(graph: OnnxGraph, name: str, inputs: list[str], attributes: Attributes) -> None:
        weights = graph.values(inputs[1])
        groups = weights.shape[2] if depthwise else 1
        if depthwise:  # from (h, w, in, multiplier) to ONNX's (in x multiplier, 1, h, w)
            weights = weights.reshape(*weights.shape[:2], 1, -1)
        kernel = graph.constant(f"{name}/kernel", weights.transpose(3, 2, 0, 1))
        padding = base64.b64decode(attributes["padding"]["s"]).decode()
        result = graph.put(
            "Conv",
            [
                graph.put("Transpose", inputs[:1], f"{name}/nchw", perm=_TO_NCHW),
                kernel,
                *inputs[2:],
            ],
            f"{name}/conv",
            auto_pad=_PADDING[padding],
            strides=_listed(attributes, "strides")[1:3],
            dilations=_listed(attributes, "dilations")[1:3],
            group=groups,
        )
        for fused in attributes.get("fused_ops", {}).get("list", {}).get("s", []):
            result = _activated(graph, name, result, base64.b64decode(fused).decode())
        graph.put("Transpose", [result], name, perm=_TO_NHWC)

    return add


def _activated(graph: OnnxGraph, name: str, result: str, activation: str) -> str:
    if activation == "BiasAdd":
        return result
    if activation == "Relu":
        return graph.put("Relu", [result], f"{name}/relu")
    if activation == "Relu6":
        limits = [
            graph.constant(f"{name}/{limit}", np.asarray(limit, np.float32)) for limit in (0, 6)
        ]
        return graph.put("Clip", [result, *limits], f"{name}/relu")
    raise ValueError(f"activation {activation} of {name} unknown; known: Relu, Relu6")


def _resize(graph: OnnxGraph, name: str, inputs: list[str], attributes: Attributes) -> None:
    flags = [key for key, value in attributes.items() if value.get("b")]
    if "align_corners" in flags:
        mode = "align_corners"
    else:
        mode = "half_pixel" if "half_pixel_centers" in flags else "asymmetric"
    # With `axes` for the two sides alone, ONNX Runtime cannot eliminate the transposes around it.
    sizes = [
        graph.put("Shape", inputs[:1], f"{name}/batch", start=0, end=1),
        graph.integers(f"{name}/sides", graph.values(inputs[1])),
        graph.put("Shape", inputs[:1], f"{name}/channels", start=3, end=4),
    ]
    graph.put(
        "Resize",
        [inputs[0], "", "", graph.put("Concat", sizes, f"{name}/sizes", axis=0)],
        name,
        mode="linear",
        coordinate_transformation_mode=mode,
    )


def _sum(graph: OnnxGraph, name: str, inputs: list[str], attributes: Attributes) -> None:
    if graph.are_constant(inputs):
        graph.fold(name, graph.values(inputs[0]) + graph.values(inputs[1]))
    else:
        graph.put("Add", inputs, name)


def _dense(graph: OnnxGraph, name: str, inputs: list[str], attributes: Attributes) -> None:
    places, shape, values, default = (graph.values(each) for each in inputs)
    dense = np.full(shape, default)
    dense[tuple(places.reshape(-1, dense.ndim).T)] = values
    graph.fold(name, dense)


def _transpose(graph: OnnxGraph, name: str, inputs: list[str], attributes: Attributes) -> None:
    order = [int(axis) for axis in graph.values(inputs[1])]
    graph.put("Transpose", inputs[:1], name, perm=order)


def _pad(graph: OnnxGraph, name: str, inputs: list[str], attributes: Attributes) -> None:
    before_and_after = graph.integers(f"{name}/pads", graph.values(inputs[1]).T.ravel())
    filling = [
        graph.constant(f"{name}/filling", np.asarray(graph.values(value), np.float32))
        for value in inputs[2:]
    ]
    graph.put("Pad", [inputs[0], before_and_after, *filling], name)


def _leaky_relu(graph: OnnxGraph, name: str, inputs: list[str], attributes: Attributes) -> None:
    graph.put("LeakyRelu", inputs, name, alpha=float(attributes["alpha"]["f"]))


def _max_pool(graph: OnnxGraph, name: str, inputs: list[str], attributes: Attributes) -> None:
    graph.put("Transpose", inputs, f"{name}/nchw", perm=_TO_NCHW)
    graph.put(
        "MaxPool",
        [f"{name}/nchw"],
        f"{name}/pool",
        auto_pad=_PADDING[base64.b64decode(attributes["padding"]["s"]).decode()],
        kernel_shape=_listed(attributes, "ksize")[1:3],
        strides=_listed(attributes, "strides")[1:3],
    )
    graph.put("Transpose", [f"{name}/pool"], name, perm=_TO_NHWC)


def _split(graph: OnnxGraph, name: str, inputs: list[str], attributes: Attributes) -> None:
    lengths = graph.values(inputs[1])
    parts = [tensor(f"{name}:{index}") for index in range(len(lengths))]
    split = [inputs[0], graph.integers(f"{name}/lengths", lengths)]
    axis = int(graph.values(inputs[2]).item())
    graph.nodes.append(helper.make_node("Split", split, parts, axis=axis))


def _cast(graph: OnnxGraph, name: str, inputs: list[str], attributes: Attributes) -> None:
    graph.put("Cast", inputs, name, to=TYPES[attributes["DstT"]["type"]])


def _unpack(graph: OnnxGraph, name: str, inputs: list[str], attributes: Attributes) -> None:
    axis, count = int(attributes["axis"]["i"]), int(attributes["num"]["i"])
    parts = [f"{name}/part:{index}" for index in range(count)]
    split = helper.make_node("Split", inputs, parts, axis=axis, num_outputs=count)
    graph.nodes.append(split)
    axes = graph.integers(f"{name}/axes", axis)
    for index, part in enumerate(parts):
        graph.put("Squeeze", [part, axes], tensor(f"{name}:{index}"))


def _pack(graph: OnnxGraph, name: str, inputs: list[str], attributes: Attributes) -> None:
    axis = int(attributes["axis"]["i"])
    axes = graph.integers(f"{name}/axes", axis)
    parts = [
        graph.put("Unsqueeze", [part, axes], f"{name}/part:{index}")
        for index, part in enumerate(inputs)
    ]
    graph.put("Concat", parts, name, axis=axis)


def _expand_dims(graph: OnnxGraph, name: str, inputs: list[str], attributes: Attributes) -> None:
    axes = graph.integers(f"{name}/axes", graph.values(inputs[1]))
    graph.put("Unsqueeze", [inputs[0], axes], name)


def _squeeze(graph: OnnxGraph, name: str, inputs: list[str], attributes: Attributes) -> None:
    axes = graph.integers(f"{name}/axes", _listed(attributes, "squeeze_dims"))
    graph.put("Squeeze", [inputs[0], axes], name)


def _reshape(graph: OnnxGraph, name: str, inputs: list[str], attributes: Attributes) -> None:
    shape = graph.integers(f"{name}/shape", graph.values(inputs[1]))
    graph.put("Reshape", [inputs[0], shape], name)


def _arg_max(graph: OnnxGraph, name: str, inputs: list[str], attributes: Attributes) -> None:
    axis = int(graph.values(inputs[1]).item())
    graph.put("ArgMax", [inputs[0]], f"{name}/int64", axis=axis, keepdims=0)
    graph.put("Cast", [f"{name}/int64"], name, to=TYPES[attributes["output_type"]["type"]])


def _gather(graph: OnnxGraph, name: str, inputs: list[str], attributes: Attributes) -> None:
    graph.put("Cast", [inputs[1]], f"{name}/indices", to=TensorProto.INT64)
    graph.put("GatherND", [inputs[0], f"{name}/indices"], name)


def _concatenate(graph: OnnxGraph, name: str, inputs: list[str], attributes: Attributes) -> None:
    graph.put("Concat", inputs[:-1], name, axis=int(graph.values(inputs[-1]).item()))


def _squared_difference(
    graph: OnnxGraph, name: str, inputs: list[str], attributes: Attributes
) -> None:
    graph.put("Sub", inputs, f"{name}/difference")
    graph.put("Mul", [f"{name}/difference"] * 2, name)


OPERATORS: dict[str, Callable[[OnnxGraph, str, list[str], Attributes], None]] = {
    "Add": _sum,
    "AddV2": _sum,
    "ArgMax": _arg_max,
    "Cast": _cast,
    "ConcatV2": _concatenate,
    "Conv2D": _convolution(depthwise=False),
    "DepthwiseConv2dNative": _convolution(depthwise=True),
    "ExpandDims": _expand_dims,
    "FloorDiv": _plain("Div"),  # of non-negative numbers
    "FusedDepthwiseConv2dNative": _convolution(depthwise=True),
    "GatherNd": _gather,
    "Identity": _plain("Identity"),
    "LeakyRelu": _leaky_relu,
    "MaxPool": _max_pool,
    "Mul": _plain("Mul"),
    "Pack": _pack,
    "Pad": _pad,
    "PadV2": _pad,
    "RealDiv": _plain("Div"),
    "Reshape": _reshape,
    "ResizeBilinear": _resize,
    "Sigmoid": _plain("Sigmoid"),
    "SparseToDense": _dense,
    "SplitV": _split,
    "Sqrt": _plain("Sqrt"),
    "SquaredDifference": _squared_difference,
    "Squeeze": _squeeze,
    "Sub": _plain("Sub"),
    "Transpose": _transpose,
    "Unpack": _unpack,
    "_FusedConv2D": _convolution(depthwise=False),
}
"""Functions that add a TensorFlow operator to a graph, from its name, inputs and attributes."""

"""Converts TensorFlow.js graph models to ONNX, so that all networks run in one runtime."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
from onnx import helper

from benchmarks.peers.onnx_graph import OnnxGraph
from benchmarks.peers.tfjs_operators import OPERATORS, TYPES, Attributes, tensor
from mobilepose_core.typing import AnyArray

OPSET = 18


def convert(source: Path, target: Path) -> None:
    """Converts a graph model.

    Args:
        source: the model's .json file, with the weights beside it.
        target: the .onnx file.

    Raises:
        ValueError: the graph has an unsupported operator.
    """
    model = json.loads(source.read_text(encoding="utf-8"))
    graph = OnnxGraph(weights_of(model["weightsManifest"], source.parent))
    (given,) = model["signature"]["inputs"].values()
    asked = model["signature"]["outputs"].values()
    for node in model["modelTopology"]["node"]:
        if node["op"] not in ("Const", "Placeholder"):
            _add(graph, node)
    proto = helper.make_model(
        helper.make_graph(
            graph.nodes,
            source.stem,
            [_value_info(given)],
            [_value_info(entry) for entry in asked],
            graph.initializers,
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=10,
    )
    onnx.checker.check_model(proto)
    onnx.save_model(proto, str(target))


def weights_of(manifest: list[Attributes], folder: Path) -> dict[str, AnyArray]:
    """The weights of a manifest, by name; half floats become floats."""
    weights: dict[str, AnyArray] = {}
    for group in manifest:
        data = b"".join((folder / name).read_bytes() for name in group["paths"])
        start = 0
        for entry in group["weights"]:
            kept = np.dtype(entry.get("quantization", entry)["dtype"])
            count = int(np.prod(entry["shape"], dtype=int))
            values = np.frombuffer(data, kept, count, start)
            weights[entry["name"]] = values.astype(entry["dtype"]).reshape(entry["shape"])
            start += values.nbytes
    return weights


def _add(graph: OnnxGraph, node: Attributes) -> None:
    if node["op"] not in OPERATORS:
        raise ValueError(
            f"operator {node['op']} of {node['name']} unknown; known: {sorted(OPERATORS)}"
        )
    inputs = [tensor(name) for name in node["input"]]
    OPERATORS[node["op"]](graph, node["name"], inputs, node.get("attr", {}))


def _value_info(entry: Attributes) -> onnx.ValueInfoProto:
    shape = [int(side["size"]) for side in entry["tensorShape"]["dim"]]
    return helper.make_tensor_value_info(tensor(entry["name"]), TYPES[entry["dtype"]], shape)

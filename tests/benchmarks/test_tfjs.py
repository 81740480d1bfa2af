"""Graph models of TensorFlow.js compute the same in ONNX."""

import base64
import json

import numpy as np
import onnxruntime
import pytest
from benchmarks.peers import tfjs


def _attributes(**values):
    return {name: {kind: value} for name, (kind, value) in values.items()}


def _graph(folder, nodes, weights, out_shape=(1, 4, 4, 2)):
    """A graph model from a picture 4x4x2 to `out`, written as TensorFlow.js keeps it."""
    entries = [
        {"name": name, "shape": list(value.shape), "dtype": str(value.dtype)}
        for name, value in weights.items()
    ]
    (folder / "net.bin").write_bytes(b"".join(value.tobytes() for value in weights.values()))
    picture, out = (
        {
            "name": name,
            "dtype": "DT_FLOAT",
            "tensorShape": {"dim": [{"size": str(side)} for side in shape]},
        }
        for name, shape in (("picture:0", (1, 4, 4, 2)), ("out:0", out_shape))
    )
    model = {
        "modelTopology": {"node": [{"op": "Placeholder", "name": "picture"}, *nodes]},
        "weightsManifest": [{"paths": ["net.bin"], "weights": entries}],
        "signature": {"inputs": {"picture:0": picture}, "outputs": {"out:0": out}},
    }
    path = folder / "net.json"
    path.write_text(json.dumps(model))
    return path


def _text(value):
    return base64.b64encode(value.encode()).decode()


def test_a_graph_of_tensorflow_js_computes_the_same_in_onnx(tmp_path):
    convolution = _attributes(
        padding=("s", _text("SAME")),
        strides=("list", {"i": ["1", "2", "2", "1"]}),
        dilations=("list", {"i": ["1", "1", "1", "1"]}),
        fused_ops=("list", {"s": [_text("BiasAdd"), _text("Relu6")]}),
    )
    nodes = [
        {
            "op": "FusedDepthwiseConv2dNative",
            "name": "conv",
            "input": ["picture", "kernel", "bias"],
            "attr": convolution,
        },
        {
            "op": "ResizeBilinear",
            "name": "out",
            "input": ["conv", "size"],
            "attr": _attributes(half_pixel_centers=("b", False), align_corners=("b", False)),
        },
    ]
    kernel = np.zeros((3, 3, 2, 1), np.float32)
    kernel[0, 0] = 1  # at stride 2 on an even side, SAME pads after, not before: top left stays
    weights = {
        "kernel": kernel,
        "bias": np.array([0, 5], np.float32),
        "size": np.array([4, 4], np.int32),
    }

    tfjs.convert(_graph(tmp_path, nodes, weights), tmp_path / "net.onnx")
    session = onnxruntime.InferenceSession(str(tmp_path / "net.onnx"))
    picture = np.arange(32, dtype=np.float32).reshape(1, 4, 4, 2) / 8
    (out,) = session.run(None, {"picture": picture})

    small = np.minimum(picture[0, ::2, ::2] + [0, 5], 6)
    # Cell i of 4 lies at i / 2 of 2, and beyond the last one is the last one.
    across = np.stack([small[:, 0], small.mean(axis=1), small[:, 1], small[:, 1]], axis=1)
    expected = np.stack([across[0], across.mean(axis=0), across[1], across[1]])
    assert out[0] == pytest.approx(expected)


def test_padding_pooling_and_splitting_are_those_of_tensorflow(tmp_path):
    one_apart = _attributes(
        strides=("list", {"i": ["1"] * 4}), dilations=("list", {"i": ["1"] * 4})
    )
    pool = _attributes(ksize=("list", {"i": ["1", "2", "2", "1"]}), padding=("s", _text("VALID")))
    nodes = [
        {"op": "Transpose", "name": "first", "input": ["picture", "order"]},
        {"op": "Transpose", "name": "back", "input": ["first", "back/order"]},
        {"op": "Pad", "name": "pad", "input": ["back", "around"]},
        {
            "op": "Conv2D",
            "name": "conv",
            "input": ["pad", "kernel"],
            "attr": {**one_apart, **_attributes(padding=("s", _text("VALID")))},
        },
        {
            "op": "LeakyRelu",
            "name": "relu",
            "input": ["conv"],
            "attr": _attributes(alpha=("f", 0.5)),
        },
        {"op": "PadV2", "name": "low", "input": ["relu", "around", "nought"]},
        {
            "op": "MaxPool",
            "name": "pool",
            "input": ["low"],
            "attr": {**pool, "strides": one_apart["strides"]},
        },
        {"op": "SplitV", "name": "parts", "input": ["pool", "lengths", "axis"]},
        {
            "op": "SparseToDense",
            "name": "dense",
            "input": ["places", "count", "filled", "none"],
        },
        {"op": "AddV2", "name": "shape", "input": ["dense", "more"]},
        {"op": "Reshape", "name": "flat", "input": ["parts:1", "shape"]},
        {"op": "Add", "name": "out", "input": ["flat", "flat"]},
    ]
    weights = {
        "order": np.array([0, 3, 1, 2], np.int32),
        "back/order": np.array([0, 2, 3, 1], np.int32),
        "around": np.array([[0, 0], [1, 0], [0, 0], [0, 0]], np.int32),  # one row above
        "kernel": np.array([[[[-1.0, 2.0], [0.0, 0.0]]]], np.float32),  # both of the first channel
        "nought": np.array(-100, np.float32),
        "lengths": np.array([1, 1], np.int32),
        "axis": np.array(3, np.int32),
        "places": np.array([[1], [2]], np.int32),
        "count": np.array([4], np.int32),
        "filled": np.array([4, 2], np.int32),
        "none": np.array(0, np.int32),
        "more": np.array([1, 1, 1, 1], np.int32),  # with the dense one: 1, 5, 3, 1
    }
    path = _graph(tmp_path, nodes, weights, (1, 5, 3, 1))
    picture = np.arange(-16, 16, dtype=np.float32).reshape(1, 4, 4, 2)

    tfjs.convert(path, tmp_path / "net.onnx")
    session = onnxruntime.InferenceSession(str(tmp_path / "net.onnx"))
    (out,) = session.run(None, {"picture": picture})

    assert out.shape == (1, 5, 3, 1)
    rows = np.pad(picture[0, ..., 0], ((1, 0), (0, 0))) * 2
    rows = np.where(rows < 0, rows / 2, rows)
    above = np.vstack([np.full((1, 4), -100), rows])
    pooled = np.maximum(above[:-1], above[1:])
    pooled = np.maximum(pooled[:, :-1], pooled[:, 1:])
    assert out[0, ..., 0] == pytest.approx(2 * pooled)


def test_an_unknown_operator_is_named(tmp_path):
    path = _graph(tmp_path, [{"op": "Einsum", "name": "out", "input": ["picture"]}], {})

    with pytest.raises(ValueError, match=r"operator Einsum of out unknown; known: .*'AddV2'"):
        tfjs.convert(path, tmp_path / "net.onnx")

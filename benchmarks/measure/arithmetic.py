"""Peak arithmetic throughput of the machine: a product of large matrices in ONNX Runtime."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from mobilepose_core.inference.runtime.session import OnnxSession

SIDE = 768
GMAC = SIDE**3 / 1e9
"""Multiply-adds of one product, billions."""


def matrix_product(folder: Path, threads: int) -> Callable[[], Any]:
    """A function that multiplies two square matrices once.

    Args:
        folder: for the .onnx file.
        threads: of ONNX Runtime.
    """
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    values = np.random.default_rng(0).random((SIDE, SIDE), dtype=np.float32)
    left, product = (
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [SIDE, SIDE])
        for name in ("left", "product")
    )
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["left", "right"], ["product"])],
        "product",
        [left],
        [product],
        [numpy_helper.from_array(values, "right")],
    )
    path = folder / "product.onnx"
    onnx.save_model(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10),
        str(path),
    )
    network = OnnxSession(path, "cpu", threads)
    return lambda: network.run(values)

"""A builder of ONNX graphs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

from mobilepose_core.typing import AnyArray


class OnnxGraph:
    """A graph of operators and constants, in the order of their addition.

    Attributes:
        nodes: the operators.
        initializers: the constants.
    """

    def __init__(self, weights: Mapping[str, AnyArray]) -> None:
        """Takes weights by name; used weights become constants."""
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: list[onnx.TensorProto] = []
        self._weights = dict(weights)
        self._written: set[str] = set()

    def values(self, name: str) -> AnyArray:
        """The values of a weight."""
        return self._weights[name]

    def are_constant(self, names: list[str]) -> bool:
        """Whether all given tensors are weights."""
        return all(name in self._weights for name in names)

    def fold(self, name: str, values: AnyArray) -> None:
        """Adds a weight: the output of an operator on weights."""
        self._weights[name] = values

    def put(self, operator: str, inputs: list[str], output: str, **attributes: Any) -> str:
        """Adds an ONNX operator with one output."""
        for name in inputs:
            if name in self._weights and name not in self._written:
                self.constant(name, self._weights[name])
        self.nodes.append(helper.make_node(operator, inputs, [output], **attributes))
        return output

    def constant(self, name: str, values: AnyArray) -> str:
        """Adds a constant."""
        self._written.add(name)
        self.initializers.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def integers(self, name: str, values: Any) -> str:
        """Adds an integer vector, as for axes and shapes."""
        return self.constant(name, np.atleast_1d(np.asarray(values, dtype=np.int64)))

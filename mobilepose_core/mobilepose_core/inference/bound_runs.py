"""A session's runs with input and outputs at fixed places of a GPU's memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime

from mobilepose_core.inference import providers

Array = npt.NDArray[Any]

KEPT = 16
"""Shapes of inputs whose places are kept, the newest."""

NO_GRAPH = -1
"""ONNX Runtime's number for a run without one."""

TOLERANCE = 1e-2
"""Largest difference between a run and its recorded graph, in shares of values beyond 1."""


@dataclass(frozen=True, eq=False)
class _Places:
    """Where the values of one shape of input lie, and the number of its graph."""

    binding: Any
    input: Any
    outputs: list[Any]
    graph: int


class BoundRuns:
    """ONNX Runtime's IO binding, for each shape of input once.

    A run copies the input to the device and the outputs back, and allocates nothing. Where the user
    asks for CUDA graphs, the second run of a shape is recorded, and later ones replay it.
    """

    def __init__(self, session: onnxruntime.InferenceSession, device: str = "cuda") -> None:
        """Takes a session.

        Args:
            session: with one input.
            device: whose memory it is, as ONNX Runtime calls it: `cuda` or `cpu`.
        """
        self._session, self._device = session, device
        self._with_graph = providers.uses_cuda_graph()
        self._places: dict[tuple[int, ...], _Places] = {}
        self._made = 0

    def __call__(self, values: Array, options: onnxruntime.RunOptions) -> list[Array]:
        """The outputs for an input.

        Args:
            values: of the input.
            options: whose `terminate` ends the run.

        Raises:
            Exception: ONNX Runtime's own.
            RuntimeError: a recorded graph gives something else than the network.
        """
        places = self._places.get(values.shape)
        if places is None:
            return self._first(values, options)
        return self._run(places, values, options)

    def _first(self, values: Array, options: onnxruntime.RunOptions) -> list[Array]:
        """Runs unbound, which tells the shapes of the outputs, and binds what comes later."""
        inputs = {self._session.get_inputs()[0].name: values}
        plain = self._told(NO_GRAPH, options)
        outputs = [np.asarray(value) for value in self._session.run(None, inputs, plain)]
        if len(self._places) == KEPT:
            self._places.pop(next(iter(self._places)))
        places = self._places[values.shape] = self._bind(values, outputs)
        if self._with_graph:
            self._record(places, values, outputs, options)
        return outputs

    def _bind(self, values: Array, outputs: list[Array]) -> _Places:
        binding = self._session.io_binding()
        place, filled = self._room(values), [self._room(output) for output in outputs]
        binding.bind_ortvalue_input(self._session.get_inputs()[0].name, place)
        for entry, value in zip(self._session.get_outputs(), filled, strict=True):
            binding.bind_ortvalue_output(entry.name, value)
        self._made += 1
        return _Places(binding, place, filled, graph=self._made)

    def _room(self, like: Array) -> Any:
        return onnxruntime.OrtValue.ortvalue_from_shape_and_type(
            like.shape, like.dtype, self._device, 0
        )

    def _run(self, places: _Places, values: Array, options: onnxruntime.RunOptions) -> list[Array]:
        places.input.update_inplace(np.ascontiguousarray(values))
        self._session.run_with_iobinding(places.binding, self._told(places.graph, options))
        return [np.array(output.numpy()) for output in places.outputs]

    def _record(
        self,
        places: _Places,
        values: Array,
        outputs: list[Array],
        options: onnxruntime.RunOptions,
    ) -> None:
        """Has a graph recorded, and compares what its replay gives."""
        self._run(places, values, options)
        for expected, found in zip(outputs, self._run(places, values, options), strict=True):
            if (np.abs(found - expected) > TOLERANCE * np.maximum(1, np.abs(expected))).any():
                raise RuntimeError(
                    f"the CUDA graph for inputs of {values.shape} gives something else than the "
                    f"network; unset {providers.GRAPH_VARIABLE}"
                )

    def _told(self, graph: int, options: onnxruntime.RunOptions) -> onnxruntime.RunOptions:
        """Options of a run that records or replays a graph, which cannot be ended in its midst."""
        if not self._with_graph:
            return options
        told = onnxruntime.RunOptions()
        told.add_run_config_entry("gpu_graph_id", str(graph))
        told.terminate = options.terminate
        return told

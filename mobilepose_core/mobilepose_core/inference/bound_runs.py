"""A session's runs with input and outputs at fixed places of a GPU's memory."""

from __future__ import annotations

import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime

from mobilepose_core.inference import providers

Array = npt.NDArray[Any]

KEPT = 16
"""Shapes of inputs whose places are kept, the newest; graphs, which stay, are of the first."""

NO_GRAPH = -1
"""ONNX Runtime's number for a run without one."""

_RUNS_TO_RECORD = 2
"""Of one shape, the second of which ONNX Runtime records."""

TOLERANCE = 1e-2
"""Largest difference between a run and its recorded graph, in shares of values beyond 1."""


def batches_for(most: int) -> list[int]:
    """The sizes of batches, the smallest first, of which runs for so many things and fewer are."""
    return [2**power for power in range((most - 1).bit_length() + 1)]


@dataclass(frozen=True, eq=False)
class _Places:
    """Where the values of one shape of input lie, and the number of its graph."""

    binding: Any
    input: Any
    outputs: list[Any]
    graph: int


class BoundRuns:
    """ONNX Runtime's IO binding, for each shape of input once.

    A run copies the input to the device and the outputs back, and allocates nothing. What is new to
    a GPU costs it up to a second, so that batches are filled up to powers of two; where no graphs
    are recorded, which stay, but the last shape alone is remembered, to the largest so far.

    With graphs, each of the first `KEPT` shapes is recorded, and later runs of its replay that; a
    graph that gives something else than the network is told of and not used. ONNX Runtime keeps
    graphs by thread: all runs are on one of their own, whatever thread asks.

    Outputs whose shape the values decide cannot be bound: such a network runs unbound once they
    change.
    """

    def __init__(
        self, session: onnxruntime.InferenceSession, device: str = "cuda", with_graphs: bool = False
    ) -> None:
        """Takes a session.

        Args:
            session: with one input.
            device: whose memory it is, as ONNX Runtime calls it: `cuda` or `cpu`.
            with_graphs: whether the session was opened for recording.
        """
        self._session, self._device, self._with_graphs = session, device, with_graphs
        self._places: dict[tuple[int, ...], _Places | None] = {}
        self._recorded = 0
        self._largest = 1
        self._thread = ThreadPoolExecutor(1, "network") if with_graphs else None

    def __call__(self, values: Array, options: onnxruntime.RunOptions) -> list[Array]:
        """The outputs for an input.

        Args:
            values: of the input, one thing for each index of the first axis.
            options: whose `terminate` ends the run.

        Raises:
            Exception: ONNX Runtime's own.
        """
        count, filled = len(values), self._filled(values)
        if self._thread is None:
            outputs = self._outputs(filled, options)
        else:
            outputs = self._thread.submit(self._outputs, filled, options).result()
        return outputs if count == len(filled) else [output[:count] for output in outputs]

    def _filled(self, values: Array) -> Array:
        """The values, the last one so often again that a batch of that size may be known."""
        size = batches_for(len(values))[-1]
        if not self._with_graphs:
            size = self._largest = max(size, self._largest)
        return np.concatenate([values, *[values[-1:]] * (size - len(values))])

    def _outputs(self, values: Array, options: onnxruntime.RunOptions) -> list[Array]:
        shape = values.shape
        if shape not in self._places:
            return self._first(values, options)
        places = self._places[shape]
        if places is not None:
            try:
                return self._run(places, values, options)
            except Exception:  # ONNX Runtime's own exceptions share no public base class
                if options.terminate:
                    raise
                self._places[shape] = None
        return self._unbound(values, options)

    def _first(self, values: Array, options: onnxruntime.RunOptions) -> list[Array]:
        """Runs unbound, which tells the shapes of the outputs, and binds what comes later."""
        outputs = self._unbound(values, options)
        if len(self._places) == KEPT:
            self._places.pop(next(iter(self._places)))
        places = self._bind(values, outputs)
        if self._with_graphs and self._recorded < KEPT:
            places = self._recorded_at(places, values, outputs, options)
        self._places[values.shape] = places
        return outputs

    def _unbound(self, values: Array, options: onnxruntime.RunOptions) -> list[Array]:
        inputs = {self._session.get_inputs()[0].name: values}
        outputs = self._session.run(None, inputs, self._told(NO_GRAPH, options))
        return [np.asarray(output) for output in outputs]

    def _bind(self, values: Array, outputs: list[Array]) -> _Places:
        binding = self._session.io_binding()
        place, filled = self._room(values), [self._room(output) for output in outputs]
        binding.bind_ortvalue_input(self._session.get_inputs()[0].name, place)
        for entry, value in zip(self._session.get_outputs(), filled, strict=True):
            binding.bind_ortvalue_output(entry.name, value)
        return _Places(binding, place, filled, NO_GRAPH)

    def _room(self, like: Array) -> Any:
        return onnxruntime.OrtValue.ortvalue_from_shape_and_type(
            like.shape, like.dtype, self._device, 0
        )

    def _run(self, places: _Places, values: Array, options: onnxruntime.RunOptions) -> list[Array]:
        places.input.update_inplace(np.ascontiguousarray(values))
        self._session.run_with_iobinding(places.binding, self._told(places.graph, options))
        outputs = [place.numpy() for place in places.outputs]  # copied where it is a GPU's memory
        return [output.copy() for output in outputs] if self._device == "cpu" else outputs

    def _recorded_at(
        self,
        places: _Places,
        values: Array,
        outputs: list[Array],
        options: onnxruntime.RunOptions,
    ) -> _Places:
        """The places with a graph, if its replay gives what the network gave."""
        self._recorded += 1
        with_graph = replace(places, graph=self._recorded)
        try:
            for _ in range(_RUNS_TO_RECORD):
                self._run(with_graph, values, options)
            for place, expected in zip(places.outputs, outputs, strict=True):
                place.update_inplace(np.zeros_like(expected))
            replayed = self._run(with_graph, values, options)
        except Exception as error:  # ONNX Runtime's own exceptions share no public base class
            if options.terminate:
                raise
            problem = f"cannot be recorded ({error})"
        else:
            if all(map(_agree, replayed, outputs)):
                return with_graph
            problem = "gives something else than the network"
        warnings.warn(
            f"the CUDA graph for {self._session.get_inputs()[0].name} of {values.shape} {problem} "
            f"and is not used; {providers.GRAPH_VARIABLE}=0 has none recorded",
            RuntimeWarning,
            stacklevel=2,
        )
        return places

    def _told(self, graph: int, options: onnxruntime.RunOptions) -> onnxruntime.RunOptions:
        """Options of a run that records or replays a graph, which cannot be ended in its midst."""
        if not self._with_graphs:
            return options
        told = providers.run_options()
        told.add_run_config_entry("gpu_graph_id", str(graph))
        told.terminate = options.terminate
        return told


def _agree(found: Array, expected: Array) -> bool:
    if found.dtype.kind != "f":
        return bool((found == expected).all())
    apart = np.abs(found - expected)
    return bool((apart <= TOLERANCE * np.maximum(1, np.abs(expected))).all())

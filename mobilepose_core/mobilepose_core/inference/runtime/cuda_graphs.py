"""ONNX Runtime sessions with IO binding: fixed GPU buffers, and CUDA graphs."""

from __future__ import annotations

import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import onnxruntime

from mobilepose_core.inference.runtime import providers
from mobilepose_core.typing import AnyArray

_Kind = tuple[tuple[int, ...], np.dtype[Any]]

KEPT = 16
"""Largest number of recorded graphs, and of recent shapes with buffers but without a graph."""

NO_GRAPH = -1
"""ONNX Runtime's graph number for a run without a graph."""

_RUNS_TO_RECORD = 2
"""ONNX Runtime records a graph during the second run of a shape."""

TOLERANCE = 1e-2
"""Largest difference between a run and the replay of its graph, absolute and relative."""

_ALONE = threading.Lock()


def batch_sizes(most: int) -> list[int]:
    """The batch sizes, ascending, that runs of up to `most` inputs are padded to."""
    return [2**power for power in range((most - 1).bit_length() + 1)]


@dataclass(frozen=True, eq=False)
class _Places:
    """The bound buffers of one input shape, and the number of its graph."""

    binding: Any
    input: Any
    outputs: list[Any]
    graph: int


class GraphRunner:
    """Runs a session with buffers that are bound once for each input shape.

    A run copies the input to the device and the outputs back, and allocates nothing. A new shape
    takes a GPU up to a second, so batches are padded: with graphs to the next power of two, without
    graphs (ONNX Runtime then remembers only the last shape) to the largest batch so far.

    With graphs, each of the first `KEPT` shapes is recorded, and later runs replay its graph. A
    graph whose replay differs from the network is reported and not used. ONNX Runtime keeps graphs
    per thread, so all runs take place on one dedicated thread. A process makes one run at a time,
    since nothing else may use the GPU during a recording.

    Outputs with data-dependent shapes cannot be bound: such a network runs unbound as soon as a
    shape changes.

    Attributes:
        with_graphs: whether graphs are recorded.
    """

    def __init__(
        self, session: onnxruntime.InferenceSession, device: str = "cuda", with_graphs: bool = False
    ) -> None:
        """Takes a session.

        Args:
            session: with one input.
            device: of the buffers, as ONNX Runtime calls it: `cuda` or `cpu`.
            with_graphs: whether the session was opened for recording graphs.
        """
        self.with_graphs = with_graphs
        self._session, self._device = session, device
        self._input = session.get_inputs()[0]
        self._places: dict[_Kind, _Places | None] = {}
        self._recorded = 0
        self._largest, self._fills_to_largest = 1, not with_graphs
        self._thread = ThreadPoolExecutor(1, "network") if with_graphs else None

    def __call__(self, values: AnyArray, options: onnxruntime.RunOptions) -> list[AnyArray]:
        """The outputs for an input.

        Args:
            values: the input; the first axis is the batch.
            options: whose `terminate` cancels the run.

        Raises:
            Exception: ONNX Runtime's own.
        """
        count, filled = len(values), self._filled(values)
        if self._thread is None:
            outputs = self._outputs(filled, options)
        else:
            outputs = self._thread.submit(self._outputs, filled, options).result()
        self._largest = max(self._largest, len(filled))
        return outputs if count == len(filled) else [output[:count] for output in outputs]

    def _filled(self, values: AnyArray) -> AnyArray:
        """The batch, padded with its last value to a size that is likely bound already."""
        size = batch_sizes(len(values))[-1]
        if self._fills_to_largest:
            size = max(size, self._largest)
        missing = size - len(values)
        is_fixed = isinstance(self._input.shape[0], int)
        if not missing or not len(values) or is_fixed:
            return values
        return np.concatenate([values, *[values[-1:]] * missing])

    def _outputs(self, values: AnyArray, options: onnxruntime.RunOptions) -> list[AnyArray]:
        with _ALONE:
            kind = values.shape, values.dtype
            if kind not in self._places:
                return self._first(values, options)
            places = self._places[kind]
            if places is None or options.terminate:  # a replay ignores `terminate`
                return self._unbound(values, options)
            try:
                return self._run(places, values, options)
            except Exception:  # ONNX Runtime's own exceptions share no public base class
                if options.terminate:
                    raise
                outputs = self._unbound(values, options)
                if [v.shape for v in outputs] != [tuple(v.shape()) for v in places.outputs]:
                    self._places[kind] = None
                return outputs

    def _first(self, values: AnyArray, options: onnxruntime.RunOptions) -> list[AnyArray]:
        """Runs unbound, which yields the output shapes, and binds buffers for later runs."""
        outputs = self._unbound(values, options)
        places = self._bind(values, outputs)
        if self.with_graphs and self._recorded < KEPT:
            places = self._recorded_at(places, values, outputs, options)
        without = [kind for kind, old in self._places.items() if not old or old.graph == NO_GRAPH]
        if len(without) == KEPT:
            self._places.pop(without[0])
        self._places[values.shape, values.dtype] = places
        return outputs

    def _unbound(self, values: AnyArray, options: onnxruntime.RunOptions) -> list[AnyArray]:
        inputs = {self._input.name: values}
        outputs = self._session.run(None, inputs, self._options_with(NO_GRAPH, options))
        return [np.asarray(output) for output in outputs]

    def _bind(self, values: AnyArray, outputs: list[AnyArray]) -> _Places:
        binding = self._session.io_binding()
        place, filled = self._allocated(values), [self._allocated(output) for output in outputs]
        binding.bind_ortvalue_input(self._input.name, place)
        for entry, value in zip(self._session.get_outputs(), filled, strict=True):
            binding.bind_ortvalue_output(entry.name, value)
        return _Places(binding, place, filled, NO_GRAPH)

    def _allocated(self, like: AnyArray) -> Any:
        return onnxruntime.OrtValue.ortvalue_from_shape_and_type(
            like.shape, like.dtype, self._device, 0
        )

    def _run(
        self, places: _Places, values: AnyArray, options: onnxruntime.RunOptions
    ) -> list[AnyArray]:
        places.input.update_inplace(np.ascontiguousarray(values))
        self._session.run_with_iobinding(places.binding, self._options_with(places.graph, options))
        outputs = [place.numpy() for place in places.outputs]  # a copy for GPU memory
        return [output.copy() for output in outputs] if self._device == "cpu" else outputs

    def _recorded_at(
        self,
        places: _Places,
        values: AnyArray,
        outputs: list[AnyArray],
        options: onnxruntime.RunOptions,
    ) -> _Places:
        """The buffers with a graph, if its replay reproduces the network's outputs."""
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
            problem = "differs from the network"
        self._fills_to_largest = True
        warnings.warn(
            f"the CUDA graph for {self._input.name} of {values.shape} {problem} "
            f"and is not used; {providers.GRAPH_VARIABLE}=0 turns graphs off",
            RuntimeWarning,
            stacklevel=2,
        )
        return places

    def _options_with(self, graph: int, options: onnxruntime.RunOptions) -> onnxruntime.RunOptions:
        """Options of a run that records or replays a graph; once started it cannot be cancelled."""
        if not self.with_graphs:
            return options
        own = providers.run_options()
        own.add_run_config_entry("gpu_graph_id", str(graph))
        own.terminate = options.terminate
        return own


def _agree(found: AnyArray, expected: AnyArray) -> bool:
    return bool(np.isclose(found, expected, TOLERANCE, TOLERANCE, equal_nan=True).all())

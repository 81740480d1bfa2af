"""A network with one input in ONNX Runtime, which another thread may interrupt."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mobilepose_core.inference.runtime import devices, model_file, providers
from mobilepose_core.inference.runtime.cuda_graphs import GraphRunner
from mobilepose_core.typing import AnyArray


class OnnxSession:
    """An .onnx file, loaded on a device.

    Attributes:
        file: that it was loaded from.
        provider: the execution provider that ONNX Runtime really uses.
        fallback: why that is not the device that was asked for; empty where it is.
        metadata: what the file says of itself, texts by their keys.
        inputs, outputs: names, types and shapes, as ONNX Runtime tells them.
    """

    def __init__(self, model: str | Path, device: str = "auto", threads: int = 0) -> None:
        """Loads a network.

        Args:
            model: a released model's name, or a path to an .onnx file.
            device: one of `devices.DEVICES`; `auto` takes the GPU where ONNX Runtime can use one.
            threads: of the CPU; 0 takes one for each core.

        Raises:
            ValueError: no such model, or an unknown device.
        """
        self.file = model_file.find(model)
        self._session, self.fallback = devices.open_session(self.file.path, device, threads)
        self.provider: str = self._session.get_providers()[0]
        self.metadata: dict[str, str] = self._session.get_modelmeta().custom_metadata_map
        self.inputs, self.outputs = self._session.get_inputs(), self._session.get_outputs()
        self._run_options = providers.run_options()
        self._bound = (
            GraphRunner(self._session, with_graphs=providers.with_graphs(self._session))
            if self.provider in providers.GPU
            else None
        )

    @property
    def uses_cuda_graphs(self) -> bool:
        """Whether it runs on a GPU that records a graph for every shape of input."""
        return self._bound is not None and self._bound.with_graphs

    def run(self, values: AnyArray) -> list[AnyArray]:
        """What the network gives for its input, all outputs in their order.

        Raises:
            Exception: ONNX Runtime's own, when `interrupt` was called or the input does not fit.
        """
        if self._bound is not None:
            return self._bound(values, self._run_options)
        outputs = self._session.run(None, {self.inputs[0].name: values}, self._run_options)
        return [np.asarray(output) for output in outputs]

    def interrupt(self) -> None:
        """Ends a call that another thread makes, and later ones, with ONNX Runtime's exception."""
        self._run_options.terminate = True

    def resume(self) -> None:
        """Takes `interrupt` back."""
        self._run_options.terminate = False

    def names(self) -> list[str]:
        """Of the inputs, then of the outputs."""
        return [entry.name for entry in (*self.inputs, *self.outputs)]

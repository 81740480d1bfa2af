"""A network with one input in ONNX Runtime, which another thread can interrupt."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mobilepose_core.inference.runtime import devices, model_check, model_file, providers
from mobilepose_core.inference.runtime.cuda_graphs import GraphRunner
from mobilepose_core.typing import AnyArray


class OnnxSession:
    """An .onnx file, loaded on a device.

    Attributes:
        file: the loaded file.
        provider: the execution provider that ONNX Runtime uses.
        fallback: why it is not on the requested device; empty if it is.
        metadata: of the file, texts by key.
        inputs, outputs: names, types and shapes, as ONNX Runtime reports them.
    """

    def __init__(self, model: str | Path, device: str = "auto", threads: int = 0) -> None:
        """Loads a network.

        Args:
            model: a released model's name, or a path to an .onnx file.
            device: one of `devices.DEVICES`; `auto` takes the GPU if ONNX Runtime can use one.
            threads: CPU threads; 0 takes one per core.

        Raises:
            ModelError: no such model, or it differs from its card, or `model_check` refuses it.
            DeviceError: an unknown device, or the file cannot be loaded.
        """
        self.file = model_file.find(model)
        model_check.check(self.file.path.read_bytes(), self.file.path)
        self._session, self.fallback = devices.open_session(self.file.path, device, threads)
        self.provider: str = self._session.get_providers()[0]
        self.metadata: dict[str, str] = self._session.get_modelmeta().custom_metadata_map
        self.inputs, self.outputs = self._session.get_inputs(), self._session.get_outputs()
        self._run_options = providers.run_options()
        self._bound = (
            GraphRunner(self._session, with_graphs=providers.with_graphs(self._session))
            if self.provider in providers.GPU_PROVIDERS
            else None
        )

    @property
    def uses_cuda_graphs(self) -> bool:
        """Whether it runs on a GPU and records a CUDA graph for each input shape."""
        return self._bound is not None and self._bound.with_graphs

    def run(self, values: AnyArray) -> list[AnyArray]:
        """All outputs of the network for an input, in order.

        Raises:
            Exception: ONNX Runtime's own, after `interrupt`, or if the input's shape is wrong.
        """
        if self._bound is not None:
            return self._bound(values, self._run_options)
        outputs = self._session.run(None, {self.inputs[0].name: values}, self._run_options)
        return [np.asarray(output) for output in outputs]

    def interrupt(self) -> None:
        """Cancels a call in another thread, and later ones, with ONNX Runtime's exception."""
        self._run_options.terminate = True

    def resume(self) -> None:
        """Allows calls again after `interrupt`."""
        self._run_options.terminate = False

    def describe(self) -> dict[str, str]:
        """Its model, checksum and provider, for logs and diagnostics."""
        return {
            "model": self.file.name,
            "model SHA-256": self.file.checksum,
            "provider": self.provider,
        }

    def names(self) -> list[str]:
        """The names of the inputs, then of the outputs."""
        return [entry.name for entry in (*self.inputs, *self.outputs)]

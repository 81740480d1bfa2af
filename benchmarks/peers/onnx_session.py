"""ONNX Runtime on the CPU, as peers are run."""

from __future__ import annotations

from pathlib import Path

import onnxruntime


def cpu_session(path: Path, threads: int) -> onnxruntime.InferenceSession:
    """A network that runs on some threads of the CPU."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

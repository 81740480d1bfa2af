"""Peak memory of a process that loads and runs one network only.

    python -m benchmarks.measure.memory final.onnx 1,224,224,3 --threads 2

Prints bytes. They include Python, NumPy and the network's runtime.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np

RUNS = 3


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("network", type=Path, help="an .onnx or .tflite file")
    parser.add_argument("shape", help="of its input, sides with commas between")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    shape = tuple(int(side) for side in options.shape.split(","))
    run = _run_litert if options.network.suffix == ".tflite" else _run_onnx
    run(options.network, shape, options.threads)
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (peak,) = re.findall(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
    print(int(peak) * 1024)
    return 0


def peak_bytes(path: Path, shape: tuple[int, ...], threads: int) -> int | None:
    """Peak resident memory of a child process that runs a network; None if unknown."""
    sides = ",".join(str(side) for side in shape)
    command = [sys.executable, "-m", __name__, str(path), sides, f"--threads={threads}"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    child = subprocess.run(command, env=environment, capture_output=True, text=True)
    return int(child.stdout) if child.returncode == 0 else None


def _run_onnx(path: Path, shape: tuple[int, ...], threads: int) -> None:
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    (entry,) = session.get_inputs()
    kind = {"tensor(float)": np.float32, "tensor(int32)": np.int32}.get(entry.type, np.uint8)
    for _ in range(RUNS):
        session.run(None, {entry.name: np.zeros(shape, kind)})


def _run_litert(path: Path, shape: tuple[int, ...], threads: int) -> None:
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(str(path), num_threads=threads)
    interpreter.allocate_tensors()
    entry = interpreter.get_input_details()[0]
    for _ in range(RUNS):
        interpreter.set_tensor(entry["index"], np.zeros(shape, entry["dtype"]))
        interpreter.invoke()


if __name__ == "__main__":
    sys.exit(main())

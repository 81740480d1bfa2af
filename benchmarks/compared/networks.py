"""Networks that are timed alone, in ONNX Runtime or LiteRT."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peers.packages import UnavailableError
from benchmarks.peers.roster import PEERS
from benchmarks.picture import astronaut
from mobilepose_core import person_map
from mobilepose_core.inference.detection.finder_detector import FinderDetector
from mobilepose_core.inference.pose_model import PoseModel
from mobilepose_core.inference.runtime.model_file import released_models, released_pose_models
from mobilepose_core.inference.runtime.session import OnnxSession
from mobilepose_core.typing import AnyArray, ImageArray

WIDTH, HEIGHT = 640, 480
"""Size of the frame for person detectors, pixels."""

ONNX, LITERT = "ONNX Runtime", "LiteRT"
FINDER = "finder"


@dataclass(frozen=True)
class BenchmarkNetwork:
    """A network's file, and how to run it.

    Attributes:
        name: of the network.
        path: an .onnx or .tflite file.
        shape: of its input, with a batch of one.
        open: loads it for a number of threads; returns a function that runs it once.
    """

    name: str
    path: Path
    shape: tuple[int, ...]
    open: Callable[[int], Callable[[], Any]]

    @property
    def runtime(self) -> str:
        """The runtime that runs it."""
        return LITERT if self.path.suffix == ".tflite" else ONNX


def ours(name: str) -> BenchmarkNetwork:
    """A released model: a pose network on a crop, or a person detector on a frame."""
    if name not in released_pose_models():
        return _finder(name)
    session = PoseModel(name, "cpu", threads=1)
    crops = crops_of(session)

    def open_session(threads: int) -> Callable[[], Any]:
        opened = PoseModel(name, "cpu", threads)
        return lambda: opened.run(crops)

    return BenchmarkNetwork(name, session.file.path, crops.shape, open_session)


def crops_of(session: PoseModel, people: int = 1) -> ImageArray:
    """(N, H, W, 3) crops of a person, the network's input."""
    return session.seen(np.repeat(astronaut(session.size, session.size)[None], people, axis=0))


def peer(name: str) -> BenchmarkNetwork:
    """Another project's network.

    Raises:
        UnavailableError: it cannot be downloaded, or its runtime is not installed.
    """
    return replace(from_file(PEERS[name]()), name=name)


def from_file(path: Path) -> BenchmarkNetwork:
    """A user's .onnx or .tflite file, with one input of a fixed shape.

    Raises:
        UnavailableError: its runtime is not installed.
        ValueError: it cannot be loaded, or its input has no fixed shape.
    """
    if path.suffix == ".tflite":
        return _litert(path)
    entry = OnnxSession(path, "cpu", threads=1).inputs[0]
    if not all(isinstance(extent, int) for extent in entry.shape):
        raise ValueError(f"{path} takes inputs of {entry.shape}; expected a fixed shape")
    return _onnx(path.stem, path, picture(tuple(entry.shape), entry.type))


def names() -> list[str]:
    """The names of all networks: ours, then others."""
    return [*released_models(), *PEERS]


def picture(shape: tuple[int, ...], kind: str) -> AnyArray:
    """A random picture as a network's input, of a type as ONNX Runtime or NumPy names it."""
    values = np.random.default_rng(0).integers(0, 256, shape)
    if "float" in kind:
        return values.astype(np.float32) / np.float32(255)
    return values.astype(np.int32 if "int32" in kind else np.uint8)


def _finder(name: str) -> BenchmarkNetwork:
    detector = FinderDetector(name, "cpu", threads=1)
    canvas = person_map.canvas_of(WIDTH, HEIGHT, detector.size)
    return _onnx(name, detector.file.path, canvas.show(astronaut(WIDTH, HEIGHT))[None])


def _onnx(name: str, path: Path, values: AnyArray) -> BenchmarkNetwork:
    def open_session(threads: int) -> Callable[[], Any]:
        network = OnnxSession(path, "cpu", threads)
        return lambda: network.run(values)

    return BenchmarkNetwork(name, path, values.shape, open_session)


def _litert(path: Path) -> BenchmarkNetwork:
    if importlib.util.find_spec("ai_edge_litert") is None:
        raise UnavailableError("ai-edge-litert is not installed; `make setup` installs it")
    from ai_edge_litert.interpreter import Interpreter

    entry = Interpreter(str(path)).get_input_details()[0]
    values = picture(tuple(int(extent) for extent in entry["shape"]), entry["dtype"].__name__)

    def open_interpreter(threads: int) -> Callable[[], Any]:
        interpreter = Interpreter(str(path), num_threads=threads)
        interpreter.allocate_tensors()
        outputs = [output["index"] for output in interpreter.get_output_details()]

        def run() -> list[AnyArray]:
            interpreter.set_tensor(entry["index"], values)
            interpreter.invoke()
            return [interpreter.get_tensor(output) for output in outputs]

        return run

    return BenchmarkNetwork(path.stem, path, values.shape, open_interpreter)

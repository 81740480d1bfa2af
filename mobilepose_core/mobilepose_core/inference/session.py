"""The network in ONNX Runtime: crops in, joints in crop pixels out."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import onnxruntime

from mobilepose_core import heatmap, skeleton
from mobilepose_core.inference import model_file

Floats = npt.NDArray[np.float32]
Device = Literal["auto", "cpu", "cuda"]
DEVICES: tuple[str, ...] = get_args(Device)

INPUT = "crops"
HEATMAPS = "heatmaps"
COORDINATES = "coordinates"
SKELETON_KEY = "mobilepose.skeleton"

_CUDA = "CUDAExecutionProvider"
_CPU = "CPUExecutionProvider"


class PoseSession:
    """A pose network, loaded and checked.

    Attributes:
        model: the file it came from.
        size: side of the crops it takes, pixels.
        provider: the execution provider that ONNX Runtime really uses.
        fallback: why that is not the device that was asked for; empty where it is.
    """

    def __init__(self, model: str | Path, device: str = "auto", threads: int = 0) -> None:
        """Loads a model.

        Args:
            model: a released model's name, or a path to an .onnx file that `mobilepose export`
                wrote.
            device: `auto` takes the GPU where ONNX Runtime can use one.
            threads: of the CPU; 0 takes one for each core.

        Raises:
            ValueError: no such model, not one of ours, or an unknown device.
        """
        if device not in DEVICES:
            raise ValueError(f"device {device!r} unknown; known: {', '.join(DEVICES)}")
        if threads < 0:
            raise ValueError(f"threads is 0 (one for each core) or more, got {threads}")
        self.model = model_file.find(model)
        self._session = _open(self.model.path, _providers(device), threads)
        self._output, self.size = _check_interface(self._session, self.model.path)
        self._run_options = onnxruntime.RunOptions()
        self.provider: str = self._session.get_providers()[0]
        self.fallback = ""
        if self.provider != _CUDA and (device == "cuda" or _CUDA in _providers(device)):
            self.fallback = _why_no_cuda()

    def __call__(self, crops: npt.NDArray[np.uint8]) -> tuple[Floats, Floats]:
        """Joints of the person in each crop.

        Args:
            crops: (N, size, size, 3) uint8, BGR.

        Returns:
            (N, 11, 2) float32 x, y in crop pixels, and (N, 11) float32 scores in [0, 1].
        """
        (values,) = self._session.run([self._output], {INPUT: crops}, self._run_options)
        if self._output == COORDINATES:
            joints = values * np.float32(self.size) - np.float32(0.5)
            return joints, np.ones(joints.shape[:2], dtype=np.float32)
        cells, scores = heatmap.decode(values)
        return heatmap.crop_from_cells(cells, self.size // values.shape[-1]), scores

    def interrupt(self) -> None:
        """Ends a call that another thread makes, and later ones, with ONNX Runtime's exception."""
        self._run_options.terminate = True

    def resume(self) -> None:
        """Takes `interrupt` back."""
        self._run_options.terminate = False


def _providers(device: str) -> list[str]:
    if device == "cpu" or _CUDA not in onnxruntime.get_available_providers():
        return [_CPU]
    return [_CUDA, _CPU]


def _why_no_cuda() -> str:
    if _CUDA not in onnxruntime.get_available_providers():
        return (
            "this ONNX Runtime is built without CUDA; install onnxruntime-gpu instead of "
            "onnxruntime"
        )
    return "ONNX Runtime could not load its CUDA provider; are CUDA and cuDNN installed?"


def _open(path: Path, providers: list[str], threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=providers)
    except Exception as error:  # ONNX Runtime's own exceptions share no public base class
        raise ValueError(f"{path} cannot be loaded as an ONNX model: {error}") from error


def _check_interface(session: onnxruntime.InferenceSession, path: Path) -> tuple[str, int]:
    """The name of the output and the side of the crops, of a model that is one of ours."""
    inputs, outputs = session.get_inputs(), session.get_outputs()
    names = [entry.name for entry in (*inputs, *outputs)]
    foreign = ValueError(
        f"{path} is no mobilepose network: it has inputs and outputs {names}; expected "
        f"{INPUT!r} and {HEATMAPS!r} or {COORDINATES!r}, as `mobilepose export` writes them"
    )
    if len(names) != 2 or names[0] != INPUT or names[1] not in (HEATMAPS, COORDINATES):
        raise foreign
    shape = inputs[0].shape
    if len(shape) != 4 or shape[1] != shape[2] or not isinstance(shape[1], int):
        raise foreign
    kept = session.get_modelmeta().custom_metadata_map.get(SKELETON_KEY)
    if kept != skeleton.NAME:
        raise ValueError(f"{path} finds the joints of skeleton {kept!r}; expected {skeleton.NAME}")
    return outputs[0].name, shape[1]

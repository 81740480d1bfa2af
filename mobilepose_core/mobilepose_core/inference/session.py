"""The network in ONNX Runtime: crops in, joints in crop pixels out."""

from __future__ import annotations

import contextlib
import io
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # ONNX Runtime reads it as it is imported
import onnxruntime

from mobilepose_core import heatmap, skeleton
from mobilepose_core.inference import model_file
from mobilepose_core.inference.scores import CALIBRATION_KEY, Calibration, margins_of

Floats = npt.NDArray[np.float32]
Device = Literal["auto", "cpu", "cuda"]
DEVICES: tuple[str, ...] = get_args(Device)

INPUT = "crops"
HEATMAPS = "heatmaps"
COORDINATES = "coordinates"
SKELETON_KEY = "mobilepose.skeleton"

_CUDA = "CUDAExecutionProvider"
_CPU = "CPUExecutionProvider"
_WARNING, _ERROR, _FATAL = 2, 3, 4
"""Severities of ONNX Runtime's log; a warning is its default."""


class PoseSession:
    """A pose network, loaded and checked.

    Attributes:
        model: the file it came from.
        size: side of the crops it takes, pixels.
        output: what the network gives: `HEATMAPS` or `COORDINATES`.
        provider: the execution provider that ONNX Runtime really uses.
        fallback: why that is not the device that was asked for; empty where it is.
        calibration: what makes scores of peaks; None where the file has none, and where peaks are
            the scores.
    """

    def __init__(self, model: str | Path, device: str = "auto", threads: int = 0) -> None:
        """Loads a model.

        Args:
            model: a released model's name, or a path to an .onnx file that `mobilepose export`
                wrote.
            device: `auto` takes the GPU where ONNX Runtime can use one.
            threads: of the CPU; 0 takes one for each core.

        Raises:
            ValueError: no such model, not one of ours, its calibration cannot be read, or an
                unknown device.
        """
        self.model = model_file.find(model)
        self._session, self.fallback = open_session(self.model.path, device, threads)
        self.output, self.size = _check_interface(self._session, self.model.path)
        self.calibration = _calibration(self._session, self.model.path)
        self._run_options = onnxruntime.RunOptions()
        self.provider: str = self._session.get_providers()[0]

    def __call__(
        self, crops: npt.NDArray[np.uint8], pictures: Floats | None = None
    ) -> tuple[Floats, Floats]:
        """Joints of the person in each crop.

        Args:
            crops: (N, size, size, 3) uint8, BGR.
            pictures: (N, 4) x0, y0, x1, y1, the borders of the picture that each is cut from, crop
                pixels (`crop.picture_in_crop`); None where nothing is cut off.

        Returns:
            (N, 11, 2) float32 x, y in crop pixels, and (N, 11) float32 scores in [0, 1]: the chance
            that the joint is right, where the model is calibrated.
        """
        joints, peaks = self.joints_and_peaks(crops)
        if self.calibration is None:
            return joints, peaks
        return joints, self.calibration(peaks, margins_of(joints, pictures, self.size))

    def joints_and_peaks(self, crops: npt.NDArray[np.uint8]) -> tuple[Floats, Floats]:
        """Joints as a call gives them, and (N, 11) float32 heights of their peaks in [0, 1].

        The peaks of a network without heatmaps are 1.
        """
        (values,) = self._session.run([self.output], {INPUT: crops}, self._run_options)
        if self.output == COORDINATES:
            joints = values * np.float32(self.size) - np.float32(0.5)
            return joints, np.ones(joints.shape[:2], dtype=np.float32)
        cells, peaks = heatmap.decode(values)
        return heatmap.crop_from_cells(cells, self.size // values.shape[-1]), peaks

    def interrupt(self) -> None:
        """Ends a call that another thread makes, and later ones, with ONNX Runtime's exception."""
        self._run_options.terminate = True

    def resume(self) -> None:
        """Takes `interrupt` back."""
        self._run_options.terminate = False


def open_session(path: Path, device: str, threads: int) -> tuple[onnxruntime.InferenceSession, str]:
    """A network in ONNX Runtime, ours or another.

    Args:
        path: of the .onnx file.
        device: `auto` takes the GPU where ONNX Runtime can use one.
        threads: of the CPU; 0 takes one for each core.

    Returns:
        The session, and why it is not on the device that was asked for; empty where it is.

    Raises:
        ValueError: the file is no ONNX model, or an unknown device.
    """
    if device not in DEVICES:
        raise ValueError(f"device {device!r} unknown; known: {', '.join(DEVICES)}")
    if threads < 0:
        raise ValueError(f"threads is 0 (one for each core) or more, got {threads}")
    if device == "cpu":
        return _open(path, [_CPU], threads), ""
    if _CUDA not in onnxruntime.get_available_providers():
        reason = "this ONNX Runtime is built without CUDA; install onnxruntime-gpu instead"
        return _open(path, [_CPU], threads), reason if device == "cuda" else ""
    problem = _preload_cuda()
    try:
        with _silent_onnx_runtime():
            session = _open(path, [_CUDA, _CPU], threads)
    except ValueError as error:
        session = _open(path, [_CPU], threads)
        problem = problem or str(error.__cause__).split("\n")[0]
    if session.get_providers()[0] == _CUDA:
        return session, ""
    return session, (
        f"ONNX Runtime could not load its CUDA provider{problem and f' ({problem})'}; is NVIDIA's "
        'driver installed, and are CUDA and cuDNN (pip install "onnxruntime-gpu[cuda,cudnn]")?'
    )


def _preload_cuda() -> str:
    """Loads CUDA's and cuDNN's libraries, those that pip installed too; the first that is missing.

    ONNX Runtime finds the others itself, and has no such function before 1.21.
    """
    if not hasattr(onnxruntime, "preload_dlls"):
        return ""
    with contextlib.redirect_stdout(io.StringIO()) as output:
        onnxruntime.preload_dlls()
    missing = re.search(r"^Failed to load .*?: (.*)", output.getvalue(), re.MULTILINE)
    return missing[1] if missing else ""


@contextlib.contextmanager
def _silent_onnx_runtime() -> Iterator[None]:
    """Keeps from the console what ONNX Runtime says of a GPU that it cannot use."""
    onnxruntime.set_default_logger_severity(_FATAL)
    try:
        yield
    finally:
        onnxruntime.set_default_logger_severity(_WARNING)


def _open(path: Path, providers: list[str], threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = _ERROR
    try:
        return onnxruntime.InferenceSession(
            str(path), options, providers=providers, enable_fallback=0
        )
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


def _calibration(session: onnxruntime.InferenceSession, path: Path) -> Calibration | None:
    kept = session.get_modelmeta().custom_metadata_map.get(CALIBRATION_KEY)
    if kept is None:
        return None
    try:
        return Calibration.parse(kept)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error

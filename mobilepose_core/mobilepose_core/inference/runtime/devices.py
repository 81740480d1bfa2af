"""Where a network runs: from the device that a user names to ONNX Runtime's execution provider."""

from __future__ import annotations

import contextlib
import importlib
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, get_args

import onnxruntime

from mobilepose_core.errors import DeviceError
from mobilepose_core.inference.runtime import providers
from mobilepose_core.inference.runtime.providers import CPU, CUDA, GPU, OPENVINO, TENSORRT, Provider

Device = Literal["auto", "cpu", "cuda", "tensorrt", "openvino"]
DEVICES: tuple[str, ...] = get_args(Device)

_WANTED: dict[str, tuple[Provider, ...]] = {
    "auto": (CUDA,),
    "cpu": (),
    "cuda": (CUDA,),
    "tensorrt": (TENSORRT, CUDA),
    "openvino": (OPENVINO,),
}


def open_session(path: Path, device: str, threads: int) -> tuple[onnxruntime.InferenceSession, str]:
    """A network in ONNX Runtime, ours or another.

    Args:
        path: of the .onnx file.
        device: `auto` takes CUDA where ONNX Runtime can use it, `tensorrt` CUDA where there is no
            TensorRT; without either all take the CPU.
        threads: of the CPU; 0 takes one for each core.

    Returns:
        The session, and why it is not on the device that was asked for; empty where it is.

    Raises:
        DeviceError: the file is no ONNX model, or an unknown device.
    """
    if device not in DEVICES:
        raise DeviceError(f"device {device!r} unknown; known: {', '.join(DEVICES)}")
    if threads < 0:
        raise DeviceError(f"threads is 0 (one for each core) or more, got {threads}")
    problems: list[str] = []
    for provider in _WANTED[device]:
        if provider.name in onnxruntime.get_available_providers():
            session, problem = _attempt(path, provider, threads)
            if session is not None:
                return session, "; ".join(problems)
            problems.append(problem)
        elif device != "auto":
            problems.append(
                f"this ONNX Runtime is built without {provider.library}; install "
                f"{provider.package} instead"
            )
    return providers.open_with(path, [CPU], threads), "; ".join(problems)


def _attempt(
    path: Path, provider: Provider, threads: int
) -> tuple[onnxruntime.InferenceSession | None, str]:
    """A session that uses a provider; or None, and why it cannot."""
    problem = _preload(provider)
    try:
        session = _first_allowed(path, provider, threads)
    except (ValueError, OSError) as error:
        problem = problem or str(error.__cause__ or error).split("\n")[0]
    else:
        if session.get_providers()[0] == provider.name:
            return session, ""
    return None, (
        f"ONNX Runtime could not load its {provider.library} provider{problem and f' ({problem})'}"
        f"; {provider.advice}"
    )


def _first_allowed(path: Path, provider: Provider, threads: int) -> onnxruntime.InferenceSession:
    """A session with the best of a provider's options that the file allows.

    Raises:
        DeviceError: it allows none.
        OSError: something that the provider keeps cannot be kept.
    """
    choices: list[list[providers.Choice]] = [
        [(provider.name, options), *provider.needs, CPU]
        for options in provider.options(path, threads)
    ]
    with _silent_onnx_runtime():
        for better in choices[:-1]:
            with contextlib.suppress(ValueError):
                return providers.open_with(path, better, threads, providers.FATAL)
        return providers.open_with(path, choices[-1], threads)


def _preload(provider: Provider) -> str:
    """Loads a GPU's libraries, those that pip installed too; the first that is missing.

    ONNX Runtime finds the others itself, and has no such function before 1.21.
    """
    if provider.name not in GPU or not hasattr(onnxruntime, "preload_dlls"):
        return ""
    with contextlib.redirect_stdout(io.StringIO()) as output:
        onnxruntime.preload_dlls()
    if provider is TENSORRT:
        with contextlib.suppress(ImportError):
            importlib.import_module("tensorrt")
    missing = re.search(r"^Failed to load .*?: (.*)", output.getvalue(), re.MULTILINE)
    return missing[1] if missing else ""


@contextlib.contextmanager
def _silent_onnx_runtime() -> Iterator[None]:
    """Keeps from the console what ONNX Runtime says of a device that it cannot use."""
    onnxruntime.set_default_logger_severity(providers.FATAL)
    try:
        yield
    finally:
        onnxruntime.set_default_logger_severity(providers.WARNING)

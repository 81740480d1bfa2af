"""Devices that users can choose, and the execution provider of ONNX Runtime for each."""

from __future__ import annotations

import contextlib
import importlib
import io
import re
from collections.abc import Iterator
from numbers import Integral
from pathlib import Path
from typing import Literal, get_args

import onnxruntime

from mobilepose_core.errors import DeviceError
from mobilepose_core.inference.runtime import providers
from mobilepose_core.inference.runtime.providers import (
    CPU,
    CUDA,
    GPU_PROVIDERS,
    OPENVINO,
    TENSORRT,
    Provider,
)

Device = Literal["auto", "cpu", "cuda", "tensorrt", "openvino"]
DEVICES: tuple[str, ...] = get_args(Device)

MAX_THREADS = 256
"""Of a network; ONNX Runtime starts as many as it is told, be they a million."""

_WANTED: dict[str, tuple[Provider, ...]] = {
    "auto": (CUDA,),
    "cpu": (),
    "cuda": (CUDA,),
    "tensorrt": (TENSORRT, CUDA),
    "openvino": (OPENVINO,),
}


def open_session(path: Path, device: str, threads: int) -> tuple[onnxruntime.InferenceSession, str]:
    """Opens an ONNX file on a device, with fallbacks.

    Args:
        path: of the .onnx file.
        device: `auto` takes CUDA if ONNX Runtime can use it, `tensorrt` falls back to CUDA; all
            fall back to the CPU.
        threads: CPU threads; 0 takes one per core.

    Returns:
        The session, and the reason for a fallback; empty if it runs on the requested device.

    Raises:
        DeviceError: the file is not an ONNX model, an unknown device, or no number of threads.
    """
    if device not in DEVICES:
        raise DeviceError(f"device {device!r} unknown; known: {', '.join(DEVICES)}")
    if not isinstance(threads, Integral) or not 0 <= threads <= MAX_THREADS:
        raise DeviceError(
            f"threads is a whole number from 0 (one for each core) to {MAX_THREADS}, got "
            f"{threads!r}"
        )
    threads = int(threads)
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
    """A session that uses a provider; or None and the reason."""
    problem = _preload(provider)
    try:
        session = _first_allowed(path, provider, threads)
    except (DeviceError, OSError) as error:
        problem = problem or str(error.__cause__ or error).split("\n")[0]
    else:
        if session.get_providers()[0] == provider.name:
            return session, ""
    return None, (
        f"ONNX Runtime could not load its {provider.library} provider{problem and f' ({problem})'}"
        f"; {provider.advice}"
    )


def _first_allowed(path: Path, provider: Provider, threads: int) -> onnxruntime.InferenceSession:
    """A session with the best of a provider's options that the file supports.

    Raises:
        DeviceError: it supports none.
        OSError: the provider's cache cannot be written.
    """
    choices: list[list[providers.Choice]] = [
        [(provider.name, options), *provider.needs, CPU]
        for options in provider.options(path, threads)
    ]
    with _silent_onnx_runtime():
        for better in choices[:-1]:
            with contextlib.suppress(DeviceError):
                return providers.open_with(path, better, threads, providers.FATAL)
        return providers.open_with(path, choices[-1], threads)


def _preload(provider: Provider) -> str:
    """Loads a GPU's libraries, including pip-installed ones; returns the first missing one.

    ONNX Runtime has this function since 1.21; system libraries it finds by itself.
    """
    if provider.name not in GPU_PROVIDERS or not hasattr(onnxruntime, "preload_dlls"):
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
    """Silences ONNX Runtime's log while devices are tried."""
    onnxruntime.set_default_logger_severity(providers.FATAL)
    try:
        yield
    finally:
        onnxruntime.set_default_logger_severity(providers.WARNING)

"""The name of the hardware that a network runs on, for /diagnostics."""

from __future__ import annotations

import functools
import platform
import re
from pathlib import Path

from mobilepose_core import GPU_PROVIDERS

ROOT = Path("/")


@functools.cache
def name(provider: str, root: Path = ROOT) -> str:
    """The hardware of an ONNX Runtime provider, such as `NVIDIA GeForce RTX 3060`; never empty.

    Args:
        provider: ONNX Runtime's name of the provider; empty for the machine's CPU.
        root: of the file system with /proc.
    """
    if provider in GPU_PROVIDERS and (gpu := _gpu(root)):
        return gpu
    board = _text(root / "proc/device-tree/model").strip("\0 \n")
    if provider in GPU_PROVIDERS:
        return board or "NVIDIA GPU"
    found = re.search(r"^(?:model name|Model)\s*: (.*\S)", _text(root / "proc/cpuinfo"), re.M)
    return board or (found.group(1) if found else f"{platform.machine()} CPU")


def _gpu(root: Path) -> str:
    """The first GPU's name according to NVIDIA's driver; empty if unknown."""
    for path in sorted((root / "proc/driver/nvidia/gpus").glob("*/information")):
        if found := re.search(r"^Model:\s*(.*\S)", _text(path), re.M):
            return found.group(1)
    return ""


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""

"""Description of the machine that a measurement ran on."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import onnxruntime


def description() -> dict[str, Any]:
    """CPU, cores available to this process, GPU, and versions; None for what is missing."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    kinds = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return {
        "cpu": kinds[0] if kinds else "unknown CPU",
        "cores": len(os.sched_getaffinity(0)),
        "gpu": _gpu(),
        "onnxruntime": onnxruntime.__version__,
        "litert": _version_of_litert(),
    }


def _gpu() -> str | None:
    if shutil.which("nvidia-smi") is None:
        return None
    query = ["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"]
    try:
        found = subprocess.run(query, capture_output=True, text=True, check=True, timeout=60)
    except (subprocess.SubprocessError, OSError):
        return None
    return found.stdout.splitlines()[0]


def _version_of_litert() -> str | None:
    try:
        return importlib.metadata.version("ai-edge-litert")
    except importlib.metadata.PackageNotFoundError:
        return None

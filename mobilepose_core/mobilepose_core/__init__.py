"""2D human pose for robots: the network, its training, and inference without ROS or torch."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mobilepose_core.inference import Pose, PoseEstimator

__all__ = ["Pose", "PoseEstimator"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """What needs ONNX Runtime, imported once it is asked for: the rest works without."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        return getattr(importlib.import_module("mobilepose_core.inference"), name)
    except ModuleNotFoundError as error:
        if error.name != "onnxruntime":
            raise
        raise ModuleNotFoundError(
            f"{name} needs ONNX Runtime, which the extra `cpu` or `gpu` brings: pip install "
            "'mobilepose_core[cpu]'",
            name=error.name,
        ) from error

"""2D human pose for robots: the network, its training, and inference without ROS or torch.

The names exported here are the public API; everything else may change without notice.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mobilepose_core import moved_modules
from mobilepose_core.errors import DataError, DeviceError, FrameError, MobilePoseError, ModelError

if TYPE_CHECKING:
    from mobilepose_core.inference import PoseEstimator, PoseModel
    from mobilepose_core.inference.runtime.model_file import released_models
    from mobilepose_core.inference.tracking.settings import Tracking
    from mobilepose_core.inference.tracking.smoothing import Smoothing
    from mobilepose_core.io.drawing import draw as draw_poses
    from mobilepose_core.pose import PersonBoxes, Pose
    from mobilepose_core.skeleton import Skeleton

__all__ = [
    "DataError",
    "DeviceError",
    "FrameError",
    "MobilePoseError",
    "ModelError",
    "PersonBoxes",
    "Pose",
    "PoseEstimator",
    "PoseModel",
    "Skeleton",
    "Smoothing",
    "Tracking",
    "draw_poses",
    "released_models",
]
__version__ = "0.1.0"

moved_modules.install()

_PLACES: Mapping[str, tuple[str, str]] = {
    "PersonBoxes": ("pose", "PersonBoxes"),
    "Pose": ("pose", "Pose"),
    "PoseEstimator": ("inference", "PoseEstimator"),
    "PoseModel": ("inference", "PoseModel"),
    "Skeleton": ("skeleton", "Skeleton"),
    "Smoothing": ("inference.tracking.smoothing", "Smoothing"),
    "Tracking": ("inference.tracking.settings", "Tracking"),
    "draw_poses": ("io.drawing", "draw"),
    "released_models": ("inference.runtime.model_file", "released_models"),
}


def __getattr__(name: str) -> Any:
    """Imports lazily, so that `import mobilepose_core` needs no ONNX Runtime."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    place, attribute = _PLACES[name]
    try:
        return getattr(importlib.import_module(f"mobilepose_core.{place}"), attribute)
    except ModuleNotFoundError as error:
        if error.name != "onnxruntime":
            raise
        raise ModuleNotFoundError(
            f"{name} needs ONNX Runtime, which the extras `cpu` and `gpu` install: pip install "
            "'mobilepose_core[cpu]'",
            name=error.name,
        ) from error

"""2D human pose for robots: the network, its training, and inference without ROS or torch.

The names exported here and in `mobilepose_core.errors`, `io`, `skeleton` and `typing` are the
public API; everything else may change without notice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mobilepose_core import moved_modules
from mobilepose_core.errors import DataError, DeviceError, FrameError, MobilePoseError, ModelError
from mobilepose_core.lazy_imports import lazy_imports

if TYPE_CHECKING:
    from mobilepose_core.inference import PoseEstimator, PoseModel
    from mobilepose_core.inference.detection.finder_detector import MAX_FIND_SIZE
    from mobilepose_core.inference.detection.person_detector import (
        PERSON_FINDERS,
        DetectorWrapper,
        PersonDetector,
    )
    from mobilepose_core.inference.pose_estimator import FrameClock, StampFault
    from mobilepose_core.inference.rotation import Rotation
    from mobilepose_core.inference.runtime.devices import DEVICES, MAX_THREADS
    from mobilepose_core.inference.runtime.model_file import released_models
    from mobilepose_core.inference.runtime.providers import GPU_PROVIDERS
    from mobilepose_core.inference.tracking.settings import Tracking
    from mobilepose_core.inference.tracking.smoothing import Smoothing
    from mobilepose_core.io.drawing import draw as draw_poses
    from mobilepose_core.pose import PersonBoxes, Pose
    from mobilepose_core.skeleton import Skeleton

__all__ = [
    "DEVICES",
    "GPU_PROVIDERS",
    "MAX_FIND_SIZE",
    "MAX_THREADS",
    "PERSON_FINDERS",
    "DataError",
    "DetectorWrapper",
    "DeviceError",
    "FrameClock",
    "FrameError",
    "MobilePoseError",
    "ModelError",
    "PersonBoxes",
    "PersonDetector",
    "Pose",
    "PoseEstimator",
    "PoseModel",
    "Rotation",
    "Skeleton",
    "Smoothing",
    "StampFault",
    "Tracking",
    "draw_poses",
    "released_models",
]
__version__ = "0.1.0"

moved_modules.install()

__getattr__ = lazy_imports(
    __name__,
    {
        "DEVICES": "inference.runtime.devices:DEVICES",
        "GPU_PROVIDERS": "inference.runtime.providers:GPU_PROVIDERS",
        "MAX_FIND_SIZE": "inference.detection.finder_detector:MAX_FIND_SIZE",
        "MAX_THREADS": "inference.runtime.devices:MAX_THREADS",
        "PERSON_FINDERS": "inference.detection.person_detector:PERSON_FINDERS",
        "DetectorWrapper": "inference.detection.person_detector:DetectorWrapper",
        "FrameClock": "inference.pose_estimator:FrameClock",
        "PersonBoxes": "pose:PersonBoxes",
        "PersonDetector": "inference.detection.person_detector:PersonDetector",
        "Pose": "pose:Pose",
        "PoseEstimator": "inference:PoseEstimator",
        "PoseModel": "inference:PoseModel",
        "Rotation": "inference.rotation:Rotation",
        "Skeleton": "skeleton:Skeleton",
        "Smoothing": "inference.tracking.smoothing:Smoothing",
        "StampFault": "inference.pose_estimator:StampFault",
        "Tracking": "inference.tracking.settings:Tracking",
        "draw_poses": "io.drawing:draw",
        "released_models": "inference.runtime.model_file:released_models",
    },
)

"""The runtime, from a frame to poses: NumPy, OpenCV and ONNX Runtime, no torch."""

import os

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # read when ONNX Runtime is imported

from mobilepose_core.inference.pose_estimator import PoseEstimator
from mobilepose_core.inference.pose_model import PoseModel
from mobilepose_core.pose import Pose

__all__ = ["Pose", "PoseEstimator", "PoseModel"]

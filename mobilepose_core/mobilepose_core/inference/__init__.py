"""From a picture to the joints of the people in it: NumPy, OpenCV and ONNX Runtime, no torch."""

import os

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # ONNX Runtime reads it as it is imported

from mobilepose_core.inference.pose_estimator import PoseEstimator
from mobilepose_core.inference.pose_model import PoseModel
from mobilepose_core.pose import Pose

__all__ = ["Pose", "PoseEstimator", "PoseModel"]

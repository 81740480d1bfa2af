"""2D human pose for robots: the network, its training, and inference without ROS or torch."""

from mobilepose_core.inference import Pose, PoseEstimator

__all__ = ["Pose", "PoseEstimator"]
__version__ = "0.1.0"

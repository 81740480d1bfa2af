"""Fields of ROS messages to arrays and back, without ROS: rclpy's messages or another library's.

Public are the names in `__all__`, among them modules.
"""

from mobilepose_core.io.pixel_limit import MAX_PIXELS
from mobilepose_core.messages import compressed_depth, compressed_images, images, markers, poses
from mobilepose_core.messages.camera_model import CameraModel
from mobilepose_core.messages.camera_model_cache import CameraModelCache, RecentCameraInfos
from mobilepose_core.messages.depth_check import people_in_metres
from mobilepose_core.messages.depth_map import DepthMap
from mobilepose_core.messages.fields import MessageTypes
from mobilepose_core.messages.image_scale import scale_between, scaled
from mobilepose_core.messages.images import bgr_from_image
from mobilepose_core.messages.joints_from_depth import ALIGN
from mobilepose_core.messages.markers import MarkerStyle, PersonMarkers
from mobilepose_core.messages.stamps import SECOND, nanoseconds
from mobilepose_core.typing import ImageSize as Size

__all__ = [
    "ALIGN",
    "MAX_PIXELS",
    "SECOND",
    "CameraModel",
    "CameraModelCache",
    "DepthMap",
    "MarkerStyle",
    "MessageTypes",
    "PersonMarkers",
    "RecentCameraInfos",
    "Size",
    "bgr_from_image",
    "compressed_depth",
    "compressed_images",
    "images",
    "markers",
    "nanoseconds",
    "people_in_metres",
    "poses",
    "scale_between",
    "scaled",
]

"""Where up is and how high the camera is: from TF, or from how the camera is mounted."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from geometry_msgs.msg import TransformStamped
from rclpy.impl.rcutils_logger import RcutilsLogger
from rclpy.time import Time
from std_msgs.msg import Header

from mobilepose_core.behaviour import Ground
from mobilepose_ros.rotations import matrix_of
from mobilepose_ros.transforms import TransformInput
from mobilepose_ros.warn_once import WarnOnce

UP_IN_IMAGE: Mapping[int, tuple[float, float, float]] = {
    0: (0.0, -1.0, 0.0),
    90: (-1.0, 0.0, 0.0),
    180: (0.0, 1.0, 0.0),
    270: (1.0, 0.0, 0.0),
}
"""Up in the optical frame of a level camera, by the clockwise rotation that makes its images
upright, degrees."""


def level(image_rotation: int = 0) -> Ground:
    """Up for a camera that is taken to be level; its height is unknown."""
    return Ground(np.array(UP_IN_IMAGE[image_rotation]), None)


def ground_of(transform: TransformStamped) -> Ground:
    """The ground as TF tells it.

    Args:
        transform: from the optical frame to one whose z is up, and 0 on the ground, such as
            base_footprint.

    Raises:
        ValueError: the rotation is invalid, or the camera would not be above the ground.
    """
    height = transform.transform.translation.z
    if not (math.isfinite(height) and height > 0):
        raise ValueError(
            f"by TF, frame {transform.child_frame_id} of the camera is {height:.2f} m above frame "
            f"{transform.header.frame_id}: set ground_frame to a frame that lies on the ground"
        )
    return Ground(matrix_of(transform.transform.rotation)[2], height)


class GroundInput:
    """The ground for each image, by TF where that knows it.

    Attributes:
        trouble: why TF's ground cannot be used; empty if nothing is wrong.
    """

    def __init__(self, transforms: TransformInput, log: RcutilsLogger) -> None:
        """Takes what knows TF, and the node's logger."""
        self.trouble = ""
        self._transforms = transforms
        self._log = log
        self._warnings = WarnOnce(log)
        self._frame = ""

    def of_image(self, header: Header, frame: str, image_rotation: int) -> Ground:
        """The ground for an image.

        Args:
            header: of the image.
            frame: on the ground; empty for none: then the camera is taken to be level.
            image_rotation: the parameter, degrees.
        """
        ground = None
        error = ""
        try:
            ground = self._by_tf(header, frame)
        except ValueError as wrong:
            error = f"the camera is taken to be level: {wrong}"
        self.trouble = self._warnings.warn([error])
        if ground is not None and self._frame != frame:
            self._frame = frame
            self._log.info(
                f"TF has the camera {ground.height:.2f} m above the ground (frame {frame})"
            )
        return ground or level(image_rotation)

    def _by_tf(self, header: Header, frame: str) -> Ground | None:
        if not frame:
            return None
        found = self._transforms.lookup(frame, header.frame_id, Time.from_msg(header.stamp))
        return None if found is None else ground_of(found)

"""CameraInfo of a camera without distortion."""

from __future__ import annotations

import math

from sensor_msgs.msg import CameraInfo
from std_msgs.msg import Header


def pinhole_info(header: Header, width: int, height: int, field_of_view: float) -> CameraInfo:
    """CameraInfo of a camera without distortion, with a centred principal point.

    Args:
        header: the image's.
        width: of the image, pixels.
        height: of the image, pixels.
        field_of_view: horizontal, degrees, more than 0.
    """
    focal = width / 2 / math.tan(math.radians(field_of_view) / 2)
    cx, cy = (width - 1) / 2, (height - 1) / 2
    return CameraInfo(
        header=header,
        width=width,
        height=height,
        distortion_model="plumb_bob",
        d=[0.0] * 5,
        k=[focal, 0.0, cx, 0.0, focal, cy, 0.0, 0.0, 1.0],
        r=[1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0],
        p=[focal, 0.0, cx, 0.0, 0.0, focal, cy, 0.0, 0.0, 0.0, 1.0, 0.0],
    )

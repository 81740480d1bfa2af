"""sensor_msgs/Image of a BGR array."""

from __future__ import annotations

import numpy as np
from sensor_msgs.msg import Image
from std_msgs.msg import Header

from mobilepose_core.messages import bgr_from_image
from mobilepose_core.typing import ImageArray

__all__ = ["bgr_from_image", "image_from_bgr"]


def image_from_bgr(picture: ImageArray, header: Header) -> Image:
    """A picture as a bgr8 message.

    Args:
        picture: (H, W, 3) uint8 BGR.
        header: of the message, unchanged.
    """
    height, width = picture.shape[:2]
    image = Image(
        header=header,
        height=height,
        width=width,
        encoding="bgr8",
        is_bigendian=0,
        step=3 * width,
    )
    # Image(data=...) would copy the pixels twice more, into new memory.
    image.data.frombytes(np.ascontiguousarray(picture).data)
    return image

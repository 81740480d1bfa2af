"""Every parameter of the node `view`: name, type, default, range and description."""

from __future__ import annotations

from dataclasses import dataclass

from mobilepose_core.view import DEFAULT_HOST, DEFAULT_PORT, MAX_SIDE, QUALITY
from mobilepose_ros.parameter_table import parameter, read_only_like
from mobilepose_ros.parameters import PoseParameters

LAST_PORT = 65535


@dataclass(frozen=True)
class ViewParameters:
    """Parameters of the node `view`."""

    host: str = parameter(
        DEFAULT_HOST,
        "address that the page listens on; other than loopback everybody who reaches it sees the "
        "images, without a password and without encryption",
        read_only=True,
    )
    port: int = parameter(
        DEFAULT_PORT, "port of the page; 0 takes a free one", span=(0, LAST_PORT), read_only=True
    )
    foxglove_port: int = parameter(
        0,
        "port for Foxglove, such as 8765, which needs foxglove-sdk; any page that is open in a "
        "browser of this machine can connect to it; 0 is none",
        span=(0, LAST_PORT),
        read_only=True,
    )
    image_transport: str = read_only_like(
        PoseParameters, "image_transport", "transport of the images, as of the pose node"
    )
    image_reliability: str = read_only_like(
        PoseParameters,
        "image_reliability",
        "reliability of the subscription to images: auto is reliable if every publisher is, "
        "otherwise best effort",
    )
    max_image_pixels: int = read_only_like(PoseParameters, "max_image_pixels")
    max_side: int = parameter(
        MAX_SIDE,
        "longer side of the image on the page, pixels; larger images are reduced",
        span=(16, 16384),
        read_only=True,
    )
    jpeg_quality: int = parameter(
        QUALITY, "quality of the JPEG that is sent", span=(1, 100), read_only=True
    )

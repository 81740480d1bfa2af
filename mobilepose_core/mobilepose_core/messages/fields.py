"""The fields that are read of ROS messages: whichever library made them.

rclpy's messages have these fields, and so have those of rosbags.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol


class Header(Protocol):
    """std_msgs/Header; it is passed on unchanged."""

    stamp: Any
    frame_id: str


class Image(Protocol):
    """sensor_msgs/Image."""

    header: Any
    height: int
    width: int
    encoding: str
    is_bigendian: int
    step: int
    data: Any


class CompressedImage(Protocol):
    """sensor_msgs/CompressedImage."""

    header: Any
    format: str
    data: Any


class CameraInfo(Protocol):
    """sensor_msgs/CameraInfo."""

    header: Any
    height: int
    width: int
    distortion_model: str
    d: Any
    k: Any
    r: Any
    p: Any
    binning_x: int
    binning_y: int
    roi: Any


@dataclass(frozen=True)
class MessageTypes:
    """Constructors of the messages that are made here, called with fields by name.

    Fields that are not given are empty or 0, those of nested messages too.
    """

    Joint2D: Callable[..., Any]
    Joint3D: Callable[..., Any]
    Pose2D: Callable[..., Any]
    Pose2DArray: Callable[..., Any]
    Pose3D: Callable[..., Any]
    Pose3DArray: Callable[..., Any]
    Skeleton: Callable[..., Any]
    RegionOfInterest: Callable[..., Any]
    Duration: Callable[..., Any]
    Point: Callable[..., Any]
    Vector3: Callable[..., Any]
    ColorRGBA: Callable[..., Any]
    Marker: Callable[..., Any]
    MarkerArray: Callable[..., Any]
